"""Evidence, interviews, the report and the legal review."""

from dataclasses import dataclass
from datetime import date, datetime

from cases.domain.acts.base import Act
from cases.domain.sanction import NONE, Sanction
from cases.domain.values import EvidenceKind, Leniency, Outcome


@dataclass(frozen=True, kw_only=True)
class RecordEvidence(Act):
    """Put a piece of evidence on the file; its bytes are already stored under ``sha256``."""

    name = "record_evidence"
    evidence_id: str
    kind: EvidenceKind
    title: str
    place: str
    provided_by: str
    manner: str
    sha256: str
    size_bytes: int
    media_type: str
    file_name: str
    category: str = "ordinary"
    surveillance: bool = False
    device_number: str = ""
    device_reviewed_on: date | None = None
    location_published_on: date | None = None
    record_reviewed_on: date | None = None
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ExcludeEvidence(Act):
    """Exclude evidence that was obtained unlawfully."""

    name = "exclude_evidence"
    evidence_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldInterview(Act):
    """Interview somebody."""

    name = "interview"
    interview_id: str
    place: str
    interviewee: str
    relation: str
    credentials_shown: bool
    summary: str
    read_and_signed: bool
    refusal_note: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportInvestigation(Act):
    """End the investigation with facts, evidence and a proposal."""

    name = "report_investigation"
    facts: str
    evidence_ids: tuple[str, ...]
    proposal: Outcome
    sanction: Sanction = NONE
    correction_ordered_on: date | None = None
    correction_disobeyed: bool = False
    review_grounds: tuple[str, ...] = ()
    answer_to_review: str = ""
    leniency: Leniency | None = None


@dataclass(frozen=True, kw_only=True)
class Examine(Act):
    """Review the case's legality: pass it or return it."""

    review_id: str
    passed: bool
    opinion: str
    points: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """Passing and returning are two rows."""
        return "pass_review" if self.passed else "return_from_review"
