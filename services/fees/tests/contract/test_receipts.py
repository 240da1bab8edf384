"""Receipt numbers: no gap, no double, none lost — one after another, and with 32 at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

WRITERS = 32


@pytest.mark.req("F-04")
@pytest.mark.real
def test_thirty_two_payments_at_once_get_thirty_two_numbers_in_a_row(postgres_house: Any) -> None:
    """Two short segments, 32 writers: numbers 1 to 20 of the one and 1 to 12 of the other, each once."""
    house = postgres_house
    house.load(1, 20, year="25")
    house.load(1, 100, year="26")
    bank = house.bank()
    notices = [bank.notice(house.owe()["payment_code"], 500_000) for _ in range(WRITERS)]

    def send(notice: Any) -> Any:
        try:
            return bank.send(notice).expect(201)
        finally:
            house.service.database.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(send, notices))
    issued = sorted((a["receipt"]["receipt_code"], int(a["receipt"]["receipt_number"])) for a in answers)
    assert issued == [("32050125", n) for n in range(1, 21)] + [("32050126", n) for n in range(1, 13)]
    assert house.verify().faults == []


@pytest.mark.req("F-02")
@pytest.mark.real
def test_the_same_payment_told_by_many_threads_at_once_is_one_payment(postgres_house: Any) -> None:
    """Sixteen notices with one bank reference and sixteen idempotency keys: one payment, one receipt."""
    house = postgres_house
    house.load()
    bank, debt = house.bank(), house.owe()
    notice = bank.notice(debt["payment_code"], 100_000)

    def send(_: int) -> Any:
        try:
            return bank.send(notice).expect(201)
        finally:
            house.service.database.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(16)))
    assert len({a["payment"]["payment_id"] for a in answers}) == 1
    assert sorted(a["repeated"] for a in answers) == [False] + [True] * 15
    assert (house.count("payment"), house.count("receipt")) == (1, 1)


@pytest.mark.req("F-02")
@pytest.mark.real
def test_many_part_payments_of_one_debt_at_once_never_book_more_than_is_owed(postgres_house: Any) -> None:
    """Twenty notices of ¥1,000 on a debt of ¥10,000: ten are booked, ten held, one settled event."""
    house = postgres_house
    house.load()
    bank, debt = house.bank(), house.owe()
    notices = [bank.notice(debt["payment_code"], 100_000) for _ in range(20)]

    def send(notice: Any) -> Any:
        try:
            return bank.send(notice).expect(201)
        finally:
            house.service.database.close()

    with ThreadPoolExecutor(20) as pool:
        outcomes = sorted(a["outcome"] for a in pool.map(send, notices))
    assert outcomes == ["booked"] * 10 + ["held"] * 10
    assert len(house.published("obligation.settled")) == 1
    assert house.verify().faults == []


@pytest.mark.req("F-04")
def test_without_a_number_left_the_payment_stands_and_its_receipt_waits(any_house: Any) -> None:
    """Three payments, one number: two wait, in order, until a segment is loaded."""
    any_house.load(1, 1)
    bank = any_house.bank()
    answers = [bank.pay(any_house.owe()["payment_code"], 1_000_000) for _ in range(3)]
    assert [answer["receipt_pending"] for answer in answers] == [False, True, True]
    assert len(any_house.published("obligation.settled")) == 3
    assert any_house.verify().faults == []
    assert any_house.run_timers()["fees.receipts"] == 0, "the timer finds no number either, and that is no failure"

    loaded = any_house.load(2, 10)
    assert (loaded["issued_to_waiting"], loaded["left"]) == (2, 7)
    issued = any_house.published("receipt.issued")
    assert [event.data["receipt_number"] for event in issued] == ["0000000001", "0000000002", "0000000003"]
    assert [event.data["payment_id"] for event in issued] == [a["payment"]["payment_id"] for a in answers]
    assert any_house.verify().faults == []


@pytest.mark.req("F-04")
def test_a_void_receipt_stays_and_another_takes_its_place(any_house: Any) -> None:
    """One live receipt per payment, always; the void one keeps its number and its reason."""
    any_house.load()
    answer = any_house.bank().pay(any_house.owe()["payment_code"], 1_000_000)
    accountant, number = any_house.accountant, answer["receipt"]["receipt_number"]
    path = f"/receipts/{number}"
    version = accountant.get(path).expect(200)["version"]
    done = accountant.post(f"{path}/voiding", {"reason": "付款人名称有误"}, if_match=version).expect(201)
    assert (done["void"]["state"], done["void"]["receipt_number"]) == ("void", number)
    assert (done["replacement"]["state"], done["replacement"]["payment_id"]) == (
        "live",
        answer["payment"]["payment_id"],
    )
    assert accountant.get(path).expect(200)["void_reason"] == "付款人名称有误"
    assert any_house.verify().faults == []
    again = accountant.post(f"{path}/voiding", {"reason": "再次"}, if_match=version + 1)
    again.expect(409, "receipt-not-live")


@pytest.mark.req("F-04")
def test_receipt_numbers_are_loaded_once(any_house: Any) -> None:
    """An overlap by a single number is refused; the same numbers of another code are not."""
    any_house.load(1, 100)
    given = {"region": "32", "category": "05", "kind": "01", "year": "26", "first": 100, "last": 200}
    any_house.accountant.post("/receipt-segments", given).expect(409, "receipt-segment-overlaps")
    any_house.accountant.post("/receipt-segments", given | {"year": "27"}).expect(201)
    any_house.accountant.post("/receipt-segments", given | {"first": 300, "last": 299}).expect(
        422, "receipt-segment-invalid"
    )
