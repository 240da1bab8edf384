"""The closed lists of the field, and small values that many records share."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Where a case stands; the ways between the states are the table ``rules/transitions.toml``."""

    REPORTED = "reported"
    NOT_FILED = "not_filed"
    FILED = "filed"
    INVESTIGATING = "investigating"
    UNDER_REVIEW = "under_review"
    NOTIFIED = "notified"
    DECIDED = "decided"
    SERVED = "served"
    PERFORMING = "performing"
    PERFORMED = "performed"
    CLOSED = "closed"
    ARCHIVED = "archived"


class Source(StrEnum):
    """How a case came to the organisation's knowledge."""

    INSPECTION = "inspection"
    COMPLAINT = "complaint"
    TRANSFER = "transfer"
    CAMPAIGN = "campaign"


class PartyKind(StrEnum):
    """Whom a case concerns."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Procedure(StrEnum):
    """Ordinary procedure (APL 54 ff.) or simple procedure on the spot (APL 51)."""

    ORDINARY = "ordinary"
    SIMPLE = "simple"


class EvidenceKind(StrEnum):
    """The eight kinds of evidence (APL 46(1))."""

    DOCUMENTARY = "documentary"
    PHYSICAL = "physical"
    AUDIOVISUAL = "audiovisual"
    ELECTRONIC_DATA = "electronic_data"
    WITNESS_STATEMENT = "witness_statement"
    PARTY_STATEMENT = "party_statement"
    EXPERT_OPINION = "expert_opinion"
    ON_SITE_RECORD = "on_site_record"


class SanctionKind(StrEnum):
    """What a matter can open (APL 9), as the catalogue names it."""

    WARNING = "warning"
    CIRCULAR_CRITICISM = "circular_criticism"
    FINE = "fine"
    CONFISCATE_GAINS = "confiscate_gains"
    CONFISCATE_GOODS = "confiscate_goods"
    SUSPEND_BUSINESS = "suspend_business"
    REVOKE_LICENCE = "revoke_licence"
    LEVY = "levy"


class Outcome(StrEnum):
    """How a case is decided (APL 57(1))."""

    PENALTY = "penalty"
    NO_PENALTY = "no_penalty"
    DISMISSED = "dismissed"
    TRANSFERRED = "transferred"


class Leniency(StrEnum):
    """Why somebody is not punished (APL 30, 31, 33); see ``rules/leniency.toml``."""

    MINOR_CORRECTED = "minor_corrected"
    FIRST_SLIGHT = "first_slight"
    NO_FAULT = "no_fault"
    UNDER_AGE = "under_age"
    NOT_RESPONSIBLE = "not_responsible"


class HeardKind(StrEnum):
    """How a party made use of the right to be heard (APL 45)."""

    STATEMENT = "statement"
    WAIVER = "waiver"
    SILENCE = "silence"


class ServiceMethod(StrEnum):
    """How a document reaches the party (APL 61)."""

    DIRECT = "direct"
    LEFT = "left"
    ENTRUSTED = "entrusted"
    POST = "post"
    ELECTRONIC = "electronic"
    ANNOUNCEMENT = "announcement"


class RecipientCapacity(StrEnum):
    """As whom somebody signed for a document (CPL 88(1))."""

    PARTY = "party"
    FAMILY = "family"
    REPRESENTATIVE = "representative"
    RECEIVER = "receiver"
    AGENT = "agent"


class AttemptOutcome(StrEnum):
    """Why a document did not reach the party."""

    REFUSED = "refused"
    ABSENT = "absent"
    NOT_FOUND = "not_found"
    RETURNED = "returned"


class DocumentKind(StrEnum):
    """The documents that are issued with a number of their own; the value is used in paths."""

    PRIOR_NOTICE = "prior_notice"
    DECISION = "decision"


class MeasureKind(StrEnum):
    """Preservation where things are (APL 56), or sealing and seizure (AEL 22)."""

    PRESERVATION = "preservation"
    SEIZURE = "seizure"


class Disposal(StrEnum):
    """How a measure ends; ``rules/measures.toml`` says which way is open for which kind."""

    RECORDED = "recorded"
    SENT_FOR_TESTING = "sent_for_testing"
    SEIZED = "seized"
    CONFISCATED = "confiscated"
    DESTROYED = "destroyed"
    RELEASED = "released"


class Employment(StrEnum):
    """Formal staff or temporary staff."""

    FORMAL = "formal"
    TEMPORARY = "temporary"


class Level(StrEnum):
    """How high an organisation stands, lowest first."""

    TOWNSHIP = "township"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATIONAL = "national"

    def at_least(self, other: "Level") -> bool:
        """Whether it stands as high as another, or higher."""
        order = list(Level)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, kw_only=True)
class InventoryItem:
    """One line of an inventory; the quantity with its unit, as it was counted."""

    name: str
    quantity: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Period:
    """A closed interval of days; without ``until`` it is open."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the day lies in the interval."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Party:
    """The person or organisation that a case concerns. ``id_number`` is never published in an event."""

    party_id: str
    name: str
    kind: PartyKind
    language: str = "zh"
    email: str | None = None
    id_number: str | None = None
    address: str | None = None
    born_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who acts: the token's ``sub``, the name for the record, the roles, and the organisation acted for.

    ``agent`` is true for the service itself, acting on an event of another service.
    """

    subject: str
    name: str
    roles: frozenset[str]
    organisation_id: str | None = None
    agent: bool = False
