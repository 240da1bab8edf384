"""Filing and following a complaint without a token."""

import re
from typing import Any

import pytest

from gongzheng.ids import new_id
from services.oversight.tests.house import House

REPORT: dict[str, Any] = {"kind": "violation", "text": "店里卖过期牛奶", "reporter": {"name": "王小芳"}}


@pytest.mark.req("O-01")
def test_anybody_files_a_report_and_gets_a_code_that_follows_it(any_house: House) -> None:
    """Named or not; the code is sixteen digits."""
    received = any_house.client.post("/public/complaints", REPORT).expect(201)
    assert set(received) == {"complaint_id", "tracking_code", "received_on"}
    assert re.fullmatch(r"[0-9]{16}", received["tracking_code"])
    body = {"tracking_code": received["tracking_code"]}
    seen = any_house.client.post("/public/complaints/lookup", body).expect(200)
    assert (seen["state"], seen["received_on"], seen["answer_by"]) == ("received", "2026-11-23", "2026-12-08")
    assert "牛奶" not in str(seen)
    assert "王小芳" not in str(seen)
    assert received["complaint_id"] not in str(seen)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("reporter", "anonymous"), [({}, True), ({"phone": "13800138000"}, False)])
def test_who_says_nothing_of_themselves_is_unnamed(house: House, reporter: dict[str, str], *, anonymous: bool) -> None:
    """Nothing is asked of the reporter; the alert says only whether they can be reached."""
    house.client.post("/public/complaints", REPORT | {"reporter": reporter}).expect(201)
    (event,) = house.published("complaint.received")
    assert event.data["anonymous"] is anonymous
    assert set(event.data) == {"complaint_id", "kind", "received_at", "anonymous"}
    assert house.count("sealed_part") == (1 if anonymous else 2)


@pytest.mark.req("X-05", "O-01")
def test_a_repeated_request_files_one_report_and_shows_the_same_code(any_house: House) -> None:
    """A lost answer is no lost code, for whoever still holds the key and the content."""
    key = new_id()
    first = any_house.client.post("/public/complaints", REPORT, idempotency_key=key)
    again = any_house.client.post("/public/complaints", REPORT, idempotency_key=key)
    assert first.expect(201) == again.expect(201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert any_house.count("complaint") == 1
    other = REPORT | {"text": "别的内容"}
    any_house.client.post("/public/complaints", other, idempotency_key=key).expect(409, "idempotency-conflict")
    any_house.client.post("/public/complaints", REPORT, idempotency_key=None).expect(400, "idempotency-key-required")


@pytest.mark.req("O-01")
def test_every_wrong_code_gets_the_same_answer(house: House) -> None:
    """A code that never was, one digit off, no code at all: the same status and words."""
    code = house.client.post("/public/complaints", REPORT).expect(201)["tracking_code"]
    off = code[:-1] + ("0" if code[-1] != "0" else "1")
    answers = [
        house.client.post("/public/complaints/lookup", {"tracking_code": wrong})
        for wrong in (off, "0" * 16, "not a code", "1", "１" * 16)
    ]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "tracking-code-unknown")}
    bodies = [{k: v for k, v in answer.json.items() if k != "instance"} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    headers = [set(answer.headers) for answer in answers]
    assert all(names == headers[0] for names in headers)


@pytest.mark.req("O-01")
def test_every_look_up_asks_the_database_the_same_questions(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right or wrong, the same number of statements and of slow hashes."""
    code = house.client.post("/public/complaints", REPORT).expect(201)["tracking_code"]
    asked: list[str] = []
    original = house.service.database.execute_sql

    def counting(sql: str, *given: Any, **named: Any) -> Any:
        asked.append(sql)
        return original(sql, *given, **named)  # type: ignore[no-untyped-call] # peewee's own

    monkeypatch.setattr(house.service.database, "execute_sql", counting)
    statements = []
    for typed, status in ((code, 200), ("0" * 16, 404), ("no code", 404)):
        asked.clear()
        house.client.post("/public/complaints/lookup", {"tracking_code": typed}).expect(status)
        statements.append(list(asked))
    assert statements[0] == statements[1] == statements[2]


@pytest.mark.req("O-01")
def test_looking_up_codes_is_throttled_on_the_page_and_the_api_together(house: House) -> None:
    """Ten a minute from one address, whichever door is tried."""
    with house.service.app.test_client() as browser:
        for _ in range(5):
            assert browser.post("/follow", data={"code": "0" * 16}).status_code == 404
        for _ in range(5):
            house.client.post("/public/complaints/lookup", {"tracking_code": "0" * 16}).expect(404)
        refused = house.client.post("/public/complaints/lookup", {"tracking_code": "0" * 16})
        refused.expect(429, "too-many-requests")
        assert int(refused.headers["Retry-After"]) >= 1
        page = browser.post("/follow", data={"code": "0" * 16})
        assert page.status_code == 429
        assert "Retry-After" in page.headers
        assert page.mimetype == "text/html"


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "rumour"}, "kind"),
        ({"text": ""}, "text"),
        ({"text": "x" * 8_001}, "text"),
        ({"occurred_on": "2026-02-30"}, "occurred_on"),
        ({"occurred_on": "2026-11-24"}, "occurred_on"),
        ({"reporter": {"email": "nobody"}}, "reporter.email"),
        ({"health": "x"}, "health"),
    ],
)
def test_a_report_that_cannot_be_read_is_refused_by_field(house: House, changed: dict[str, Any], field: str) -> None:
    """Nothing is kept of it, and the answer repeats none of it."""
    answer = house.client.post("/public/complaints", REPORT | changed)
    assert field in answer.expect(422)["errors"]
    assert house.count("complaint") == 0
    assert "牛奶" not in answer.text
