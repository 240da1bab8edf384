"""What a case keeps of each act: frozen records, each with the day it was done. New fields get defaults."""

from dataclasses import dataclass, field
from datetime import date, datetime

from cases.domain.sanction import NONE, Sanction
from cases.domain.values import DocumentKind, EvidenceKind, HeardKind, Outcome, ServiceMethod


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the timeline: which act, on which day, recorded when and by whom. Appended, never changed."""

    act: str
    done_on: date
    recorded_at: datetime
    actor_subject: str
    actor_name: str
    state: str
    officer_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """An officer on the case. ``until`` is the day a recusal took effect."""

    officer_id: str
    subject: str
    name_zh: str
    since: date
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Function:
    """Somebody held a function in the case (see ``rules/separation.toml``)."""

    function: str
    subject: str
    since: date


@dataclass(frozen=True, kw_only=True)
class Recusal:
    """An application that somebody keep out of the case, and the head's decision on it (APL 43)."""

    recusal_id: str
    officer_id: str
    subject: str
    ground: str
    own_motion: bool
    applied_on: date
    granted: bool | None = None
    decided_on: date | None = None
    decided_by: str | None = None


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
    device_reviewed_on: date | None = None
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


@dataclass(frozen=True, kw_only=True)
class Review:
    """One legal review (APL 58)."""

    review_id: str
    done_on: date
    reviewer_subject: str
    reviewer_id: str
    passed: bool
    opinion: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """How a document reached the party and on which day that took effect (APL 61)."""

    document: DocumentKind
    method: ServiceMethod
    sent_on: date
    effective_on: date
    recipient: str
    witness: str = ""
    recorded: bool = False
    receipt: str = ""
    consent_signed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A prior notice: what the party is told before anything is decided (APL 44)."""

    notice_id: str
    document_number: str
    issued_on: date
    facts: str
    reasons: str
    sanction: Sanction
    basis: tuple[str, ...]
    hearing_law: tuple[str, ...] = ()
    service: Service | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """How the party used the right to be heard on one notice (APL 45, 62, 63)."""

    notice_id: str
    kind: HeardKind
    done_on: date
    content: str = ""
    hearing_requested: bool = False
    hearing_waived: bool = False


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """A hearing that was held on one notice (APL 64)."""

    notice_id: str
    done_on: date
    announced_on: date
    chair_subject: str
    record: str
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """Where and until when the party may turn; the last days follow from the day of service (ARL 20, ALL 46)."""

    reconsideration_body: str
    court: str
    reconsideration_first: str = ""
    reconsideration_until: date | None = None
    litigation_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision (APL 57, 59)."""

    decision_id: str
    document_number: str
    outcome: Outcome
    done_on: date
    decider_subject: str
    facts: str
    reasons: str
    sanction: Sanction
    basis: tuple[str, ...]
    remedies: Remedies
    defence_opinion: str = ""
    surcharge_applies: bool = True
    social_impact: bool = False
    collector: str = ""
    payment_due_on: date | None = None
    service: Service | None = None
    performed_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ClockRecord:
    """One running of a time limit on the case; ``why`` explains the last day in both languages."""

    clock_id: str
    kind: str
    nature: str
    law: str
    unit: str
    length: int
    started_on: date
    due_on: date
    provisional: bool
    why_zh: str
    why_en: str
    ended_on: date | None = None
    warned_on: date | None = None
    breached_on: date | None = None

    def state(self, today: date) -> str:
        """``running``, ``warned``, ``breached``, ``run_out`` (a right or a payment), or ``ended`` (in time or late)."""
        if self.ended_on is not None:
            return "ended" if self.ended_on <= self.due_on or self.nature != "duty" else "ended_late"
        if today > self.due_on:
            return "breached" if self.nature == "duty" else "run_out"
        return "warned" if self.warned_on is not None else "running"


@dataclass(frozen=True, kw_only=True)
class Document:
    """An issued document in the file store: its number, its digest, and what it is."""

    document_id: str
    kind: str
    number: str
    issued_on: date
    sha256: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How the case ended."""

    done_on: date
    reason: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Where and when the decision was made public (APL 48)."""

    done_on: date
    place: str


@dataclass(kw_only=True)
class File:
    """Everything that the acts have put on the case, in the order in which it came."""

    assignments: list[Assignment] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    recusals: list[Recusal] = field(default_factory=list)
    interviews: list[Interview] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    hearings: list[Hearing] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    decision: Decision | None = None
    closing: Closing | None = None
    not_filed_reason: str = ""
    dossier_sha256: str = ""
