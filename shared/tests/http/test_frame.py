"""What the frame does round the views where something outside of it fails or differs."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, make_response
from peewee import OperationalError

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.http import Blueprint, HttpSettings, create_app, idempotent, machine, public, unit_of_work
from gongzheng.http.app import openapi_document
from gongzheng.http.tokens import KeySource, generate_token_key, public_jwks
from gongzheng.testing import api_client, token_settings
from gongzheng.ui.texts import Text, Texts


def _app(mechanism: Mechanism, blueprint: Blueprint, **changes: Any) -> Flask:
    return create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[blueprint],
        refusals=(),
        settings=HttpSettings(**token_settings()),
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
        **changes,
    )


@pytest.mark.req("X-08")
def test_a_database_that_is_away_is_503_and_says_when_to_try_again(mechanism: Mechanism) -> None:
    """It is nobody's fault and no secret."""
    blueprint = Blueprint("away", __name__)

    @blueprint.route("/away")
    @public()
    @blueprint.response(200)
    def away() -> Any:
        """Ask a database that is away."""
        raise OperationalError("connection to server at 10.0.0.7 refused")

    answer = api_client(_app(mechanism, blueprint)).get("/away")
    answer.expect(503, "temporarily-unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "10.0.0.7" not in answer.text


@pytest.mark.req("X-05")
def test_an_error_status_that_a_view_returns_keeps_nothing(mechanism: Mechanism) -> None:
    """As if it had raised."""
    blueprint = Blueprint("returns", __name__)

    @blueprint.route("/returns", methods=["POST"])
    @public(throttle="returns")
    @idempotent
    @blueprint.response(201)
    def refuse() -> Any:
        """Answer with an error of its own."""
        unit_of_work().audit("thing.make", "thing/1")
        return make_response({"no": True}, 409)

    client = api_client(_app(mechanism, blueprint))
    assert client.post("/returns", idempotency_key="my-own-key").status == 409
    counts = [mechanism.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("idempotency", "audit")]  # noqa: S608 the test's own words
    assert counts == [0, 0]


@pytest.mark.req("X-04")
def test_a_machine_that_signs_is_documented_as_one(mechanism: Mechanism) -> None:
    """The scheme names the header of the signature; the route is throttled for the frame."""
    blueprint = Blueprint("bank", __name__)

    @blueprint.route("/notices", methods=["POST"])
    @machine("collectingAgent")
    @blueprint.response(204)
    def notice() -> Any:
        """Take a notice."""

    document = openapi_document(_app(mechanism, blueprint))
    entry = document["paths"]["/api/v1/notices"]["post"]
    assert entry["security"] == [{"collectingAgent": []}]
    assert document["components"]["securitySchemes"]["collectingAgent"]["name"] == "Gongzheng-Signature"
    assert {"401", "429"} < set(entry["responses"])


def test_behind_tls_browsers_are_told_to_stay_there(app: Flask) -> None:
    """And only there."""
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/health/live").headers
    assert "Strict-Transport-Security" in client.get("/health/live", base_url="https://sample.example").headers


@pytest.mark.req("X-13")
def test_texts_of_a_service_join_the_shared_ones(mechanism: Mechanism) -> None:
    """In the language of the request, the cookie or the address; Chinese outside of any."""
    own = Texts({"greeting": Text("你好，{who}", "Hello, {who}")})
    app = _app(mechanism, Blueprint("none", __name__), texts=own)
    texts = app.extensions["gongzheng-texts"]
    assert texts("greeting", who="李四") == "你好，李四"
    assert texts("suite") == "公正"
    with app.test_request_context("/", headers={"Accept-Language": "fr, en;q=0.5"}):
        assert texts("greeting", who="Li") == "Hello, Li"
    with app.test_request_context("/?lang=zh", headers={"Accept-Language": "en"}):
        assert texts("suite") == "公正"
    with app.test_request_context("/", headers={"Cookie": "lang=en"}):
        assert texts("suite") == "Gongzheng"


def test_a_catalogue_lacks_no_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused when it is read, not found when somebody reads it."""
    package = tmp_path / "half_translated"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "texts.toml").write_text('[greeting]\nen = "Hello"\n', encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match="needs zh and en: greeting"):
        Texts.load("half_translated")


@pytest.fixture
def issuer() -> Iterator[tuple[str, Callable[[str], None]]]:
    """A server that gives out a key set; the function changes it."""
    current = ["{}"]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(current[0].encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's name
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def give(text: str) -> None:
        current[0] = text

    yield f"http://127.0.0.1:{server.server_port}/jwks", give
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.req("X-06")
def test_keys_come_from_the_issuers_address(issuer: tuple[str, Callable[[str], None]]) -> None:
    """As every identity provider publishes them; what is not a key is passed over."""
    url, give = issuer
    jwks = json.loads(public_jwks(generate_token_key("one")))
    jwks["keys"] += [{"kty": "OKP", "crv": "Ed25519", "kid": "broken"}, {"kty": "RSA", "use": "enc", "kid": "enc"}]
    give(json.dumps(jwks))
    source = KeySource(url)
    assert source.find("one") is not None
    assert source.find("broken") is None
    assert source.find("enc") is None
    assert source.find(None) is not None
