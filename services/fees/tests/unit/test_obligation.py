"""An obligation takes payments, days and nothing else."""

from datetime import date, timedelta

import pytest

from fees.domain.errors import ImportDoesNotBalance
from fees.domain.events import ObligationSettled, SurchargeCapped
from fees.domain.obligation import Ground, Obligation, Origin, State
from fees.domain.opening import Opening
from fees.domain.position import Terms
from fees.domain.rules import Component, default_rules

RULES = default_rules()
DUE = date(2026, 11, 30)


def debt(**terms: int) -> Obligation:
    """A debt of ¥100 with surcharge, unless it says otherwise."""
    return Obligation(
        id="o",
        ground=Ground(case_id="c", cause_id="e", decision_id="d", document_number="n"),
        origin=Origin.DECISION,
        currency="CNY",
        terms=Terms(**{"fine_fen": 10_000} | terms, due_on=DUE, surcharge=RULES.surcharge),  # type: ignore[arg-type]
        payment_code="30",
    )


def late(days: int) -> date:
    """So many days after the due day."""
    return DUE + timedelta(days=days)


@pytest.mark.req("F-02")
def test_a_payment_of_what_is_owed_settles_as_of_the_day_it_was_paid() -> None:
    """The settled event carries the day of the payment."""
    owed = debt()
    booked = owed.receive(RULES, amount_fen=10_300, paid_on=late(1))
    assert (owed.state, owed.settled_on, booked.held_fen) == (State.SETTLED, late(1), 0)
    assert [type(event) for event in booked.events] == [ObligationSettled]


@pytest.mark.req("F-06")
def test_the_principal_alone_does_not_settle_when_a_day_late() -> None:
    """The surcharge of the day is owed too."""
    owed = debt()
    booked = owed.receive(RULES, amount_fen=10_000, paid_on=late(1))
    assert (owed.state, booked.remaining_fen, booked.events) == (State.OPEN, 300, ())


@pytest.mark.req("F-06")
def test_a_notice_that_comes_late_takes_back_the_surcharge_of_days_on_which_it_was_paid() -> None:
    """Five days were booked; then the bank tells that the payer paid on the due day: the entry is reversed in red."""
    owed = debt()
    owed.accrue(RULES, through=late(5))
    assert owed.surcharge_fen == 1_500
    booked = owed.receive(RULES, amount_fen=10_000, paid_on=DUE)
    assert {fact.name: fact.amount_fen for fact in booked.facts} == {
        "surcharge.accrued": -1_500,
        "fine.collected": 10_000,
        "deposit.held": 0,
    }
    assert (owed.state, owed.settled_on, owed.surcharge_fen) == (State.SETTLED, DUE, 0)


@pytest.mark.req("F-06")
def test_surcharge_collected_on_days_that_turn_out_paid_goes_back_to_the_payer() -> None:
    """¥100 + ¥20 came on day 10, then a notice of ¥50 paid in time: 10 days on ¥50 are ¥15, so ¥55 are held."""
    owed = debt()
    owed.receive(RULES, amount_fen=12_000, paid_on=late(10))
    booked = owed.receive(RULES, amount_fen=5_000, paid_on=DUE)
    assert (booked.held_fen, booked.taken_back_fen, booked.booked_fen) == (5_500, 500, 0)
    assert (owed.surcharge_fen, owed.paid_fen, owed.state) == (1_500, 11_500, State.SETTLED)
    assert sum(fact.amount_fen for fact in booked.facts if fact.name.endswith(("collected", "held"))) == 5_000


@pytest.mark.req("F-06")
def test_a_part_payment_told_late_leaves_the_days_that_are_booked_booked() -> None:
    """Five days were booked; half came on the first of them: one day on ¥100 and four on ¥50 stand."""
    owed = debt()
    owed.accrue(RULES, through=late(5))
    booked = owed.receive(RULES, amount_fen=5_000, paid_on=late(1))
    assert (owed.surcharge_fen, owed.accrued_through, booked.remaining_fen) == (900, late(5), 5_900)


@pytest.mark.req("F-02")
def test_what_exceeds_the_debt_is_held() -> None:
    """¥100 are owed, ¥150 come: ¥50 are held."""
    booked = debt().receive(RULES, amount_fen=15_000, paid_on=DUE)
    assert (booked.booked_fen, booked.held_fen, booked.taken_back_fen) == (10_000, 5_000, 0)


def test_a_settled_debt_takes_nothing_more() -> None:
    """Its money is held by the handler; the aggregate refuses to be asked."""
    owed = debt()
    owed.receive(RULES, amount_fen=10_000, paid_on=DUE)
    with pytest.raises(ValueError, match="settled"):
        owed.receive(RULES, amount_fen=1, paid_on=DUE)


@pytest.mark.req("F-06")
def test_the_cap_is_told_once() -> None:
    """Days beyond the cap add nothing and say nothing."""
    owed = debt()
    _, first = owed.accrue(RULES, through=late(40))
    facts, second = owed.accrue(RULES, through=late(41))
    assert [type(event) for event in first] == [SurchargeCapped]
    assert (owed.surcharge_fen, facts, second) == (10_000, (), ())


@pytest.mark.req("F-06")
def test_a_payment_told_late_undoes_the_cap_and_the_surcharge_runs_again() -> None:
    """Capped after 34 days on ¥100; half was paid in time, so it is ¥1.50 a day and the cap comes on day 67."""
    owed = debt()
    owed.accrue(RULES, through=late(40))
    booked = owed.receive(RULES, amount_fen=5_000, paid_on=DUE)
    assert (owed.capped_on, owed.surcharge_fen, booked.events) == (None, 6_000, ())
    _, events = owed.accrue(RULES, through=late(90))
    assert (owed.capped_on, owed.surcharge_fen, len(events)) == (late(67), 10_000, 1)


@pytest.mark.parametrize(("today", "said"), [(DUE, False), (late(1), True), (late(9), True)])
@pytest.mark.req("F-06")
def test_overdue_begins_the_day_after_the_due_day_and_is_said_once(today: date, *, said: bool) -> None:
    """On the due day the payer is still in time."""
    owed = debt()
    assert (owed.fall_overdue(today) is not None) is said
    assert owed.fall_overdue(late(20)) is None or not said


@pytest.mark.req("F-13")
def test_an_opening_balance_is_computed_and_never_read() -> None:
    """115.00 + 60.00 + 94.98 - 154.98 - 100.00 is 15.00; stated one cent otherwise, it is refused."""
    opening = Opening(
        import_id="i", source_reference="r", currency="USD",
        decided_fen=11_500, surcharge_fen=6_000, interest_fen=9_498, waived_fen=15_498, paid_fen=10_000,
    )  # fmt: skip
    opening.check(1_500)
    with pytest.raises(ImportDoesNotBalance):
        opening.check(1_501)


def test_all_parts_of_a_fresh_debt_are_unpaid() -> None:
    """Debts do not share their figures."""
    one, other = debt(), debt()
    one.receive(RULES, amount_fen=1, paid_on=DUE)
    assert other.paid == dict.fromkeys(Component, 0)
