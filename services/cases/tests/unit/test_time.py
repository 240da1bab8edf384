"""More time, time that is not counted, acts recorded late: each on both sides of its boundary day."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.clock_rules import ClockRule, clock_rules, pause_rules
from cases.domain.events import ClockBreached, ClockChanged
from cases.domain.records import ClockRecord
from gongzheng.legaltime import check
from services.cases.tests.support.world import Walk, person

FILING_DUE = date(2026, 9, 21)
DECISION_DUE = date(2026, 12, 9)
DAN = person("dan")


def clock(walk: Walk, kind: str) -> ClockRecord:
    """The last running of a clock."""
    found = walk.case.clock(kind)
    assert found is not None
    return found


def extend(walk: Walk, kind: str, on: date, *, by: str = "dan", **fields: Any) -> ClockRecord:
    """Grant the clock of a kind more time."""
    act = acts.ExtendTime(
        clock_id=clock(walk, kind).clock_id, **{"done_on": on, "reason": "案情复杂，需进一步取证", **fields}
    )
    walk.perform(act, person(by, roles=("cases.decider",)))
    return clock(walk, kind)


def together(**changes: Any) -> dict[str, Any]:
    """What an extension by the heads together needs."""
    return {"length": 60, "officer_ids": ("cred-dan", "cred-don"), "record": "讨论一致同意", **changes}


def stop(walk: Walk, cause: str, on: date, by: str = "ivo") -> None:
    """Time is not counted from that day on."""
    walk.perform(acts.StopTime(cause=cause, reason="送检", done_on=on), person(by))


def resume(walk: Walk, cause: str, on: date, by: str = "ivo") -> None:
    """Time is counted again."""
    walk.perform(acts.ResumeTime(cause=cause, done_on=on), person(by))


def said(walk: Walk, kind: type[Any]) -> list[Any]:
    """The events of one kind."""
    return [event for event in walk.case.events if isinstance(event, kind)]


# --- more time -------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("until", "kind", "last", "due_on"),
    [
        ("report", "filing_check", FILING_DUE, date(2026, 10, 19)),
        ("file", "decision", DECISION_DUE, date(2027, 1, 8)),
    ],
)
def test_the_head_extends_until_the_last_day_and_not_after_it(until: str, kind: str, last: date, due_on: date) -> None:
    """SAMR-PROC 18, 64: fifteen working days more for the check, thirty days more for the decision."""
    walk = Walk(today=date(2027, 2, 1)).to(until)
    with pytest.raises(errors.TimeNotExtended):
        extend(walk, kind, last + timedelta(days=1))
    found = extend(walk, kind, last)
    assert (found.due_on, found.extensions[0].granted_by) == (due_on, "dan")
    assert "案情复杂" in found.why_zh
    (event,) = said(walk, ClockChanged)
    assert (event.change, event.previous_due_on, event.due_on) == ("extended", last, due_on)


@pytest.mark.req("C-30")
def test_a_check_is_extended_once_and_a_right_never() -> None:
    """The law opens one extension of the check, and none of the party's periods."""
    walk = Walk().to("report")
    extend(walk, "filing_check", FILING_DUE)
    with pytest.raises(errors.TimeNotExtended) as caught:
        extend(walk, "filing_check", FILING_DUE)
    assert caught.value.law == ("SAMR-PROC 18",)
    walk = Walk().to("serve_notice")
    with pytest.raises(errors.TimeNotExtended):
        extend(walk, "statement", date(2026, 9, 22))


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"length": None}, errors.TimeNotExtended),
        ({"length": 0}, errors.TimeNotExtended),
        ({"record": " "}, errors.DiscussionRequired),
        ({"officer_ids": ("cred-dan",)}, errors.DiscussionRequired),
        ({"officer_ids": ("cred-don", "cred-hal")}, errors.DiscussionRequired),
        ({"officer_ids": ("cred-dan", "cred-ivo")}, errors.SeparationOfDuties),
        ({"reason": " "}, errors.ReasonsRequired),
        ({}, None),
    ],
)
def test_the_second_extension_of_a_decision_is_the_heads_together(fields: dict[str, Any], error: Any) -> None:
    """SAMR-PROC 64(1): with a reasonable length that they fix, and a record; then none follows."""
    walk = Walk(today=date(2027, 4, 1)).to("assign")
    extend(walk, "decision", date(2026, 12, 1))
    if error is not None:
        with pytest.raises(error):
            extend(walk, "decision", date(2027, 1, 8), **together(**fields))
        return
    assert extend(walk, "decision", date(2027, 1, 8), **together()).due_on == date(2027, 3, 9)
    with pytest.raises(errors.TimeNotExtended):
        extend(walk, "decision", date(2027, 3, 9), **together())


@pytest.mark.req("C-30")
def test_a_length_that_the_law_fixes_is_nobodys_choice() -> None:
    """Thirty days are thirty days."""
    with pytest.raises(errors.TimeNotExtended) as caught:
        extend(Walk().to("file"), "decision", date(2026, 10, 1), length=60)
    assert caught.value.law == ("SAMR-PROC 64(1)",)


@pytest.mark.req("C-30")
def test_who_investigates_grants_the_own_case_no_time() -> None:
    """Approval is the head's."""
    with pytest.raises(errors.SeparationOfDuties):
        extend(Walk().to("assign"), "decision", date(2026, 10, 1), by="ivo")


@pytest.mark.req("C-30")
def test_a_clock_that_has_ended_is_not_extended() -> None:
    """There is nothing left to extend, and an unknown clock is not found."""
    walk = Walk().to("file")
    with pytest.raises(errors.TimeNotExtended):
        extend(walk, "filing_check", date(2026, 9, 10))
    with pytest.raises(errors.Unknown):
        walk.perform(acts.ExtendTime(clock_id="01JD000000000000000000NONE", reason="x", done_on=date(2026, 9, 11)), DAN)


# --- time that is not counted ----------------------------------------------------------------------------------------


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("first", "again", "due_on"),
    [
        (date(2026, 9, 21), date(2026, 9, 21), DECISION_DUE),
        (date(2026, 9, 21), date(2026, 9, 22), date(2026, 12, 10)),
        (date(2026, 9, 21), date(2026, 10, 1), date(2026, 12, 21)),
        (DECISION_DUE, date(2026, 12, 11), date(2026, 12, 11)),
    ],
)
def test_the_days_of_testing_are_not_counted(first: date, again: date, due_on: date) -> None:
    """From the first day to the day before the result; the ninetieth day on a Saturday rolls on."""
    walk = Walk(today=date(2026, 12, 31)).to("assign")
    stop(walk, "testing", first)
    standing = clock(walk, "decision")
    assert standing.state(date(2026, 12, 31)) == "paused"
    resume(walk, "testing", again)
    found = clock(walk, "decision")
    assert found.due_on == due_on
    changes = [(event.change, event.due_on) for event in said(walk, ClockChanged)]
    assert changes == [("stopped", None), ("resumed", due_on)]
    if again > first:
        assert "SAMR-PROC" in found.pauses[0].law
        assert "检测" in found.why_zh


@pytest.mark.req("C-30")
def test_testing_before_filing_stops_the_check_and_a_hearing_does_not() -> None:
    """Each cause names the clocks that stand for it, with the article."""
    walk = Walk().to("report")
    stop(walk, "testing", date(2026, 9, 3))
    assert clock(walk, "filing_check").pauses[0].law == "SAMR-PROC 18(2)"
    walk = Walk().to("report")
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(acts.StopTime(cause="hearing", reason="x", done_on=date(2026, 9, 3)), person("cleo"))


@pytest.mark.req("C-30")
def test_two_causes_at_once_are_not_counted_twice() -> None:
    """Testing for ten days, an announcement within them: ten days."""
    walk = Walk(today=date(2026, 12, 31)).to("assign")
    stop(walk, "testing", date(2026, 9, 21))
    with pytest.raises(errors.ActOutOfOrder):
        stop(walk, "testing", date(2026, 9, 22))
    stop(walk, "announcement", date(2026, 9, 23))
    resume(walk, "announcement", date(2026, 9, 25))
    assert clock(walk, "decision").paused
    resume(walk, "testing", date(2026, 10, 1))
    assert clock(walk, "decision").due_on == date(2026, 12, 21)


@pytest.mark.req("C-30")
def test_what_does_not_stand_cannot_go_on_and_what_has_ended_cannot_stand() -> None:
    """Nor does it go on before it stood."""
    walk = Walk(today=date(2026, 12, 31)).to("assign")
    with pytest.raises(errors.ActOutOfOrder):
        resume(walk, "testing", date(2026, 9, 22))
    with pytest.raises(errors.TimeNotExtended):
        stop(walk, "testing", DECISION_DUE + timedelta(days=1))
    stop(walk, "testing", date(2026, 9, 22))
    with pytest.raises(errors.DateNotPossible):
        resume(walk, "testing", date(2026, 9, 21))


@pytest.mark.req("C-26")
@pytest.mark.req("C-30")
def test_only_the_head_suspends_the_investigation() -> None:
    """SAMR-PROC 46: the suspension and its end are the head's; a decision ends it with its time."""
    walk = Walk().to("assign")
    with pytest.raises(errors.RoleNotEntitled):
        stop(walk, "suspension", date(2026, 9, 20))
    stop(walk, "suspension", date(2026, 9, 20), by="dan")
    with pytest.raises(errors.RoleNotEntitled):
        resume(walk, "suspension", date(2026, 9, 25))
    walk.to("decide")
    ended = clock(walk, "decision")
    assert (ended.ended_on, ended.pauses[0].last) == (date(2026, 10, 15), date(2026, 10, 14))
    assert ended.state(date(2026, 11, 1)) == "ended"


# --- acts recorded late ----------------------------------------------------------------------------------------------


def breached(walk: Walk, kind: str, on: date) -> Walk:
    """As the timer leaves a clock whose last day has passed."""
    from dataclasses import replace  # noqa: PLC0415 only here

    found = clock(walk, kind)
    walk.case.clocks[walk.case.clocks.index(found)] = replace(found, warned_on=on, breached_on=on)
    walk.case.events.clear()
    return walk


@pytest.mark.req("C-30")
@pytest.mark.parametrize(
    ("done_on", "state", "withdrawn"),
    [(FILING_DUE, "ended", True), (FILING_DUE + timedelta(days=1), "ended_late", False)],
)
def test_what_counts_is_the_day_of_the_act_not_of_its_recording(done_on: date, state: str, *, withdrawn: bool) -> None:
    """Found breached on the 22nd, filed on the 21st or 22nd, recorded in October."""
    walk = breached(Walk().to("report"), "filing_check", FILING_DUE + timedelta(days=1)).take("file", on=done_on)
    found = clock(walk, "filing_check")
    assert found.state(date(2026, 11, 20)) == state
    assert (found.breached_on is None) is withdrawn
    assert [(e.change, e.breach_withdrawn) for e in said(walk, ClockChanged)] == ([("met", True)] if withdrawn else [])
    assert said(walk, ClockBreached) == []


@pytest.mark.req("C-30")
@pytest.mark.parametrize("late", [0, 1])
def test_an_act_after_the_last_day_is_a_breach_also_when_no_timer_saw_it(late: int) -> None:
    """A worker that was down hides nothing: the act itself says so, once."""
    walk = Walk().to("report").take("file", on=FILING_DUE + timedelta(days=late))
    events = said(walk, ClockBreached)
    assert [(event.kind, event.due_on) for event in events] == [("filing_check", FILING_DUE)] * late
    assert (clock(walk, "filing_check").breached_on is not None) is bool(late)


@pytest.mark.req("C-30")
def test_an_extension_granted_in_time_and_recorded_late_takes_the_breach_back() -> None:
    """And the clock may be warned of and breached again, for its new last day."""
    walk = breached(Walk().to("report"), "filing_check", FILING_DUE + timedelta(days=1))
    found = extend(walk, "filing_check", FILING_DUE)
    assert (found.breached_on, found.warned_on) == (None, None)
    assert said(walk, ClockChanged)[0].breach_withdrawn


# --- the rule file ---------------------------------------------------------------------------------------------------


@pytest.mark.req("C-30")
@pytest.mark.parametrize("rule", clock_rules().values(), ids=lambda rule: rule.kind)
def test_extensions_cite_their_article_and_only_duties_have_them(rule: ClockRule) -> None:
    """Nobody extends the party's periods."""
    for extension in rule.extensions:
        check(extension.law)
        assert rule.nature == "duty"
        assert extension.unit in {"working_day", "day"}


@pytest.mark.req("C-30")
def test_every_cause_cites_an_article_for_each_clock_that_stands() -> None:
    """In both languages."""
    for rule in pause_rules().values():
        assert rule.law
        assert rule.zh
        assert rule.en
        for ref in rule.law.values():
            check(ref)
