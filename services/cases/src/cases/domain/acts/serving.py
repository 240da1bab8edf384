"""How documents reach the party: service, attempts that failed, public announcement."""

from dataclasses import dataclass
from datetime import date

from cases.domain.acts.base import Act
from cases.domain.values import AttemptOutcome, DocumentKind, RecipientCapacity, ServiceMethod


@dataclass(frozen=True, kw_only=True)
class Serve(Act):
    """Record how a document reached the party. ``done_on`` is the day the facts of service were complete.

    ``note`` says why it was left, ``carrier`` through whom it was entrusted.
    """

    document: DocumentKind
    method: ServiceMethod
    sent_on: date
    recipient: str
    capacity: RecipientCapacity = RecipientCapacity.PARTY
    witness: str = ""
    recorded: bool = False
    receipt: str = ""
    consent_signed_on: date | None = None
    note: str = ""
    carrier: str = ""

    @property
    def row(self) -> str:
        """Each document's service is a row of its own."""
        return f"serve_{self.document.value}"


@dataclass(frozen=True, kw_only=True)
class AttemptService(Act):
    """Record that a document did not reach the party, and why."""

    document: DocumentKind
    method: ServiceMethod
    outcome: AttemptOutcome
    place: str
    note: str = ""

    @property
    def row(self) -> str:
        """As for the service."""
        return f"attempt_{self.document.value}"


@dataclass(frozen=True, kw_only=True)
class AnnounceService(Act):
    """Announce a document in public: ``course`` says why and what was tried; ``recorded``, the posting was filmed."""

    document: DocumentKind
    places: tuple[str, ...]
    course: str
    whereabouts_unknown: bool = False
    recorded: bool = False

    @property
    def row(self) -> str:
        """As for the service."""
        return f"announce_{self.document.value}"
