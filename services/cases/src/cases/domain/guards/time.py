"""Guards on time: who may extend a clock, by how much and until when, and which time is not counted."""

from cases.domain import errors
from cases.domain.acts import ExtendTime, ResumeTime, StopTime
from cases.domain.clock_rules import clock_rules, pause_rules
from cases.domain.facts import Facts
from cases.domain.guards.people import keep_apart, known_and_not_recused
from cases.domain.guards.review import HEADS_AT_LEAST
from cases.domain.records import ClockRecord

__all__ = ["extension_is_granted_together_where_required", "extension_is_open", "time_runs", "time_stands"]

LENGTH_MAX = 3_660
"""Days; a bound against slips of the pen where the law names none."""


def extension_is_open(facts: Facts) -> None:
    """The clock runs, its law has another extension, and its last day has not passed (SAMR-PROC 64)."""
    act = facts.expect(ExtendTime)
    clock = facts.case.clock_by_id(act.clock_id)
    rules = clock_rules()[clock.kind].extensions if clock.kind in clock_rules() else ()
    law = (clock.law,)
    if clock.ended_on is not None:
        raise errors.TimeNotExtended("该期限已经结束。", "This time limit has ended.", law=law)
    if len(clock.extensions) >= len(rules):
        raise errors.TimeNotExtended(
            "法律未规定该期限可以（再次）延长。", "The law opens no (further) extension of this time limit.", law=law
        )
    rule = rules[len(clock.extensions)]
    if facts.day > clock.due_on:
        raise errors.TimeNotExtended(
            f"期限已于{clock.due_on}届满，届满后不得延长。",
            f"It ended on {clock.due_on}; after that it is not extended.",
            law=(rule.law,),
            errors={"done_on": ["lies after the last day"]},
        )
    if not act.reason.strip():
        raise errors.ReasonsRequired(
            "写明延长的理由。", "Say why more time is needed.", law=(rule.law,), errors={"reason": ["is missing"]}
        )
    fixed = rule.length is not None
    if fixed == (act.length is not None) or (act.length is not None and not 1 <= act.length <= LENGTH_MAX):
        raise errors.TimeNotExtended(
            f"延长的期限由法律规定为{rule.length}。" if fixed else "延长决定应当同时确定合理的期限。",
            f"The law fixes the extension at {rule.length}." if fixed else "The decision fixes a reasonable length.",
            law=(rule.law,),
            errors={"length": ["must be left out" if fixed else f"is needed, 1 to {LENGTH_MAX}"]},
        )


def extension_is_granted_together_where_required(facts: Facts) -> None:
    """The second extension of a decision is the heads' together, with a record (SAMR-PROC 64)."""
    act = facts.expect(ExtendTime)
    clock = facts.case.clock_by_id(act.clock_id)
    rule = clock_rules()[clock.kind].extensions[len(clock.extensions)]
    if not rule.collective:
        return
    known_and_not_recused(facts)
    subjects = {officer.subject for officer in facts.officers}
    if len(subjects) < HEADS_AT_LEAST or facts.actor.subject not in subjects or not act.record.strip():
        raise errors.DiscussionRequired(
            "继续延期应由负责人集体讨论决定，并有讨论笔录。",
            "The heads decide on it together, whoever records it among them, and there is a record.",
            law=(rule.law,),
            errors={"officer_ids": ["at least two heads"], "record": ["is needed"]},
        )
    for subject in sorted(subjects):
        keep_apart(facts, subject, "decider")


def time_runs(facts: Facts) -> None:
    """There is a clock that stands for this cause, it runs, and its last day has not passed (SAMR-PROC 18, 64)."""
    act = facts.expect(StopTime)
    rule = pause_rules().get(act.cause)
    running = [] if rule is None else [clock for clock in _open(facts) if clock.kind in rule.law]
    if rule is None or not running:
        raise errors.ActOutOfOrder(
            "没有因此停止计算的期限。", "No time limit of this case stands for this cause.", law=("SAMR-PROC 64(2)",)
        )
    if any(pause.cause == act.cause and pause.last is None for clock in running for pause in clock.pauses):
        raise errors.ActOutOfOrder(
            "该原因已在停止计算。", "Time stands for this cause already.", law=tuple(rule.law.values())
        )
    if all(facts.day > clock.due_on for clock in running):
        raise errors.TimeNotExtended(
            "期限届满后不得再停止计算。", "A time limit that has ended cannot stand.", law=tuple(rule.law.values())
        )


def time_stands(facts: Facts) -> None:
    """Only what stands can go on, and not before it stood (SAMR-PROC 46(2))."""
    act = facts.expect(ResumeTime)
    since = [pause.first for c in _open(facts) for pause in c.pauses if pause.cause == act.cause and pause.last is None]
    if not since:
        raise errors.ActOutOfOrder(
            "没有因此停止计算的期限。", "No time limit stands for this cause.", law=("SAMR-PROC 46(2)",)
        )
    if facts.day < max(since):
        raise errors.DateNotPossible(
            f"恢复日期早于停止日期{max(since)}。",
            f"It stands since {max(since)}; it cannot go on before.",
            errors={"done_on": ["lies before the stop"]},
        )


def _open(facts: Facts) -> list[ClockRecord]:
    return [clock for clock in facts.case.clocks if clock.ended_on is None]
