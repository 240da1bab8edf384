"""Guards on the right to be heard and to a hearing (APL 44, 45, 62 to 64)."""

from cases.domain import errors
from cases.domain.acts import Decide, HearParty, HoldHearing
from cases.domain.facts import Facts
from cases.domain.records import ClockRecord
from cases.domain.rules import rule_file
from cases.domain.values import HeardKind
from gongzheng.legaltime import deadline

__all__ = [
    "defence_was_considered",
    "hearing_announced_in_time",
    "party_was_heard",
    "period_for_the_statement_has_run_out",
    "right_to_a_hearing_respected",
    "waiver_is_in_the_partys_words",
]


def party_was_heard(facts: Facts) -> None:
    """The party made a statement, expressly waived it, or was silent until the period ran out (APL 62)."""
    notice = facts.case.notice
    heard = [h for h in facts.case.heard_on_current_notice() if h.done_on <= facts.day]
    if notice is None or notice.service is None or not heard:
        raise errors.PartyNotHeard(
            "记录当事人的陈述申辩、明确放弃，或者期限届满未陈述。",
            "Record the party's statement, express waiver, or silence after the period has run out.",
        )


def right_to_a_hearing_respected(facts: Facts) -> None:
    """Where a hearing must be offered, it was waived, held, or not asked for until the period ran out (APL 63, 64)."""
    notice = facts.case.notice
    if notice is None:
        return
    heard = facts.case.heard_on_current_notice()
    held = any(h.notice_id == notice.notice_id and h.done_on <= facts.day for h in facts.case.file.hearings)
    requested = any(h.hearing_requested for h in heard)
    if held or (not notice.hearing_law and not requested):
        return
    if requested:
        raise errors.HearingNotHeld("当事人要求听证，应先举行听证。", "The party asked for a hearing; hold it first.")
    if any(h.hearing_waived or h.kind is HeardKind.WAIVER for h in heard):
        return
    clock = _statement_clock(facts)
    if clock is None or facts.day <= clock.due_on:
        until = clock.due_on if clock is not None else facts.day
        raise errors.HearingNotHeld(
            f"当事人可以在{until}之前要求听证。", f"The party may ask for a hearing until {until}."
        )


def period_for_the_statement_has_run_out(facts: Facts) -> None:
    """Silence counts only after the last day of the period (APL 64)."""
    clock = _statement_clock(facts)
    if clock is not None and facts.day <= clock.due_on:
        raise errors.PartyNotHeard(
            f"期限至{clock.due_on}届满，此前不得视为放弃。",
            f"The period ends on {clock.due_on}; before that, silence is no waiver.",
            law=("APL 64", "APL 62"),
        )


def waiver_is_in_the_partys_words(facts: Facts) -> None:
    """A waiver is express: what the party itself said or signed is on record (APL 62)."""
    if not facts.expect(HearParty).content.strip():
        raise errors.PartyNotHeard(
            "放弃须为当事人的明确表示，请记录其原话或者附其签名的书面声明。",
            "A waiver is the party's own: record its words, or what it signed.",
            law=("APL 62",),
            errors={"content": ["is missing"]},
        )


def defence_was_considered(facts: Facts) -> None:
    """What the party brought forward is re-examined, and the decision says with which result (APL 45(1))."""
    spoke = any(h.kind is HeardKind.STATEMENT for h in facts.case.heard_on_current_notice())
    if spoke and not facts.expect(Decide).defence_opinion.strip():
        raise errors.DefenceNotConsidered(
            "写明对当事人陈述申辩的复核意见。",
            "State the result of re-examining the party's defence.",
            errors={"defence_opinion": ["is missing"]},
        )


def hearing_announced_in_time(facts: Facts) -> None:
    """The party learns of place and time seven working days before the hearing (APL 64)."""
    act, rule = facts.expect(HoldHearing), rule_file("thresholds")["hearing_notice"]
    earliest = deadline(act.announced_on, rule["length"], rule["unit"], calendar=facts.calendar, law=rule["law"]).due
    if act.done_on < earliest:
        raise errors.HearingNotHeld(
            f"听证通知于{act.announced_on}发出，听证不得早于{earliest}举行。",
            f"Announced on {act.announced_on}, the hearing cannot be held before {earliest}.",
            law=("APL 64",),
        )


def _statement_clock(facts: Facts) -> ClockRecord | None:
    """The running of the period on the current notice, the last one started."""
    clocks = [clock for clock in facts.case.clocks if clock.kind == "statement"]
    return clocks[-1] if clocks else None
