"""What is owed on a day: boundary days, the cap, part payments, pauses, and the order in which notices come."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.domain.position import Credit, Pause, Position, Terms, derive
from fees.domain.rules import Component, default_rules

RULES = default_rules()
DUE = date(2026, 11, 30)
FINE = Terms(fine_fen=1_000_000, due_on=DUE, surcharge=RULES.surcharge)


def at(terms: Terms, day: date, *payments: tuple[date, int]) -> Position:
    """The position on a day after payments."""
    paid = [Credit(paid_on=paid_on, amount_fen=amount) for paid_on, amount in payments]
    return derive(terms, paid, on=day, order=RULES.allocation)


@pytest.mark.req("F-06")
@pytest.mark.parametrize(
    ("days_after_due", "surcharge_fen"),
    [(-5, 0), (0, 0), (1, 30_000), (2, 60_000), (33, 990_000), (34, 1_000_000), (35, 1_000_000), (400, 1_000_000)],
)
def test_the_surcharge_begins_the_day_after_the_due_day_and_ends_at_the_fine(
    days_after_due: int, surcharge_fen: int
) -> None:
    """3 % of ¥10,000 a day: nothing on the due day, ¥300 the day after, the whole fine on the 34th day."""
    assert at(FINE, DUE + timedelta(days=days_after_due)).surcharge_fen == surcharge_fen


@pytest.mark.req("F-06")
def test_the_day_on_which_the_cap_is_reached_is_told() -> None:
    """33 days make 99 %; the 34th reaches the cap."""
    assert at(FINE, DUE + timedelta(days=33)).capped_on is None
    assert at(FINE, DUE + timedelta(days=90)).capped_on == DUE + timedelta(days=34)


@pytest.mark.req("F-06")
def test_without_a_word_in_the_decision_no_surcharge_runs() -> None:
    """DECREE-235 7 and 9: only where the decision says so."""
    silent = Terms(fine_fen=1_000_000, due_on=DUE)
    position = at(silent, DUE + timedelta(days=90))
    assert (position.surcharge_fen, position.days) == (0, ())


@pytest.mark.req("F-06")
def test_confiscated_gains_bear_no_surcharge() -> None:
    """The article speaks of the fine."""
    both = Terms(fine_fen=100_000, confiscation_fen=900_000, due_on=DUE, surcharge=RULES.surcharge)
    assert at(both, DUE + timedelta(days=1)).surcharge_fen == 3_000
    assert at(both, DUE + timedelta(days=99)).surcharge_fen == 100_000


@pytest.mark.req("F-06")
@pytest.mark.parametrize(("paid_after_due", "owed"), [(0, 0), (1, 30_000), (2, 60_000)])
def test_a_payment_late_by_n_days_bears_n_days(paid_after_due: int, owed: int) -> None:
    """On the due day it is in time; a day later one day is added before the payment is taken."""
    paid_on = DUE + timedelta(days=paid_after_due)
    assert at(FINE, paid_on + timedelta(days=20), (paid_on, 1_000_000)).outstanding_fen == owed


@pytest.mark.req("F-06")
def test_after_a_part_payment_the_surcharge_runs_on_the_unpaid_part() -> None:
    """¥6,000 in time; then 3 % of ¥4,000 a day."""
    position = at(FINE, DUE + timedelta(days=2), (DUE, 600_000))
    assert [day.base_fen for day in position.days] == [400_000, 400_000]
    assert position.surcharge_fen == 24_000


@pytest.mark.req("F-06")
def test_no_surcharge_runs_while_it_is_paused() -> None:
    """APL 73(3): the days of reconsideration and litigation do not count; both ends of the pause belong to it."""
    pause = Pause(first_on=DUE + timedelta(days=2), last_on=DUE + timedelta(days=4), law=("APL 73(3)",))
    paused = Terms(fine_fen=1_000_000, due_on=DUE, surcharge=RULES.surcharge, pauses=(pause,))
    position = at(paused, DUE + timedelta(days=6))
    assert [day.note for day in position.days] == ["runs", "paused", "paused", "paused", "runs", "runs"]
    assert position.surcharge_fen == 90_000
    assert position.days[1].law == ("APL 73(3)",)


@pytest.mark.req("F-06")
def test_fractions_of_a_fen_accumulate_and_only_whole_fen_are_owed() -> None:
    """3 % of 101 fen is 3.03 fen a day: after 33 days 99.99, after 34 the cap of 101."""
    small = Terms(fine_fen=101, due_on=DUE, surcharge=RULES.surcharge)
    assert [at(small, DUE + timedelta(days=n)).surcharge_fen for n in (1, 32, 33, 34)] == [3, 96, 99, 101]


@pytest.mark.req("F-06")
def test_the_fine_is_covered_first_and_the_surcharge_last() -> None:
    """The order of the setting: what stops the surcharge soonest comes first."""
    both = Terms(fine_fen=100_000, confiscation_fen=50_000, due_on=DUE, surcharge=RULES.surcharge)
    position = at(both, DUE + timedelta(days=1), (DUE + timedelta(days=1), 151_000))
    assert position.paid == {
        Component.FINE: 100_000,
        Component.CONFISCATION: 50_000,
        Component.IMPORTED: 0,
        Component.SURCHARGE: 1_000,
    }
    assert position.outstanding_fen == 2_000


def test_what_exceeds_the_debt_is_excess_and_the_day_of_cover_is_told() -> None:
    """The excess is for the deposits."""
    position = at(FINE, DUE, (DUE - timedelta(days=3), 999_999), (DUE - timedelta(days=1), 5))
    assert (position.excess_fen, position.covered_on) == (4, DUE - timedelta(days=1))


_TERMS = st.builds(
    Terms,
    fine_fen=st.integers(0, 5_000_000),
    confiscation_fen=st.integers(0, 5_000_000),
    due_on=st.just(DUE),
    surcharge=st.sampled_from([RULES.surcharge, None]),
)
_DAYS = [DUE + timedelta(days=n) for n in range(-20, 61)]
_CREDITS = st.lists(
    st.builds(
        Credit,
        paid_on=st.integers(-20, 60).map(lambda n: DUE + timedelta(days=n)),
        amount_fen=st.integers(1, 9_000_000),
    ),
    max_size=6,
)


@pytest.mark.req("F-06")
@given(_TERMS, _CREDITS, st.integers(-30, 70))
def test_nothing_is_lost_and_the_surcharge_never_exceeds_the_fine(
    terms: Terms, credits_: list[Credit], days: int
) -> None:
    """Whatever is paid, and when: booked + excess = paid so far, and 0 ≤ surcharge ≤ fine."""
    on = DUE + timedelta(days=days)
    position = derive(terms, credits_, on=on, order=RULES.allocation)
    assert position.paid_fen + position.excess_fen == sum(c.amount_fen for c in credits_ if c.paid_on <= on)
    assert 0 <= position.surcharge_fen <= terms.fine_fen
    assert all(position.outstanding(component) >= 0 for component in Component)
    assert sum(day.added_fen for day in position.days) == position.surcharge_fen


@pytest.mark.req("F-06")
@given(_TERMS, _CREDITS, st.integers(-30, 70))
def test_the_surcharge_is_what_a_plain_count_of_days_gives(terms: Terms, credits_: list[Credit], days: int) -> None:
    """An independent count in exact fractions, day by day, gives the same figure."""
    on, owed, unpaid = DUE + timedelta(days=days), Fraction(0), terms.fine_fen
    for offset in range(-30, days + 1):
        day = DUE + timedelta(days=offset)
        if offset > 0 and terms.surcharge is not None:
            owed = min(owed + Fraction(unpaid * 3, 100), Fraction(terms.fine_fen))
        unpaid = max(unpaid - sum(c.amount_fen for c in credits_ if c.paid_on == day), 0)
    assert derive(terms, credits_, on=on, order=RULES.allocation).surcharge_fen == int(owed)


@given(_TERMS, _CREDITS)
def test_the_order_in_which_notices_come_makes_no_difference(terms: Terms, credits_: list[Credit]) -> None:
    """Payments count on the day they were paid: told in reverse, the figures are the same."""
    on = DUE + timedelta(days=70)
    forward = derive(terms, credits_, on=on, order=RULES.allocation)
    backward = derive(terms, list(reversed(credits_)), on=on, order=RULES.allocation)
    assert (forward.paid, forward.surcharge_fen, forward.excess_fen) == (
        backward.paid,
        backward.surcharge_fen,
        backward.excess_fen,
    )
