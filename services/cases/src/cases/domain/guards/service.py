"""Guards on service: the document is issued and not served, its facts are complete, the ladder was climbed (APL 61)."""

from cases.domain import errors
from cases.domain.acts import AnnounceService, AttemptService, Serve
from cases.domain.facts import Facts
from cases.domain.service import announcement_of, attempts_of, effective_on, issued
from cases.domain.values import ServiceMethod

__all__ = [
    "attempt_is_described",
    "document_was_issued_and_not_served",
    "other_ways_have_failed",
    "service_is_valid",
]


def document_was_issued_and_not_served(facts: Facts) -> None:
    """Only an issued document is served, tried or announced, and not again when it has been served (APL 61(1))."""
    act = facts.act
    if not isinstance(act, Serve | AttemptService | AnnounceService):
        raise TypeError(f"{act.row} serves nothing")
    found = issued(facts.case, act.document)
    if found is None:
        raise errors.ActOutOfOrder("文书尚未制作。", "The document has not been issued.", law=("APL 61(1)",))
    _, issued_on, served = found
    if served:
        raise errors.ActOutOfOrder("文书已经送达。", "The document has already been served.", law=("APL 61(1)",))
    field, day = ("sent_on", act.sent_on) if isinstance(act, Serve) else ("done_on", act.done_on)
    if day < issued_on:
        raise errors.DateNotPossible(
            f"发出日期 {day} 早于文书日期 {issued_on}。",
            f"{day} lies before {issued_on}, the date of the document.",
            errors={field: ["lies before the document's date"]},
        )


def service_is_valid(facts: Facts) -> None:
    """The facts of service make the document served (APL 61)."""
    effective_on(facts)


def attempt_is_described(facts: Facts) -> None:
    """An attempt is one of the ways that can fail, and the record says what happened (CPL 87, 89)."""
    act = facts.expect(AttemptService)
    if act.method is ServiceMethod.ANNOUNCEMENT or not act.note.strip():
        raise errors.ServiceNotValid(
            "写明送达的方式和未能送达的经过。",
            "Say by which way it was tried and what happened.",
            errors={"note": ["is missing, or the method cannot fail"]},
        )


def other_ways_have_failed(facts: Facts) -> None:
    """An announcement is the last way: the party cannot be found, or others have failed, on record (CPL 95)."""
    act = facts.expect(AnnounceService)
    wrong: dict[str, list[str]] = {}
    tried = any(attempt.done_on <= act.done_on for attempt in attempts_of(facts.case, act.document))
    if not act.whereabouts_unknown and not tried:
        wrong["whereabouts_unknown"] = ["no other way was tried"]
    if not act.course.strip():
        wrong["course"] = ["say why and what was tried"]
    if not act.places:
        wrong["places"] = ["say where it was announced"]
    if not act.recorded:
        wrong["recorded"] = ["the posting is photographed or filmed"]
    if wrong:
        raise errors.ServiceNotValid(
            "受送达人下落不明或者其他方式无法送达的，方可公告送达，并应载明原因、经过，记录张贴过程。",
            "Only when the party cannot be found or other ways have failed; reason, course and posting are on record.",
            law=("CPL 95", "SAMR-PROC 82[5]"),
            errors=wrong,
        )
    if announcement_of(facts.case, act.document) is not None:
        raise errors.ActOutOfOrder("该文书已经公告。", "It has been announced already.", law=("CPL 95(1)",))
