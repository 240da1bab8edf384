"""What anyone may ask: what is owed, and whether a receipt is genuine — and what nobody can find out by trying."""

from typing import Any

import pytest

FOREIGN = "30000000000000000047"


def assert_same(answers: list[Any], code: str) -> None:
    """All answers are 404 with this code and differ in nothing but the number of their request."""
    bodies = [answer.expect(404, code) | {"instance": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.req("F-16")
def test_a_payer_sees_what_is_owed_today(house: Any) -> None:
    """Two days late: the fine and ¥600; no name of anybody."""
    debt = house.owe()
    house.on("2026-12-02")
    given = {"document_number": debt["document_number"], "payment_code": debt["payment_code"]}
    shown = house.client.anonymous().post("/public/obligations/lookup", given).expect(200)
    assert (shown["principal_fen"], shown["surcharge_fen"], shown["outstanding_fen"]) == (1_000_000, 60_000, 1_060_000)
    assert debt["party_name"] not in str(shown)
    assert debt["party_id"] not in str(shown)


@pytest.mark.req("F-16")
def test_a_wrong_code_a_wrong_number_and_nonsense_get_the_same_answer(house: Any) -> None:
    """So that neither numbers nor codes can be found by trying."""
    debt, other = house.owe(), house.owe()
    right = {"document_number": debt["document_number"], "payment_code": debt["payment_code"]}
    wrong = [
        right | {"payment_code": FOREIGN},
        right | {"payment_code": "1"},
        right | {"payment_code": other["payment_code"]},
        right | {"document_number": "没有〔2026〕1号"},
        {"document_number": "x", "payment_code": FOREIGN},
    ]
    answers = [house.client.anonymous().post("/public/obligations/lookup", given) for given in wrong]
    bodies = [
        {k: v for k, v in answer.expect(404, "obligation-not-found").items() if k != "instance"} for answer in answers
    ]
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.req("F-16")
def test_a_wrong_code_costs_as_many_statements_as_a_right_one(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is counted, not timed: a clock in a test would be a matter of luck."""
    debt = house.owe()
    counts: list[int] = []
    execute = house.service.database.execute_sql

    def counted(*args: Any, **kwargs: Any) -> Any:
        counts[-1] += 1
        return execute(*args, **kwargs)

    monkeypatch.setattr(house.service.database, "execute_sql", counted)
    for code in (debt["payment_code"], FOREIGN):
        counts.append(0)
        given = {"document_number": "x", "payment_code": code}
        house.client.anonymous().post("/public/obligations/lookup", given).expect(404)
    assert counts[0] == counts[1]


@pytest.mark.req("F-16")
def test_an_imported_case_cannot_be_looked_up_with_an_empty_number(house: Any, make: Any) -> None:
    """It has no document number; nothing typed may equal nothing."""
    house.hear(house.event("case.imported", make.imported()))
    code = house.published("obligation.created")[0].data["payment_code"]
    for number in ("None", "null", " ", "-"):
        house.client.anonymous().post(
            "/public/obligations/lookup", {"document_number": number, "payment_code": code}
        ).expect(404)


@pytest.mark.req("F-16")
def test_trying_is_slowed_down(house: Any) -> None:
    """The thirty-first look in a minute is refused, and says when to come back."""
    client, given = house.client.anonymous(), {"document_number": "x", "payment_code": FOREIGN}
    for _ in range(30):
        client.post("/public/obligations/lookup", given).expect(404)
    refused = client.post("/public/obligations/lookup", given)
    refused.expect(429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) <= 60


@pytest.mark.req("F-16")
@pytest.mark.req("F-04")
def test_a_receipt_is_verified_by_what_stands_on_it(house: Any) -> None:
    """Code, number and check code together; a void one is told as void; the payer is not named."""
    house.load()
    issued = house.bank().pay(house.owe()["payment_code"], 1_000_000)["receipt"]
    given = {name: issued[name] for name in ("receipt_code", "receipt_number", "check_code")}
    client = house.client.anonymous()
    shown = client.post("/public/receipts/verification", given | {"check_code": issued["check_code"].lower()}).expect(
        200
    )
    assert (shown["state"], shown["amount_fen"]) == ("live", 1_000_000)
    assert house.obligation(issued["obligation_id"])["party_name"] not in str(shown)
    house.accountant.post(f"/receipts/{issued['receipt_number']}/voiding", {"reason": "x"}, if_match=1).expect(201)
    assert client.post("/public/receipts/verification", given).expect(200)["state"] == "void"


@pytest.mark.req("F-16")
@pytest.mark.req("F-04")
def test_a_forged_receipt_is_not_found_whichever_part_is_forged(house: Any) -> None:
    """The same answer for each."""
    house.load()
    issued = house.bank().pay(house.owe()["payment_code"], 1_000_000)["receipt"]
    given = {name: issued[name] for name in ("receipt_code", "receipt_number", "check_code")}
    forged = [{"receipt_code": "99999999"}, {"receipt_number": "0000000099"}, {"check_code": "ZZZZZZ"}]
    answers = [house.client.anonymous().post("/public/receipts/verification", given | part) for part in forged]
    assert_same(answers, "receipt-not-found")


@pytest.mark.req("F-16")
def test_whoever_holds_a_receipt_may_download_it(house: Any) -> None:
    """A PDF for the right three, nothing for others."""
    house.load()
    issued = house.bank().pay(house.owe()["payment_code"], 1_000_000)["receipt"]
    given = {name: issued[name] for name in ("receipt_code", "receipt_number", "check_code")}
    answer = house.client.anonymous().post("/public/receipts/pdf", given)
    assert (answer.status, answer.content[:5]) == (200, b"%PDF-")
    house.client.anonymous().post("/public/receipts/pdf", given | {"check_code": "ZZZZZZ"}).expect(404)
