"""From the served decision to the receipt, on both databases."""

from typing import Any

import pytest


@pytest.mark.req("F-01")
@pytest.mark.req("F-02")
@pytest.mark.req("F-04")
def test_a_served_decision_is_paid_in_two_parts_and_settled(any_house: Any) -> None:
    """Two notices, two receipts in sequence, one settled event, and books that hold."""
    any_house.load()
    bank, debt = any_house.bank(), any_house.owe()
    first = bank.pay(debt["payment_code"], 400_000)
    second = bank.pay(debt["payment_code"], 600_000)

    assert first["payment"]["remaining_fen"] == 600_000
    assert [first["receipt"]["receipt_number"], second["receipt"]["receipt_number"]] == ["0000000001", "0000000002"]
    settled = any_house.published("obligation.settled")
    assert [event.data["paid_fen"] for event in settled] == [1_000_000]
    assert any_house.obligation(debt["obligation_id"])["state"] == "settled"
    assert any_house.verify().faults == []


@pytest.mark.req("F-13")
def test_an_imported_case_opens_with_the_balance_of_its_source(any_house: Any, make: Any) -> None:
    """The sums of an import stand in the ledger as the source states them."""
    any_house.hear(*(any_house.event("case.imported", make.imported()) for _ in range(3)))
    sums = any_house.auditor.get("/import-balances").expect(200)["items"]
    assert sums == [
        {
            "import_id": "01K9ZT3V7Q8RXB0M2N4P6S8T1A",
            "currency": "USD",
            "cases": 3,
            "balance_fen": 4_500,
            "reconciled": True,
            "decided_fen": 34_500,
            "surcharge_fen": 18_000,
            "interest_fen": 28_494,
            "waived_fen": 46_494,
            "paid_fen": 30_000,
            "booked": {
                "decided_fen": 34_500,
                "surcharge_fen": 18_000,
                "interest_fen": 28_494,
                "waived_fen": 46_494,
                "paid_fen": 30_000,
            },
        }
    ]
    assert any_house.verify().faults == []
