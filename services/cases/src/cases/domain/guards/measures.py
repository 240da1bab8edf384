"""Guards on preservation, seizure and custody (APL 56, AEL 22 to 28)."""

from cases.domain import errors
from cases.domain.acts import ApproveMeasure, CarryOutMeasure, DisposeMeasure, HandOverEvidence
from cases.domain.facts import Facts
from cases.domain.rules import rule_file
from cases.domain.values import Disposal, MeasureKind
from gongzheng.legaltime import CitationError, check

__all__ = [
    "custody_is_unbroken",
    "inventory_is_complete",
    "measure_ends_in_time",
    "measure_was_approved",
    "nothing_is_held",
    "seizure_rests_on_a_statute",
]


def measure_rule(kind: MeasureKind) -> dict[str, object]:
    """What ``rules/measures.toml`` says of a kind."""
    return next(entry for entry in rule_file("measures")["measure"] if entry["kind"] == kind.value)


def seizure_rests_on_a_statute(facts: Facts) -> None:
    """Nothing is sealed or seized without a statute that allows it, and every measure says why (AEL 22)."""
    act = facts.expect(ApproveMeasure)
    if not act.reason.strip():
        raise errors.ReasonsRequired(
            "写明采取措施的理由。", "Say why it is needed.", law=("APL 56",), errors={"reason": ["is missing"]}
        )
    if not measure_rule(act.kind)["statute"]:
        return
    if not act.basis or any(not _known(ref) for ref in act.basis):
        raise errors.MeasureNotLawful(
            "查封、扣押应有法律、法规依据，请写明条款。",
            "A seizure needs a statute that allows it; name its articles.",
            law=("AEL 22",),
            errors={"basis": ["citations like FSL 110 are needed"]},
        )


def measure_was_approved(facts: Facts) -> None:
    """The head approved this measure, of this kind, before it was carried out, and it is carried out once (APL 56)."""
    act = facts.expect(CarryOutMeasure)
    measure = facts.case.measure(act.measure_id)
    rule = measure_rule(act.kind)
    law = tuple(str(ref) for ref in rule["law"])  # type: ignore[attr-defined] # a list in the file
    if measure.kind is not act.kind or measure.carried_out_on is not None:
        raise errors.ActOutOfOrder(
            "批准的不是该项措施，或者已经实施。", "That is not what was approved, or it has been done.", law=law
        )
    if act.done_on < measure.approved_on:
        raise errors.DateNotPossible(
            f"该措施于{measure.approved_on}批准。",
            f"It was approved on {measure.approved_on}.",
            errors={"done_on": ["lies before the approval"]},
        )


def inventory_is_complete(facts: Facts) -> None:
    """What is taken is listed on the spot, signed or the refusal noted, and the papers handed over (AEL 24)."""
    act = facts.expect(CarryOutMeasure)
    wrong: dict[str, list[str]] = {}
    if not act.items:
        wrong["items"] = ["nothing is listed"]
    if not act.papers_handed_over:
        wrong["papers_handed_over"] = ["must be true"]
    if not (act.party_present and act.party_signed) and not act.note.strip():
        wrong["note"] = ["absence or refusal is noted"]
    if wrong:
        raise errors.MeasureNotLawful(
            "应当场清点、开具清单，由当事人签名或者注明情况，并当场交付文书。",
            "List everything on the spot, have it signed or note why not, and hand over the papers.",
            law=("AEL 24",) if act.kind is MeasureKind.SEIZURE else ("SAMR-PROC 34(1)",),
            errors=wrong,
        )


def measure_ends_in_time(facts: Facts) -> None:
    """What is held ends in one of the ways of its kind; after its last day it can only be released (APL 56, AEL 28)."""
    act = facts.expect(DisposeMeasure)
    measure = facts.case.measure(act.measure_id)
    rule = measure_rule(measure.kind)
    ways = rule["disposals"]
    if not measure.held:
        raise errors.ActOutOfOrder("该措施未实施或者已经处理。", "Nothing of it is held.", law=("AEL 27",))
    if not isinstance(ways, dict) or act.disposal.value not in ways or not act.reason.strip():
        raise errors.MeasureNotLawful(
            "该措施不得如此处理，或者未说明理由。",
            "This kind does not end that way, or the reason is missing.",
            law=("AEL 27",),
            errors={"disposal": ["not open for this kind"], "reason": ["is needed"]},
        )
    clock = next(c for c in facts.case.clocks if c.about == measure.measure_id)
    if not clock.paused and facts.day > clock.due_on and act.disposal is not Disposal.RELEASED:
        raise errors.MeasureNotLawful(
            f"期限已于{clock.due_on}届满，应当解除。",
            f"Its time ended on {clock.due_on}; it can only be released.",
            law=(str(rule["late"]),),
            errors={"disposal": ["must be released"]},
        )


def nothing_is_held(facts: Facts) -> None:
    """A case is not closed while something is preserved or seized (AEL 27, 28)."""
    held = [measure for measure in facts.case.file.measures if measure.held]
    if held:
        raise errors.MeasureNotLawful(
            "仍有先行登记保存或者查封、扣押的财物未处理。",
            "Something is still preserved or seized; decide what becomes of it.",
            law=("AEL 27", "AEL 28(1)(3)"),
        )


def custody_is_unbroken(facts: Facts) -> None:
    """Whoever hands a piece on is who has it, and no earlier than it was received (APL 47)."""
    act = facts.expect(HandOverEvidence)
    piece = facts.case.piece(act.evidence_id)
    before = [entry for entry in facts.case.file.custody if entry.evidence_id == act.evidence_id]
    since = before[-1].done_on if before else piece.done_on
    if act.done_on < since:
        raise errors.DateNotPossible(
            f"该证据于{since}方才取得或者移交。",
            f"It was taken or handed over on {since}.",
            errors={"done_on": ["lies before the last hand"]},
        )
    if before and before[-1].received_by != act.handed_by:
        raise errors.CustodyBroken(
            f"该证据现由{before[-1].received_by}保管。",
            f"It is in the hands of {before[-1].received_by}.",
            errors={"handed_by": [f"is not {before[-1].received_by}"]},
        )


def _known(ref: str) -> bool:
    try:
        return check(ref).article is not None
    except CitationError:
        return False
