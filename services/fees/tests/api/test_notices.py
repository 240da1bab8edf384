"""Payment notices over the API: signed, idempotent, nothing lost, nothing collected without basis."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LATER = timedelta(seconds=301)


@pytest.fixture
def debt(house: Any) -> Any:
    """A debt of ¥10,000, with receipts to give."""
    house.load()
    return house.owe()


@pytest.mark.req("F-02")
@pytest.mark.parametrize("header", ["Gongzheng-Agent", "Gongzheng-Key", "Gongzheng-Timestamp", "Gongzheng-Signature"])
@pytest.mark.parametrize("value", ["", "x", "01K9ZT3V7Q8RXB0M2N4P6S8T0A", "AAAA", "9" * 400, "ключ"])
def test_a_notice_without_a_valid_signature_is_refused(house: Any, debt: Any, header: str, value: str) -> None:
    """Whatever is wrong, the answer is the same, and nothing is booked."""
    bank = house.bank()
    refused = bank.send(bank.notice(debt["payment_code"], 1), headers={header: value})
    problem = refused.expect(401, "bad-signature")
    assert problem["law"][0]["ref"] == "DECREE-235 6"
    assert "detail" not in problem
    assert "WWW-Authenticate" in refused.headers
    assert house.count("payment_notice") == 0


@pytest.mark.req("F-02")
def test_a_body_altered_after_signing_is_refused(house: Any, debt: Any) -> None:
    """One fen more."""
    bank = house.bank()
    notice = bank.notice(debt["payment_code"], 100)
    signed = bank.sign(json.dumps(notice).encode())
    bank.send(notice | {"amount_fen": 101}, headers=signed).expect(401, "bad-signature")


@pytest.mark.req("F-02")
@pytest.mark.parametrize("shift", [LATER, -LATER])
def test_a_notice_signed_more_than_five_minutes_away_is_refused(house: Any, debt: Any, shift: timedelta) -> None:
    """A recorded notice cannot be played again later."""
    bank = house.bank()
    notice = bank.notice(debt["payment_code"], 100)
    old = bank.sign(json.dumps(notice).encode(), at=house.clock.now() + shift)
    bank.send(notice, headers=old).expect(401, "bad-signature")


@pytest.mark.req("F-02")
def test_an_agent_may_sign_with_its_own_key_until_it_is_revoked(house: Any, debt: Any) -> None:
    """Ed25519: we hold the public key only."""
    private = Ed25519PrivateKey.generate()
    public_key = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    bank = house.bank(public_key=public_key)
    notice = bank.notice(debt["payment_code"], 100)
    body, stamp = json.dumps(notice).encode(), str(int(house.clock.now().timestamp()))
    signature = base64.b64encode(private.sign(stamp.encode() + b"." + body)).decode()
    own = {"Gongzheng-Timestamp": stamp, "Gongzheng-Signature": signature}
    bank.send(notice, headers=own).expect(201)
    house.accountant.post(f"/collecting-agents/{bank.agent_id}/keys/{bank.key_id}/revocation").expect(200)
    bank.send(notice, headers=own).expect(401, "bad-signature")


@pytest.mark.req("F-02")
def test_one_banks_signature_does_not_open_anothers_door(house: Any, debt: Any) -> None:
    """The key belongs to its agent."""
    one, other = house.bank(), house.bank()
    notice = one.notice(debt["payment_code"], 100)
    one.send(notice, headers={"Gongzheng-Agent": other.agent_id}).expect(401, "bad-signature")


@pytest.mark.req("F-02")
@pytest.mark.req("X-05")
def test_the_same_key_and_body_get_the_same_answer_and_book_once(house: Any, debt: Any) -> None:
    """Signed anew, as a bank that retries does."""
    bank = house.bank()
    notice = bank.notice(debt["payment_code"], 100)
    first = bank.send(notice, key="retry-0001")
    house.clock.advance(timedelta(seconds=20))
    second = bank.send(notice, key="retry-0001")
    assert (first.status, second.status, first.content) == (201, 201, second.content)
    assert house.count("payment") == 1


@pytest.mark.req("F-02")
@pytest.mark.req("X-05")
def test_the_same_key_with_another_body_is_a_conflict(house: Any, debt: Any) -> None:
    """And nothing is booked for it."""
    bank = house.bank()
    bank.send(bank.notice(debt["payment_code"], 100), key="retry-0001").expect(201)
    bank.send(bank.notice(debt["payment_code"], 200), key="retry-0001").expect(409, "idempotency-conflict")
    assert house.count("payment") == 1


@pytest.mark.req("F-02")
def test_two_banks_may_use_the_same_idempotency_key_and_reference(house: Any, debt: Any) -> None:
    """Keys and references are each agent's own."""
    one, other = house.bank(), house.bank()
    one.send(one.notice(debt["payment_code"], 100), key="same-key-1").expect(201)
    other.send(other.notice(debt["payment_code"], 100), key="same-key-1").expect(201)
    assert house.count("payment") == 2


@pytest.mark.req("F-02")
def test_a_stranger_who_knows_key_and_body_is_not_told_the_answer(house: Any, debt: Any) -> None:
    """The signature is asked for before the record of answers."""
    bank = house.bank()
    notice = bank.notice(debt["payment_code"], 100)
    bank.send(notice, key="retry-0001").expect(201)
    bank.send(notice, key="retry-0001", headers={"Gongzheng-Signature": "AAAA"}).expect(401, "bad-signature")


@pytest.mark.req("F-02")
def test_the_same_bank_reference_is_one_payment(house: Any, debt: Any) -> None:
    """Told again under a new key: the first outcome. Told with another amount: a conflict."""
    bank = house.bank()
    notice = bank.notice(debt["payment_code"], 100)
    first, again = bank.send(notice).expect(201), bank.send(notice).expect(201)
    assert again == first | {"repeated": True}
    bank.send(notice | {"amount_fen": 200}).expect(409, "bank-reference-conflict")
    assert (house.count("payment"), house.count("receipt")) == (1, 1)


@pytest.mark.req("F-02")
def test_what_exceeds_the_debt_is_held_and_put_in_the_queue(house: Any, debt: Any) -> None:
    """¥12,000 on ¥10,000: ¥2,000 on the account of deposits, an event, and an entry in the queue."""
    answer = house.bank().pay(debt["payment_code"], 1_200_000)
    assert (answer["outcome"], answer["payment"]["amount_fen"]) == ("booked_and_held", 1_000_000)
    queue = house.user("fees.reconciler").get("/deposits", reason="overpayment").expect(200)["items"]
    assert [(item["amount_fen"], item["obligation_id"]) for item in queue] == [(200_000, debt["obligation_id"])]
    held = house.published("payment.held")[0]
    assert (held.stream, held.data["amount_fen"], held.data["reason"]) == ("deposit", 200_000, "overpayment")
    accounts = {a["account"]: a["balance_fen"] for a in house.auditor.get("/ledger/accounts").expect(200)["items"]}
    assert accounts["deposits.unidentified"] == -200_000
    assert accounts["treasury.payable"] == -1_000_000
    assert accounts["bank.collecting"] == 1_200_000
    assert house.verify().faults == []


@pytest.mark.req("F-02")
@pytest.mark.parametrize(
    ("code", "reason"),
    [("30000000000000000047", "unknown_code"), ("30000000000000000048", "wrong_code"), ("x", "wrong_code")],
)
def test_money_for_a_code_that_nobody_owes_is_held(house: Any, debt: Any, code: str, reason: str) -> None:
    """Digits that check but belong to nothing, digits that do not check, no digits at all."""
    del debt
    answer = house.bank().pay(code, 5_000)
    assert (answer["outcome"], answer["payment"], answer["receipt"]) == ("held", None, None)
    assert answer["deposit"]["reason"] == reason
    assert house.verify().faults == []


@pytest.mark.req("F-02")
def test_money_after_settlement_is_held_whole(house: Any, debt: Any) -> None:
    """No second receipt, no second settled event."""
    bank = house.bank()
    bank.pay(debt["payment_code"], 1_000_000)
    answer = bank.pay(debt["payment_code"], 700)
    assert (answer["outcome"], answer["deposit"]["reason"], answer["deposit"]["amount_fen"]) == ("held", "settled", 700)
    assert len(house.published("obligation.settled")) == 1


@pytest.mark.req("F-02")
def test_money_in_another_currency_is_held_in_that_currency(house: Any, debt: Any) -> None:
    """Never converted."""
    answer = house.bank().pay(debt["payment_code"], 700, currency="USD")
    assert (answer["deposit"]["reason"], answer["deposit"]["currency"]) == ("wrong_currency", "USD")
    assert house.verify().faults == []


@pytest.mark.req("F-11")
def test_a_charge_without_basis_is_refused_and_told_to_oversight(house: Any, debt: Any) -> None:
    """A training fee beside the fine: nothing is booked, the attempt is an event that committed by itself."""
    bank = house.bank()
    items = [
        {"description_code": "fine", "amount_fen": 1_000_000},
        {"description_code": "training_fee", "amount_fen": 5},
    ]
    notice = bank.notice(debt["payment_code"], 1_000_005, items=items)
    problem = bank.send(notice, key="charge-001").expect(422, "charge-without-basis")
    assert problem["law"][0]["ref"] == "CONDUCT 13"
    assert (house.count("payment_notice"), house.count("payment"), house.count("ledger_transaction")) == (0, 0, 1)
    event = house.published("charge.refused")[0]
    told = {name: event.data[name] for name in ("description_code", "amount_fen", "law", "obligation_id", "agent_id")}
    assert told == {
        "description_code": "training_fee",
        "amount_fen": 5,
        "law": ["CONDUCT 13"],
        "obligation_id": debt["obligation_id"],
        "agent_id": bank.agent_id,
    }
    bank.send(notice, key="charge-001").expect(422, "charge-without-basis")
    assert len(house.published("charge.refused")) == 1, "a bank that retries is not told of twice"
    mended = notice | {"items": items[:1], "amount_fen": 1_000_000}
    bank.send(mended, key="charge-001").expect(201)


@pytest.mark.req("F-11")
@pytest.mark.parametrize(("code", "applies"), [("surcharge", True), ("confiscation", False), ("imported", False)])
def test_an_item_stands_only_on_a_debt_that_has_it(house: Any, debt: Any, code: str, *, applies: bool) -> None:
    """This debt is a fine whose decision speaks of the surcharge, and nothing else."""
    bank = house.bank()
    items = [{"description_code": code, "amount_fen": 100}]
    answer = bank.send(bank.notice(debt["payment_code"], 100, items=items))
    assert answer.status == (201 if applies else 422)


@pytest.mark.req("F-11")
def test_a_charge_with_an_unknown_code_is_told_without_an_obligation(house: Any, debt: Any) -> None:
    """Whom it was meant for is not known; that it was asked for is."""
    del debt
    bank = house.bank()
    notice = bank.notice("30000000000000000047", 5, items=[{"description_code": "service_fee", "amount_fen": 5}])
    bank.send(notice).expect(422, "charge-without-basis")
    assert house.published("charge.refused")[0].data["obligation_id"] is None


@pytest.mark.req("F-02")
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"paid_at": "2026-11-23T02:00:01Z"}, 422, "paid-in-future"),
        ({"items": [{"description_code": "fine", "amount_fen": 99}]}, 422, "items-do-not-add-up"),
        ({"amount_fen": 0}, 422, "invalid"),
        ({"amount_fen": 1.5}, 422, "invalid"),
        ({"amount_fen": "100"}, 422, "invalid"),
        ({"currency": "yuan"}, 422, "invalid"),
        ({"paid_at": "yesterday"}, 422, "invalid"),
        ({"tip": 5}, 422, "invalid"),
        ({"paid_at": "2019-12-31T00:00:00Z"}, 403, "agreement-not-in-force"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused(house: Any, debt: Any, changed: Any, status: int, code: str) -> None:
    """Each with its own code; nothing is booked."""
    bank = house.bank()
    bank.send(bank.notice(debt["payment_code"], 100) | changed).expect(status, code)
    assert house.count("payment_notice") == 0


@pytest.mark.req("F-02")
def test_the_secret_is_shown_once_and_kept_sealed(house: Any) -> None:
    """Neither a later answer nor the database shows it."""
    bank = house.bank()
    shown = house.auditor.get(f"/collecting-agents/{bank.agent_id}").expect(200)
    assert [set(key) for key in shown["keys"]] == [{"key_id", "algorithm", "added_at", "revoked_at"}]
    rows = house.service.mechanism.execute("SELECT material FROM agent_key").fetchall()
    kept = house.service.mechanism.execute("SELECT body FROM idempotency").fetchall()
    assert all(bank.secret not in bytes(row[0]) for row in rows)
    assert all(base64.b64encode(bank.secret).decode() not in (row[0] or "") for row in kept)


@pytest.mark.req("F-02")
def test_a_second_key_works_beside_the_first(house: Any, debt: Any) -> None:
    """Keys are changed without an hour in which none is valid."""
    bank = house.bank()
    made = house.accountant.post(f"/collecting-agents/{bank.agent_id}/keys", {}).expect(201)
    bank.pay(debt["payment_code"], 100)
    bank.key_id, bank.secret = made["key_id"], base64.b64decode(made["secret"])
    bank.pay(debt["payment_code"], 100)
    assert house.count("payment") == 2


@pytest.mark.req("F-02")
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"agreement_until": "2019-01-01"}, 422, "agreement-period-invalid"),
        ({"public_key": "AAAA"}, 422, "key-not-acceptable"),
        ({"public_key": "not base64!"}, 422, "key-not-acceptable"),
        ({"agreement_from": "20200101"}, 422, "invalid"),
    ],
)
def test_an_agent_that_cannot_be_right_is_not_registered(house: Any, changed: Any, status: int, code: str) -> None:
    """Each with its own code."""
    given = {"name_zh": "行", "name_en": "Bank", "agreement_reference": "R", "agreement_from": "2020-01-01"}
    house.accountant.post("/collecting-agents", given | changed).expect(status, code)
    assert house.count("collecting_agent") == 0


@pytest.mark.req("F-02")
def test_an_agreement_is_registered_once(house: Any) -> None:
    """The same reference again is a conflict."""
    house.bank(agreement_reference="R-1")
    given = {"name_zh": "行", "name_en": "Bank", "agreement_reference": "R-1", "agreement_from": "2020-01-01"}
    house.accountant.post("/collecting-agents", given).expect(409, "agreement-already-registered")
