"""Time limits begin and end with acts, and say why they end when they do."""

from datetime import date

import pytest

from cases.domain.records import ClockRecord
from cases.domain.sanction import NONE
from cases.domain.values import Outcome
from services.cases.tests.support.world import Walk


def clock(walk: Walk, kind: str) -> ClockRecord:
    """The last running of a clock."""
    found = walk.case.clock(kind)
    assert found is not None
    return found


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("until", "kind", "started_on", "due_on"),
    [
        ("report", "filing_check", date(2026, 9, 1), date(2026, 9, 21)),
        ("file", "decision", date(2026, 9, 10), date(2026, 12, 9)),
        ("serve_notice", "statement", date(2026, 9, 21), date(2026, 9, 29)),
        ("decide", "service_of_decision", date(2026, 10, 15), date(2026, 10, 26)),
        ("serve", "payment", date(2026, 10, 19), date(2026, 11, 3)),
        ("serve", "reconsideration", date(2026, 10, 19), date(2026, 12, 18)),
        ("serve", "litigation", date(2026, 10, 19), date(2027, 4, 19)),
    ],
)
def test_each_clock_ends_on_the_day_its_law_gives(until: str, kind: str, started_on: date, due_on: date) -> None:
    """Working days around the make-up Sunday of 20 September and the holidays of 25 to 27; calendar days otherwise."""
    found = clock(Walk().to(until), kind)
    assert (found.started_on, found.due_on) == (started_on, due_on)
    assert found.law in found.why_en or found.law.split(" ")[1] in found.why_en
    assert found.why_zh


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("kind", "started_by", "ended_by"),
    [
        ("filing_check", "report", "file"),
        ("decision", "file", "decide"),
        ("statement", "serve_notice", "decide"),
        ("service_of_decision", "decide", "serve"),
        ("payment", "serve", "settle"),
    ],
)
def test_a_clock_runs_from_its_act_to_its_act(kind: str, started_by: str, ended_by: str) -> None:
    """It runs after the first and stands after the second."""
    walk = Walk().to(started_by)
    assert clock(walk, kind).ended_on is None
    walk.to(ended_by)
    assert clock(walk, kind).ended_on == walk.case.last_day("decide" if ended_by == "decide" else _row(ended_by))


def _row(step: str) -> str:
    return {"file": "file", "serve": "serve_decision", "settle": "settle"}[step]


@pytest.mark.req("C-30")
def test_conditions_keep_clocks_from_starting() -> None:
    """No payment where nothing is owed; no publication without social impact; no service of a transfer."""
    walk = Walk().to("review").take("decide", outcome=Outcome.NO_PENALTY, sanction=NONE, on=date(2026, 9, 18))
    walk.take("serve", on=date(2026, 9, 21))
    assert walk.case.clock("payment") is None
    assert walk.case.clock("publication") is None
    walk = Walk().to("review").take("decide", outcome=Outcome.TRANSFERRED, sanction=NONE, on=date(2026, 9, 18))
    assert walk.case.clock("service_of_decision") is None
    walk = Walk().to("heard").take("decide", social_impact=True)
    assert clock(walk, "publication").due_on == date(2026, 10, 26)
    walk.take("publish", on=date(2026, 10, 20))
    assert clock(walk, "publication").ended_on == date(2026, 10, 20)


@pytest.mark.req("C-30")
def test_a_clock_tells_its_state_on_a_day() -> None:
    """Running to its last day, breached or run out after it, ended in time or late."""
    duty = clock(Walk().to("file"), "decision")
    assert duty.state(date(2026, 12, 9)) == "running"
    assert duty.state(date(2026, 12, 10)) == "breached"
    right = clock(Walk().to("serve"), "reconsideration")
    assert right.state(date(2026, 12, 18)) == "running"
    assert right.state(date(2026, 12, 19)) == "run_out"
    assert clock(Walk().to("decide"), "decision").state(date(2027, 1, 1)) == "ended"
    late = Walk().to("report").take("file", on=date(2026, 9, 22))
    assert clock(late, "filing_check").state(date(2026, 9, 22)) == "ended_late"


@pytest.mark.req("C-30")
def test_a_deadline_in_an_unpublished_year_is_marked_provisional() -> None:
    """The calendar of 2027 is not out in November 2026: six months from October end in April 2027."""
    found = clock(Walk().to("serve"), "litigation")
    assert found.due_on.year == 2027
    assert found.provisional
