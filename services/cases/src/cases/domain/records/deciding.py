"""Decisions, documents and how they were served."""

from dataclasses import dataclass
from datetime import date

from cases.domain.sanction import Sanction
from cases.domain.values import AttemptOutcome, DocumentKind, Leniency, Outcome, RecipientCapacity, ServiceMethod


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
    capacity: RecipientCapacity = RecipientCapacity.PARTY
    note: str = ""
    carrier: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceAttempt:
    """An attempt to serve a document that failed."""

    document: DocumentKind
    document_number: str
    done_on: date
    method: ServiceMethod
    outcome: AttemptOutcome
    place: str
    note: str
    officer_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ServiceAnnouncement:
    """A document announced in public because it could not be served otherwise (CPL 95)."""

    document: DocumentKind
    document_number: str
    done_on: date
    places: tuple[str, ...]
    course: str
    whereabouts_unknown: bool


@dataclass(frozen=True, kw_only=True)
class Discussion:
    """A discussion of the heads together: who was there, what was said, what they concluded (APL 57(2))."""

    discussion_id: str
    done_on: date
    officer_ids: tuple[str, ...]
    subjects: tuple[str, ...]
    attending: tuple[str, ...]
    record: str
    outcome: Outcome
    sanction: Sanction
    of_report: int


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
    without_statement: str = ""
    distinct_act: str = ""
    leniency: Leniency | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """An issued document in the file store: its number, its digest, and what it is."""

    document_id: str
    kind: str
    number: str
    issued_on: date
    sha256: str
    title: str
