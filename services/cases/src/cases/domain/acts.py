"""The acts: what somebody wants to do to a case, on which day. Imperative, frozen, without opinion.

The name of an act is its row in ``rules/transitions.toml``. ``done_on`` is the legal day on which it was done, which
may lie before the day it is recorded; the guards look at people, bodies and law as of that day.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from cases.domain.sanction import NONE, Sanction
from cases.domain.values import DocumentKind, EvidenceKind, HeardKind, Outcome, Party, ServiceMethod, Source


@dataclass(frozen=True, kw_only=True)
class Act:
    """What all acts have. ``officer_ids`` are the officers who carry it out, where it takes officers."""

    name: ClassVar[str] = ""
    done_on: date
    officer_ids: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """The act's row in the table."""
        return self.name


@dataclass(frozen=True, kw_only=True)
class ReportLead(Act):
    """Register a lead as a case."""

    name = "report"
    case_id: str
    organisation_id: str
    source: Source
    summary: str
    matter_id: str | None = None
    conduct_on: date | None = None
    region_code: str = ""
    complaint_id: str | None = None
    party: Party | None = None


@dataclass(frozen=True, kw_only=True)
class FileCase(Act):
    """Decide to file. Party, matter and day of the conduct are settled here at the latest."""

    name = "file"
    matter_id: str
    conduct_on: date
    party: Party | None = None
    checked_facts: str = ""
    harm: bool = False


@dataclass(frozen=True, kw_only=True)
class NotFile(Act):
    """Decide not to file."""

    name = "not_file"
    reason: str


@dataclass(frozen=True, kw_only=True)
class AssignOfficers(Act):
    """Put officers on the case."""

    name = "assign_officers"


@dataclass(frozen=True, kw_only=True)
class ApplyForRecusal(Act):
    """Apply that an officer, reviewer or head keep out of the case."""

    name = "apply_for_recusal"
    recusal_id: str
    officer_id: str
    ground: str
    own_motion: bool = False


@dataclass(frozen=True, kw_only=True)
class DecideRecusal(Act):
    """Decide on an application for recusal."""

    name = "decide_recusal"
    recusal_id: str
    granted: bool


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
    device_reviewed_on: date | None = None
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


@dataclass(frozen=True, kw_only=True)
class Examine(Act):
    """Review the case's legality: pass it or return it."""

    review_id: str
    passed: bool
    opinion: str

    @property
    def row(self) -> str:
        """Passing and returning are two rows."""
        return "pass_review" if self.passed else "return_from_review"


@dataclass(frozen=True, kw_only=True)
class IssuePriorNotice(Act):
    """Draw up the prior notice."""

    name = "issue_prior_notice"
    notice_id: str
    facts: str
    reasons: str
    sanction: Sanction


@dataclass(frozen=True, kw_only=True)
class Serve(Act):
    """Record how a document reached the party. ``done_on`` is the day the facts of service were complete."""

    document: DocumentKind
    method: ServiceMethod
    sent_on: date
    recipient: str
    witness: str = ""
    recorded: bool = False
    receipt: str = ""
    consent_signed_on: date | None = None

    @property
    def row(self) -> str:
        """Each document's service is a row of its own."""
        return f"serve_{self.document.value}"


@dataclass(frozen=True, kw_only=True)
class HearParty(Act):
    """Record the party's statement, waiver or silence."""

    kind: HeardKind
    content: str = ""
    hearing_requested: bool = False
    hearing_waived: bool = False

    @property
    def row(self) -> str:
        """The three ways are three rows."""
        return {"statement": "hear_statement", "waiver": "record_waiver", "silence": "record_silence"}[self.kind.value]


@dataclass(frozen=True, kw_only=True)
class HoldHearing(Act):
    """Record a hearing."""

    name = "hold_hearing"
    announced_on: date
    record: str
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Decide(Act):
    """Decide the case."""

    decision_id: str
    outcome: Outcome
    facts: str
    reasons: str
    reconsideration_body: str
    court: str
    sanction: Sanction = NONE
    defence_opinion: str = ""
    surcharge_applies: bool = True
    social_impact: bool = False
    collector: str = ""

    @property
    def row(self) -> str:
        """Each outcome is a row of its own."""
        return f"decide_{self.outcome.value}"


@dataclass(frozen=True, kw_only=True)
class Demand(Act):
    """Fees has opened the obligation."""

    name = "demand"
    obligation_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Settle(Act):
    """Fees has received everything that was owed."""

    name = "settle"
    obligation_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Publish(Act):
    """Record the publication of the decision."""

    name = "publish"
    place: str


@dataclass(frozen=True, kw_only=True)
class Close(Act):
    """Close the case; a case on a repealed basis is ended instead."""

    note: str = ""
    basis_repealed: bool = field(default=False)

    @property
    def row(self) -> str:
        """Ending for a repealed basis is a row of its own."""
        return "end_repealed" if self.basis_repealed else "close"


@dataclass(frozen=True, kw_only=True)
class Archive(Act):
    """Seal the dossier and archive the case."""

    name = "archive"
    dossier_sha256: str = ""
