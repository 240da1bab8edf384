"""Guards on evidence (APL 40, 41, 46, 55; PIPL 28)."""

from cases.domain import errors
from cases.domain.acts import ExcludeEvidence, HoldInterview, RecordEvidence, ReportInvestigation
from cases.domain.facts import Facts
from cases.domain.rules import rule_file

__all__ = [
    "evidence_is_there",
    "facts_rest_on_evidence",
    "no_sensitive_category",
    "record_read_or_refusal_noted",
    "surveillance_device_reviewed",
]


def refuse_sensitive(category: str) -> None:
    """Refuse a category of data that this suite does not take in (PIPL 28, 34); also asked before bytes are stored.

    Raises:
        SensitiveCategoryRefused: for a refused category, and for one that the list does not know.
    """
    known = {entry["name"]: entry for entry in rule_file("evidence")["category"]}
    entry = known.get(category)
    if entry is None or entry["refused"]:
        label_zh = entry["zh"] if entry else category
        label_en = entry["en"] if entry else category
        raise errors.SensitiveCategoryRefused(
            f"不接收：{label_zh}。请移除该类信息后再提交。",
            f"Not taken in: {label_en}. Remove such data and send the evidence again.",
            errors={"category": ["refused"]},
        )


def no_sensitive_category(facts: Facts) -> None:
    """Evidence declares its category of data, and the sensitive ones do not enter (PIPL 28)."""
    refuse_sensitive(facts.expect(RecordEvidence).category)


def surveillance_device_reviewed(facts: Facts) -> None:
    """A surveillance recording counts when device, place and recording are as the law wants them (APL 41).

    The device passed legal and technical review and its place was public before it recorded; what it recorded was
    reviewed afterwards, before it is used.
    """
    act = facts.expect(RecordEvidence)
    if not act.surveillance:
        return
    wrong: dict[str, list[str]] = {}
    if not act.device_number.strip():
        wrong["device_number"] = ["is missing"]
    for name in ("device_reviewed_on", "location_published_on"):
        day = getattr(act, name)
        if day is None or day > act.done_on:
            wrong[name] = ["must be on or before done_on"]
    if act.record_reviewed_on is None or not act.done_on <= act.record_reviewed_on <= facts.today:
        wrong["record_reviewed_on"] = ["must be on or after done_on, and not in the future"]
    if wrong:
        raise errors.DeviceNotReviewed(
            "写明设备编号、设备经法制和技术审核及设置地点公布的日期，以及记录内容经审核的日期。",
            "Name the device, when it passed legal and technical review, when its place was published, and when the"
            " recording was reviewed.",
            law=("APL 41(1)", "APL 41(2)"),
            errors=wrong,
        )


def evidence_is_there(facts: Facts) -> None:
    """What is excluded is on the file and still counts."""
    act = facts.expect(ExcludeEvidence)
    piece = facts.case.piece(act.evidence_id)
    if not piece.counts:
        raise errors.ActOutOfOrder("该证据已经排除。", "This evidence is excluded already.", law=("APL 46(3)",))


def facts_rest_on_evidence(facts: Facts) -> None:
    """The report names evidence that is on the file and not excluded, and so does the decision (APL 40, 46)."""
    if isinstance(facts.act, ReportInvestigation):
        named = facts.act.evidence_ids
    else:
        named = facts.case.file.reports[-1].evidence_ids if facts.case.file.reports else ()
    valid = [piece for piece in facts.case.evidence if piece.evidence_id in named and piece.counts]
    if not valid or len({piece.evidence_id for piece in valid}) < len(set(named)):
        raise errors.EvidenceNotSufficient(
            "所列证据应在卷且未被排除。",
            "Every piece of evidence named must be on the file and not excluded; at least one is needed.",
            errors={"evidence_ids": ["missing, unknown or excluded"]},
        )


def record_read_or_refusal_noted(facts: Facts) -> None:
    """Credentials were shown, and the record was read and signed or the refusal noted (APL 55)."""
    act = facts.expect(HoldInterview)
    if not act.credentials_shown:
        raise errors.CredentialNotValid(
            "询问前应当主动出示执法证件。",
            "Credentials are shown before the interview.",
            law=("APL 55(1)",),
            errors={"credentials_shown": ["must be true"]},
        )
    if not act.read_and_signed and not act.refusal_note.strip():
        raise errors.EvidenceNotSufficient(
            "笔录应经核对签名；拒绝签名的，应当注明情况。",
            "The record is read and signed, or the refusal to sign is noted.",
            law=("APL 55(2)",),
            errors={"refusal_note": ["is needed when not signed"]},
        )
