"""Extensions, and time that is not counted."""

from typing import TYPE_CHECKING

from cases.domain import acts
from cases.domain.clock_rules import clock_rules, pause_rules
from cases.domain.clocks import extended, resumed, stopped
from cases.domain.facts import Facts
from cases.domain.records import ClockExtension, ClockRecord

if TYPE_CHECKING:
    from cases.domain.case import Case


def extend(case: "Case", act: acts.ExtendTime, facts: Facts) -> None:
    """The clock gets the next extension that its law opens."""
    clock = case.clock_by_id(act.clock_id)
    rule = clock_rules()[clock.kind].extensions[len(clock.extensions)]
    extension = ClockExtension(
        length=rule.length or act.length or 0,
        unit=rule.unit,
        law=rule.law,
        granted_on=act.done_on,
        granted_by=facts.actor.subject,
        reason=act.reason,
        officer_ids=act.officer_ids,
        record=act.record,
    )
    case.clocks[case.clocks.index(clock)] = extended(case, clock, extension, facts.calendar)


def stop(case: "Case", act: acts.StopTime, facts: Facts) -> None:
    """Every running clock of the cause stands from that day on."""
    kinds = pause_rules()[act.cause].law

    def stands(clock: ClockRecord) -> bool:
        return clock.ended_on is None and clock.kind in kinds and facts.day <= clock.due_on

    case.clocks = [
        stopped(case, clock, act.cause, act.done_on, facts.calendar) if stands(clock) else clock
        for clock in case.clocks
    ]


def resume(case: "Case", act: acts.ResumeTime, facts: Facts) -> None:
    """Every clock that stands for the cause goes on."""
    case.clocks = [
        resumed(case, clock, act.cause, act.done_on, facts.calendar)
        if clock.ended_on is None and any(p.cause == act.cause and p.last is None for p in clock.pauses)
        else clock
        for clock in case.clocks
    ]
