"""The clocks of a case: which start and end with which act, when their last day is, and what moves it (APL 85).

Whoever changes a clock gets back the clock and, where others have to know, an event about it.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

from cases.domain.acts import Act
from cases.domain.clock_rules import (
    CONDITIONS,
    ClockRule,
    clock_rules,
    decision_has_social_impact,
    may_be_sued_at_once,
    money_is_owed,
    pause_rules,
)
from cases.domain.events import ClockBreached, ClockChanged
from cases.domain.records import ClockExtension, ClockPause, ClockRecord
from gongzheng.ids import new_id
from gongzheng.legaltime import Deadline, Extension, Pause, WorkCalendar, deadline
from gongzheng.legaltime.deadlines import Unit

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.facts import Facts

DUTY = "duty"
_ONE_DAY = timedelta(days=1)
__all__ = [
    "CONDITIONS",
    "ClockRule",
    "after_act",
    "clock_rules",
    "decision_has_social_impact",
    "extended",
    "last_day",
    "may_be_sued_at_once",
    "money_is_owed",
    "pause_rules",
    "recomputed",
    "resumed",
    "stopped",
]


def last_day(rule: ClockRule, started_on: date, calendar: WorkCalendar, *, about: str = "") -> ClockRecord:
    """A running of a clock that starts on a day; the start day is not counted."""
    blank = ClockRecord(
        clock_id=new_id(),
        kind=rule.kind,
        nature=rule.nature,
        law=rule.law,
        unit=rule.unit,
        length=rule.length,
        started_on=started_on,
        due_on=started_on,
        provisional=False,
        why_zh="",
        why_en="",
        about=about,
    )
    return _counted(blank, calendar, as_of=started_on)


def after_act(case: "Case", act: Act, facts: "Facts") -> list[ClockRecord]:
    """The case's clocks after an act: those that it ends are ended, those that it starts are added."""
    rules, name = clock_rules(), act.row

    def ends(clock: ClockRecord) -> bool:
        rule = rules.get(clock.kind)
        return rule is not None and name in rule.ends and _about(rule, act, clock.about) == clock.about

    clocks = [_ended(case, clock, facts) if clock.ended_on is None and ends(clock) else clock for clock in case.clocks]
    for rule in rules.values():
        if name in rule.starts and (rule.when is None or CONDITIONS[rule.when](case)):
            about = _about(rule, act, "")
            # A second start (a new notice) lets the first running end, so that one period is not counted twice.
            clocks = [
                _ended(case, c, facts) if (c.kind, c.about, c.ended_on) == (rule.kind, about, None) else c
                for c in clocks
            ]
            clocks.append(last_day(rule, act.done_on, facts.calendar, about=about))
    return clocks


def extended(case: "Case", clock: ClockRecord, extension: ClockExtension, calendar: WorkCalendar) -> ClockRecord:
    """The clock with more time."""
    more = replace(clock, extensions=(*clock.extensions, extension))
    return _moved(case, clock, _counted(more, calendar, as_of=extension.granted_on), "extended")


def stopped(case: "Case", clock: ClockRecord, cause: str, day: date, calendar: WorkCalendar) -> ClockRecord:
    """The clock as it stands from a day on; its last day is open until it runs again."""
    rule = pause_rules()[cause]
    pause = ClockPause(
        cause=cause, first=day, last=None, law=rule.law[clock.kind], reason_zh=rule.zh, reason_en=rule.en
    )
    still = replace(clock, pauses=(*clock.pauses, pause))
    return _moved(case, clock, _counted(still, calendar, as_of=day), "stopped")


def resumed(case: "Case", clock: ClockRecord, cause: str, day: date, calendar: WorkCalendar) -> ClockRecord:
    """The clock running again: the day on which it goes on counts, the days before it since the stop do not."""
    return _moved(case, clock, _counted(_closed(clock, day, cause), calendar, as_of=day), "resumed")


def recomputed(case: "Case", calendar: WorkCalendar) -> list[ClockRecord]:
    """The case's clocks counted with another calendar, where their last day depended on one that was missing."""

    def again(clock: ClockRecord) -> ClockRecord:
        stale = clock.provisional and clock.calendar != calendar.fingerprint
        if clock.ended_on is not None or clock.paused or not stale:
            return clock
        fresh = _counted(clock, calendar, as_of=clock.started_on)
        return fresh if fresh.due_on == clock.due_on else _moved(case, clock, fresh, "recomputed")

    return [again(clock) for clock in case.clocks]


def _ended(case: "Case", clock: ClockRecord, facts: "Facts") -> ClockRecord:
    """The clock after the act that ends it. What counts is the day of the act, not the day on which it is recorded."""
    day = facts.day
    if clock.paused:
        clock = _counted(_closed(clock, day), facts.calendar, as_of=day)
    ended = replace(clock, ended_on=day)
    if clock.nature != DUTY:
        return ended
    if day <= clock.due_on and clock.breached_on is not None:
        return _moved(case, clock, replace(ended, breached_on=None), "met")
    if day > clock.due_on and clock.breached_on is None:
        case.events.append(ClockBreached(**_common(case, clock), started_on=clock.started_on, due_on=clock.due_on))
        return replace(ended, breached_on=facts.today)
    return ended


def _moved(case: "Case", before: ClockRecord, after: ClockRecord, change: str) -> ClockRecord:
    """Say what became of the clock; a breach found before its true last day was known is taken back."""
    withdrawn = before.breached_on is not None and (after.breached_on is None or before.breached_on <= after.due_on)
    if withdrawn:
        after = replace(after, breached_on=None)
    if after.due_on > before.due_on:
        after = replace(after, warned_on=None)
    case.events.append(
        ClockChanged(
            **_common(case, before),
            change=change,
            due_on=None if after.paused else after.due_on,
            previous_due_on=before.due_on,
            provisional=after.provisional,
            breach_withdrawn=withdrawn,
        )
    )
    return after


def _common(case: "Case", clock: ClockRecord) -> dict[str, Any]:
    return {
        "case_id": case.id,
        "clock_id": clock.clock_id,
        "kind": clock.kind,
        "law": clock.law,
        "organisation_id": case.organisation_id,
        "matter_id": case.matter_id,
    }


def _closed(clock: ClockRecord, day: date, cause: str | None = None) -> ClockRecord:
    """The clock whose standing (of one cause, or all) ended the day before; one that lasted no day leaves no trace."""
    pauses = tuple(
        replace(pause, last=day - _ONE_DAY) if pause.last is None and cause in {None, pause.cause} else pause
        for pause in clock.pauses
    )
    return replace(clock, pauses=tuple(pause for pause in pauses if pause.last is None or pause.first <= pause.last))


def _counted(clock: ClockRecord, calendar: WorkCalendar, *, as_of: date) -> ClockRecord:
    """The clock with its last day as the calendar gives it."""
    computed: Deadline = deadline(
        clock.started_on,
        clock.length,
        _unit(clock.unit),
        calendar=calendar,
        law=clock.law,
        extensions=[
            Extension(
                length=more.length, unit=_unit(more.unit), law=more.law, reason_zh=more.reason, reason_en=more.reason
            )
            for more in clock.extensions
        ],
        pauses=[
            Pause(first=p.first, last=p.last, law=p.law, reason_zh=p.reason_zh, reason_en=p.reason_en)
            for p in clock.pauses
        ],
        as_of=as_of,
    )
    return replace(
        clock,
        due_on=computed.due,
        provisional=computed.provisional,
        why_zh=computed.why_zh,
        why_en=computed.why_en,
        calendar=computed.calendar,
    )


def _unit(name: str) -> Unit:
    return cast("Unit", name)  # the rule test checks the units


def _about(rule: ClockRule, act: Act, default: str) -> str:
    """Which thing the act is about, for a clock of which each thing has its own."""
    return default if rule.per is None else str(getattr(act, rule.per, default))
