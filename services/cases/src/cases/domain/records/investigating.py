"""Evidence, interviews, reports and legal reviews."""

from dataclasses import dataclass
from datetime import date, datetime

from cases.domain.sanction import NONE, Sanction
from cases.domain.values import EvidenceKind, Leniency, Outcome


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A piece of evidence (APL 46). The file is named by its SHA-256 and never altered; custody is a list of hands."""

    evidence_id: str
    kind: EvidenceKind
    title: str
    done_on: date
    recorded_at: datetime
    place: str
    provided_by: str
    manner: str
    officer_ids: tuple[str, ...]
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
    excluded_on: date | None = None
    excluded_by: str | None = None
    exclusion_reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether facts may rest on it: evidence obtained unlawfully is excluded (APL 46(3))."""
        return self.excluded_on is None


@dataclass(frozen=True, kw_only=True)
class Interview:
    """An interview and how it was confirmed (APL 55)."""

    interview_id: str
    done_on: date
    place: str
    interviewee: str
    relation: str
    officer_ids: tuple[str, ...]
    credentials_shown: bool
    summary: str
    read_and_signed: bool
    refusal_note: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The investigation report: facts, the evidence they rest on, and the proposal."""

    done_on: date
    facts: str
    evidence_ids: tuple[str, ...]
    proposal: Outcome
    officer_ids: tuple[str, ...]
    sanction: Sanction = NONE
    correction_ordered_on: date | None = None
    correction_disobeyed: bool = False
    review_grounds: tuple[str, ...] = ()
    answer_to_review: str = ""
    leniency: Leniency | None = None


@dataclass(frozen=True, kw_only=True)
class Review:
    """One legal review (APL 58): of which report, and at which points the case failed when it was returned."""

    review_id: str
    done_on: date
    reviewer_subject: str
    reviewer_id: str
    passed: bool
    opinion: str
    points: tuple[str, ...] = ()
    of_report: int = 0
