"""What happened to a case: past tense, frozen, and exactly the fields that the contracts give.

A class without an entry in EVENT_TYPES cannot be emitted; a test holds each class against its contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cases.domain.imported_case import CaseImported

PREFIX: Final = "cn.gongzheng.cases."


@dataclass(frozen=True, kw_only=True)
class PartyRef:
    """The party as other services need it: to address, never to identify by number."""

    party_id: str
    name: str
    kind: str
    email: str | None
    language: str


@dataclass(frozen=True, kw_only=True)
class CaseReported:
    """A lead was registered."""

    case_id: str
    organisation_id: str
    source: str
    complaint_id: str | None
    matter_id: str | None
    received_on: date


@dataclass(frozen=True, kw_only=True)
class CaseNotFiled:
    """The lead was checked and not filed."""

    case_id: str
    decided_on: date
    reason: str
    organisation_id: str
    complaint_id: str | None


@dataclass(frozen=True, kw_only=True)
class CaseFiled:
    """The case was filed."""

    case_id: str
    case_number: str
    organisation_id: str
    organisation_name_zh: str
    organisation_name_en: str
    region_code: str
    matter_id: str
    matter_title_zh: str
    matter_title_en: str
    procedure: str
    filed_on: date
    complaint_id: str | None
    party_id: str


@dataclass(frozen=True, kw_only=True)
class OfficerAssigned:
    """Officers were put on the case."""

    case_id: str
    officer_ids: tuple[str, ...]
    assigned_on: date


@dataclass(frozen=True, kw_only=True)
class RecusalDecided:
    """The head decided on a recusal."""

    case_id: str
    recusal_id: str
    officer_id: str
    granted: bool
    decided_on: date


@dataclass(frozen=True, kw_only=True)
class EvidenceRecorded:
    """Evidence was taken."""

    case_id: str
    evidence_id: str
    kind: str
    sha256: str
    recorded_on: date


@dataclass(frozen=True, kw_only=True)
class EvidenceExcluded:
    """Evidence was excluded."""

    case_id: str
    evidence_id: str
    reason: str
    excluded_on: date


@dataclass(frozen=True, kw_only=True)
class ReviewPassed:
    """The legal review passed."""

    case_id: str
    reviewer_id: str
    reviewed_on: date


@dataclass(frozen=True, kw_only=True)
class ReviewReturned:
    """The legal review returned the case."""

    case_id: str
    reviewer_id: str
    reviewed_on: date


@dataclass(frozen=True, kw_only=True)
class NoticeServed:
    """The prior notice reached the party."""

    case_id: str
    notice_id: str
    document_number: str
    kind: str
    served_on: date
    proposed_fine_fen: int
    party: PartyRef
    answer_until: date
    hearing_offered: bool


@dataclass(frozen=True, kw_only=True)
class StatementReceived:
    """The party was heard, waived it, or let the period pass."""

    case_id: str
    kind: str
    received_on: date


@dataclass(frozen=True, kw_only=True)
class HearingHeld:
    """A hearing was held."""

    case_id: str
    notice_id: str
    held_on: date


@dataclass(frozen=True, kw_only=True)
class DecisionMade:
    """The case was decided."""

    case_id: str
    decision_id: str
    document_number: str
    outcome: str
    fine_fen: int
    decided_on: date


@dataclass(frozen=True, kw_only=True)
class DecisionServed:
    """The decision took effect on the party; what fees, oversight and notifications need to go on."""

    case_id: str
    decision_id: str
    document_number: str
    outcome: str
    fine_fen: int
    confiscation_fen: int
    currency: str
    decided_on: date
    served_on: date
    effective_on: date
    payment_due_on: date | None
    surcharge_applies: bool
    organisation_id: str
    organisation_name_zh: str
    organisation_name_en: str
    region_code: str
    matter_id: str
    matter_title_zh: str
    matter_title_en: str
    basis: tuple[str, ...]
    party: PartyRef
    heard: bool
    reconsideration_until: date
    litigation_until: date | None
    sanction_kinds: tuple[str, ...]
    hearing_offered: bool


@dataclass(frozen=True, kw_only=True)
class DecisionPublished:
    """The decision was made public."""

    case_id: str
    decision_id: str
    published_on: date
    place: str


@dataclass(frozen=True, kw_only=True)
class CaseClosed:
    """The case was closed."""

    case_id: str
    closed_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseArchived:
    """The dossier was sealed."""

    case_id: str
    dossier_sha256: str
    archived_on: date


@dataclass(frozen=True, kw_only=True)
class ClockWarned:
    """A time limit of the department ends soon."""

    case_id: str
    clock_id: str
    kind: str
    law: str
    started_on: date
    due_on: date
    organisation_id: str
    matter_id: str | None


@dataclass(frozen=True, kw_only=True)
class ClockBreached:
    """A time limit of the department passed without the act."""

    case_id: str
    clock_id: str
    kind: str
    law: str
    started_on: date
    due_on: date
    organisation_id: str
    matter_id: str | None


@dataclass(frozen=True, kw_only=True)
class ClockChanged:
    """A time limit has another last day, stands, goes on, or was met by an act recorded late.

    ``due_on`` is None while it stands. ``breach_withdrawn``: an earlier ``clock.breached`` no longer holds.
    """

    case_id: str
    clock_id: str
    kind: str
    law: str
    change: str
    due_on: date | None
    previous_due_on: date
    provisional: bool
    breach_withdrawn: bool
    organisation_id: str
    matter_id: str | None


EVENT_TYPES: Mapping[type, str] = {
    CaseReported: PREFIX + "case.reported.v1",
    CaseNotFiled: PREFIX + "case.not_filed.v1",
    CaseFiled: PREFIX + "case.filed.v1",
    OfficerAssigned: PREFIX + "officer.assigned.v1",
    RecusalDecided: PREFIX + "recusal.decided.v1",
    EvidenceRecorded: PREFIX + "evidence.recorded.v1",
    EvidenceExcluded: PREFIX + "evidence.excluded.v1",
    ReviewPassed: PREFIX + "review.passed.v1",
    ReviewReturned: PREFIX + "review.returned.v1",
    NoticeServed: PREFIX + "notice.served.v1",
    StatementReceived: PREFIX + "statement.received.v1",
    HearingHeld: PREFIX + "hearing.held.v1",
    DecisionMade: PREFIX + "decision.made.v1",
    DecisionServed: PREFIX + "decision.served.v1",
    DecisionPublished: PREFIX + "decision.published.v1",
    CaseClosed: PREFIX + "case.closed.v1",
    CaseArchived: PREFIX + "case.archived.v1",
    CaseImported: PREFIX + "case.imported.v1",
    ClockWarned: PREFIX + "clock.warned.v1",
    ClockBreached: PREFIX + "clock.breached.v1",
    ClockChanged: PREFIX + "clock.changed.v1",
}
"""The wire type of each event class; the unit of work refuses an event that is not here."""
