"""The document says what the service does: valid OpenAPI 3.1, every answer documented, found true by fuzzing."""

from typing import Any

import pytest
from flask import Flask
from marshmallow import fields
from openapi_spec_validator import validate

from gongzheng.http import Blueprint, Schema, public
from gongzheng.http.app import openapi_document
from gongzheng.testing import ApiClient
from gongzheng.testing.fuzz import fuzz

pytestmark = pytest.mark.req("X-04")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The document of the sample."""
    return openapi_document(app)


def test_the_document_is_valid(client: ApiClient) -> None:
    """As served, under the address where it was asked for."""
    document = client.get("/openapi.json").expect(200)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]
    validate(document)


def test_under_a_prefix_the_document_names_the_prefix(app: Flask) -> None:
    """Behind a proxy at /cases the paths begin there."""
    answer = app.test_client().get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/cases"})
    assert answer.json is not None
    assert answer.json["servers"] == [{"url": "/cases"}]


def test_security_follows_from_the_marks(document: dict[str, Any]) -> None:
    """Requires becomes the bearer scheme with its roles, public becomes none."""
    make = document["paths"]["/api/v1/things"]["post"]
    assert make["security"] == [{"accessToken": []}]
    assert make["x-roles"] == ["sample.maker"]
    assert document["paths"]["/api/v1/public/lookup"]["post"]["security"] == []


def test_what_a_view_calls_is_documented(document: dict[str, Any]) -> None:
    """if_match, page_args, with_etag and idempotent show without being written down again."""

    def names(path: str, method: str) -> set[str]:
        return {parameter["name"] for parameter in document["paths"][path][method].get("parameters", [])}

    rename = document["paths"]["/api/v1/things/{thing_id}/renaming"]["post"]
    assert names("/api/v1/things/{thing_id}/renaming", "post") == {"If-Match"}
    assert "ETag" in rename["responses"]["200"]["headers"]
    assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428"} < set(rename["responses"])
    assert "thing-sealed" in rename["responses"]["409"]["description"]
    assert names("/api/v1/things", "post") == {"Idempotency-Key"}
    assert names("/api/v1/things", "get") == {"limit", "after", "name"}
    assert "429" in document["paths"]["/api/v1/public/lookup"]["post"]["responses"]


def test_every_problem_code_is_listed_with_its_law(document: dict[str, Any]) -> None:
    """A caller can know all codes ahead."""
    listed = {entry["code"]: entry for entry in document["x-problems"]}
    assert listed["thing-sealed"]["law"][0]["ref"] == "APL 47"
    assert {"edit-conflict", "idempotency-conflict", "role-pair-forbidden", "sample-refused"} < set(listed)


def test_an_upload_is_one_multipart_body_with_its_data(document: dict[str, Any]) -> None:
    """The JSON beside the file is described as what it is."""
    body = document["paths"]["/api/v1/things/{thing_id}/papers"]["post"]["requestBody"]
    content = body["content"]["multipart/form-data"]
    assert content["encoding"] == {"metadata": {"contentType": "application/json"}}
    name = content["schema"]["$ref"].rsplit("/", 1)[-1]
    properties = document["components"]["schemas"][name]["properties"]
    assert properties["metadata"] == {"$ref": "#/components/schemas/PaperData"}
    assert properties["file"]["format"] == "binary"


def test_a_decimal_sent_as_text_is_documented_as_text(app: Flask) -> None:
    """The library says number, which no caller would receive."""

    class Rated(Schema):
        rate = fields.Decimal(as_string=True)

    extra = Blueprint("extra", __name__)

    @extra.route("/rate")
    @public()
    @extra.response(200, Rated)
    def rate() -> Any:
        """A rate."""

    api = app.extensions["gongzheng-api"]
    api.register_blueprint(extra)
    assert api.spec.to_dict()["components"]["schemas"]["Rated"]["properties"]["rate"]["type"] == "string"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_fuzzing_finds_nothing_that_the_document_does_not_say(app: Flask, client: ApiClient) -> None:
    """Valid requests are accepted, invalid ones refused, every status, header and body is as documented."""
    maker = client.as_user("user-1", "sample.maker", "auditor")
    for _ in range(3):
        maker.post("/things", {"name": "a", "amount_fen": 1}).expect(201)
    assert fuzz(app, str(maker.token), skip=["/api/v1/failing"]) == 9
