"""Every error is a problem with a stable type, in the caller's language, with the law when a rule refused."""

import json

import pytest
from flask import Flask
from marshmallow import fields

from gongzheng.http.problems import flatten
from gongzheng.testing import ApiClient
from gongzheng.ui.texts import translate_message

pytestmark = pytest.mark.req("X-04")


def test_a_refusal_names_its_law_with_the_act_in_both_languages(maker: ApiClient) -> None:
    """The article that forbids the step stands in the answer."""
    body = maker.post("/things", {"name": "sealed", "amount_fen": 1}).expect(409, "thing-sealed")
    assert body["type"] == "urn:gongzheng:problem:thing-sealed"
    assert body["title"] == "The thing is sealed"
    assert body["law"][0]["ref"] == "APL 47"
    assert body["law"][0]["act_zh"] == "中华人民共和国行政处罚法"
    assert body["law"][0]["article"] == "47"


def test_the_title_is_in_the_language_of_the_caller(maker: ApiClient) -> None:
    """Chinese unless the caller prefers English."""
    maker.language = "zh-CN,zh;q=0.9"
    answer = maker.post("/things", {"name": "sealed", "amount_fen": 1})
    assert answer.expect(409)["title"] == "已封存"
    assert answer.headers["Content-Language"] == "zh-CN"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("GET", "/nothing", {}, None, 404, "not-found"),
        ("GET", "/things/not-a-ulid", {}, None, 404, "not-found"),
        ("DELETE", "/things", {}, None, 405, "method-not-allowed"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"{", 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"", 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b'{"name":"a","amount_fen":NaN}', 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b'{"name":"a","name":"b"}', 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"\xff", 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b'{"name":"\\ud800"}', 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"[" * 100_000, 400, "bad-request"),
        ("POST", "/things", {"Content-Type": "application/json"}, b'{"name":"\\u0000","amount_fen":1}', 422, "invalid"),
        ("GET", "/things?name=%00", {}, None, 422, "invalid"),
        ("GET", "/things%00", {}, None, 404, "not-found"),
        ("POST", "/things", {"Content-Type": "text/plain"}, b"name", 415, "unsupported-media-type"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"[]", 422, "invalid"),
        ("POST", "/things", {"Content-Type": "application/json"}, b"1" * 5000, 422, "invalid"),
        ("GET", "/things?unknown=1", {}, None, 422, "invalid"),
        ("GET", "/things?limit=0", {}, None, 422, "invalid"),
        ("GET", "/things?limit=101", {}, None, 422, "invalid"),
        ("GET", "/things?after=%25", {}, None, 422, "invalid-cursor"),
    ],
)
def test_whatever_is_wrong_is_answered_as_a_problem(
    maker: ApiClient, method: str, path: str, headers: dict[str, str], body: bytes | None, status: int, code: str
) -> None:
    """HTTP's own errors have the same form as those of the domain."""
    from gongzheng.ids import new_id  # noqa: PLC0415 a key of its own for each case

    sent = {"Authorization": f"Bearer {maker.token}", "Idempotency-Key": new_id(), **headers}
    answer = maker.transport(method, "/api/v1" + path, sent, body)
    problem = answer.expect(status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"] == f"urn:gongzheng:problem:{code}"
    assert problem["instance"] == f"urn:gongzheng:request:{answer.headers['X-Request-Id']}"


def test_each_wrong_field_is_named_with_what_is_wrong(maker: ApiClient) -> None:
    """A caller can put the message beside the field."""
    body = maker.post("/things", {"name": "", "amount_fen": "12", "stray": 1, "made_on": "20260105"}).expect(422)
    assert set(body["errors"]) == {"name", "amount_fen", "stray", "made_on"}
    maker.language = "zh"
    body = maker.post("/things", {"name": "a", "amount_fen": "12"}).expect(422)
    assert body["errors"] == {"amount_fen": ["应为整数。"]}


def test_a_wrong_method_is_told_the_right_ones(maker: ApiClient) -> None:
    """RFC 9110 demands Allow with 405."""
    assert set(maker.send("DELETE", "/things").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_a_malfunction_says_nothing_about_itself(maker: ApiClient) -> None:
    """Neither the error's text nor its kind leaves the house."""
    answer = maker.get("/failing")
    body = answer.expect(500, "internal-error")
    assert set(body) == {"type", "title", "status", "code", "instance"}
    assert "hunter2" not in answer.text + str(answer.headers)


def test_while_developing_a_malfunction_is_raised(app: Flask, maker: ApiClient) -> None:
    """With app.testing the test sees the error itself."""
    app.testing = True
    with pytest.raises(RuntimeError, match="hunter2"):
        maker.get("/failing")


def test_a_body_beyond_the_limit_is_not_read(maker: ApiClient) -> None:
    """JSON ends at its limit, long before uploads do."""
    big = json.dumps({"name": "a" * 2_000_000}).encode()
    headers = {
        "Authorization": f"Bearer {maker.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "12345678",
    }
    maker.transport("POST", "/api/v1/things", headers, big).expect(413, "content-too-large")


def test_the_detail_is_in_the_language_of_the_caller_too(client: ApiClient, maker: ApiClient) -> None:
    """What to do is said so that the reader understands it."""
    client.language = maker.language = "zh"
    assert "令牌" in client.get("/things").expect(401)["detail"]
    assert "Idempotency-Key" in maker.post("/things", {}, idempotency_key=None).expect(400)["detail"]
    assert maker.get("/things", limit=0).expect(422)["errors"] == {"limit": ["应在 1 与 100 之间。"]}
    plain = {"Authorization": f"Bearer {maker.token}", "Idempotency-Key": "12345678", "Content-Type": "text/plain"}
    problem = maker.transport("POST", "/api/v1/things", plain, b"x").expect(415)
    assert problem["detail"] == "请发送 application/json。"


def test_every_message_of_the_fields_in_use_has_its_chinese() -> None:
    """A validation message in English is of no use to most readers."""
    kinds = (fields.String, fields.Integer, fields.Boolean, fields.Date, fields.AwareDateTime, fields.List)
    messages = {str(m) for k in (*kinds, fields.Nested, fields.Dict) for m in k.default_error_messages.values()}
    messages |= {str(message) for message in fields.Field.default_error_messages.values()}
    # Our own dates and moments never use the two of marshmallow that quote the input or ask for a zone.
    shown = {m.replace("{obj_type}", "date") for m in messages if "{input}" not in m and "{awareness}" not in m}
    assert [m for m in sorted(shown) if translate_message(m, "zh") == m] == []


def test_nested_messages_become_dotted_names() -> None:
    """A list's items are named by their place."""
    nested = {"json": {"parties": {0: {"name": ["Missing"]}}, "_schema": ["Bad"]}}
    assert flatten(nested) == {"parties.0.name": ["Missing"], "body": ["Bad"]}


def test_answers_carry_headers_that_keep_browsers_from_harm(maker: ApiClient) -> None:
    """No sniffing, no framing, no caching, no script."""
    headers = maker.get("/things").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in maker.get("/docs").headers["Content-Security-Policy"]
