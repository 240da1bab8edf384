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
    stop_for(case, act.cause, facts)


def resume(case: "Case", act: acts.ResumeTime, facts: Facts) -> None:
    """Every clock that stands for the cause goes on."""
    resume_for(case, act.cause, facts)


def stop_for(case: "Case", cause: str, facts: Facts) -> None:
    """Let the clocks of a cause stand from the day of the act on; those that stand for it already are left."""
    kinds = pause_rules()[cause].law

    def stands(clock: ClockRecord) -> bool:
        running = clock.ended_on is None and clock.kind in kinds and facts.day <= clock.due_on
        return running and not _stands_for(clock, cause)

    case.clocks = [
        stopped(case, clock, cause, facts.day, facts.calendar) if stands(clock) else clock for clock in case.clocks
    ]


def resume_for(case: "Case", cause: str, facts: Facts) -> None:
    """Let the clocks that stand for a cause go on from the day of the act."""
    case.clocks = [
        resumed(case, clock, cause, facts.day, facts.calendar)
        if clock.ended_on is None and _stands_for(clock, cause)
        else clock
        for clock in case.clocks
    ]


def _stands_for(clock: ClockRecord, cause: str) -> bool:
    return any(pause.cause == cause and pause.last is None for pause in clock.pauses)
