"""What happens as days pass: overdue once, surcharge booked daily, the cap, all derivable again."""

from typing import Any

import pytest


@pytest.mark.req("F-06")
def test_overdue_is_said_exactly_once_and_not_on_the_due_day(any_house: Any) -> None:
    """Due on 30 November; quiet on that day, said on 1 December, never again."""
    any_house.owe()
    any_house.on("2026-11-30", hour=23)
    assert any_house.run_timers()["fees.overdue"] == 0
    any_house.on("2026-12-01", hour=0)
    assert [any_house.run_timers()["fees.overdue"] for _ in range(3)] == [1, 0, 0]
    any_house.on("2026-12-09")
    any_house.run_timers()
    said = any_house.published("obligation.overdue")
    assert [(event.data["due_on"], event.data["outstanding_fen"]) for event in said] == [("2026-11-30", 1_000_000)]


@pytest.mark.req("F-06")
def test_the_surcharge_is_booked_once_a_day_however_often_the_timer_runs(any_house: Any) -> None:
    """Three days late: ¥900, in the books and in the trace; the same figure however it is asked for."""
    debt = any_house.owe()
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        any_house.on(day)
        any_house.run_timers()
        any_house.run_timers()
    shown = any_house.obligation(debt["obligation_id"])
    trace = any_house.auditor.get(f"/obligations/{debt['obligation_id']}/surcharge").expect(200)
    assert shown["surcharge_fen"] == trace["surcharge_fen"] == 90_000
    assert [day["on"] for day in trace["days"]] == ["2026-12-01", "2026-12-02", "2026-12-03"]
    assert any_house.count("ledger_transaction") == 4
    assert any_house.verify().faults == []


@pytest.mark.req("F-06")
def test_a_timer_that_was_away_for_months_books_the_same_surcharge(any_house: Any) -> None:
    """One run after half a year reaches the cap and tells the day on which it was reached."""
    debt = any_house.owe()
    any_house.on("2027-06-01")
    any_house.run_timers()
    any_house.run_timers()
    capped = any_house.published("surcharge.capped")
    assert [(event.data["surcharge_fen"], event.data["capped_on"]) for event in capped] == [(1_000_000, "2027-01-03")]
    assert any_house.obligation(debt["obligation_id"])["outstanding_fen"] == 2_000_000
    assert any_house.verify().faults == []


@pytest.mark.req("F-06")
def test_a_late_payment_covers_principal_first_and_then_the_surcharge_of_its_own_day(any_house: Any) -> None:
    """Paid on 2 December, told on 5 December: two days are owed, not five."""
    any_house.load()
    bank, debt = any_house.bank(), any_house.owe()
    any_house.on("2026-12-05")
    any_house.run_timers()
    answer = bank.pay(debt["payment_code"], 1_060_000, paid_at="2026-12-02T09:00:00+08:00")
    assert answer["payment"]["surcharge_fen"] == 60_000
    assert answer["outcome"] == "booked"
    settled = any_house.published("obligation.settled")[0].data
    assert (settled["settled_on"], settled["paid_fen"], settled["surcharge_fen"]) == ("2026-12-02", 1_060_000, 60_000)
    assert any_house.obligation(debt["obligation_id"])["outstanding_fen"] == 0
    assert any_house.verify().faults == []


@pytest.mark.req("F-06")
def test_the_day_of_a_payment_is_the_day_in_shanghai(any_house: Any) -> None:
    """16:30 UTC on the due day is half past midnight of the next day: one day late."""
    any_house.load()
    bank, debt = any_house.bank(), any_house.owe()
    any_house.on("2026-12-03")
    answer = bank.pay(debt["payment_code"], 1_000_000, paid_at="2026-11-30T16:30:00Z")
    assert answer["payment"]["paid_on"] == "2026-12-01"
    trace = any_house.auditor.get(f"/obligations/{debt['obligation_id']}/surcharge", on="2026-12-01").expect(200)
    assert (trace["surcharge_fen"], trace["outstanding_fen"]) == (30_000, 30_000)


@pytest.mark.req("F-06")
def test_the_trace_of_an_earlier_day_is_what_it_was_on_that_day(any_house: Any) -> None:
    """And a day that has not come is answered as of today."""
    debt = any_house.owe()
    any_house.on("2026-12-10")
    path = f"/obligations/{debt['obligation_id']}/surcharge"
    assert any_house.auditor.get(path, on="2026-12-01").expect(200)["surcharge_fen"] == 30_000
    assert any_house.auditor.get(path, on="2026-11-30").expect(200)["days"] == []
    assert any_house.auditor.get(path, on="2030-01-01").expect(200)["on"] == "2026-12-10"


@pytest.mark.req("F-06")
def test_a_debt_whose_cap_was_undone_is_accrued_again(any_house: Any) -> None:
    """Capped in January; then the bank tells that half was paid in time: the timer goes on from there."""
    any_house.load()
    bank, debt = any_house.bank(), any_house.owe()
    any_house.on("2027-01-09")
    any_house.run_timers()
    bank.pay(debt["payment_code"], 500_000, paid_at="2026-11-30T02:00:00Z")
    any_house.on("2027-01-10")
    assert any_house.run_timers()["fees.surcharge"] == 1
    booked = any_house.auditor.get("/obligations", case_id=debt["case_id"]).expect(200)["items"][0]
    assert (booked["surcharge_fen"], booked["capped_on"]) == (615_000, None)
    assert any_house.verify().faults == []
