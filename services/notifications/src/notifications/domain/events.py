"""What notifications makes known: past tense, frozen, ids and codes only — never an address or a text."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class MessageSent:
    """The channel took a message over.

    ``maybe_repeated`` is true when an earlier attempt ended without an answer, so the recipient may hold two copies
    with the same Message-ID.
    """

    message_id: str
    template: str
    template_version: int
    channel: str
    language: str
    cause_id: str | None
    case_id: str | None
    party_id: str | None
    subscription_id: str | None
    attempts: int
    sent_at: datetime
    maybe_repeated: bool


@dataclass(frozen=True, kw_only=True)
class MessageFailed:
    """A message was given up; it is kept and can be sent on its way again."""

    message_id: str
    template: str
    template_version: int
    channel: str
    cause_id: str | None
    case_id: str | None
    party_id: str | None
    subscription_id: str | None
    attempts: int
    failed_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreated:
    """Another system asked to be told of events."""

    subscription_id: str
    name: str
    owner: str
    types: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionParked:
    """One event could not be delivered within the whole ladder; its lane is held, all other lanes go on."""

    subscription_id: str
    name: str
    delivery_id: str
    event_id: str
    event_type: str
    attempts: int
    reason: str
    parked_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionDisabled:
    """Nothing is delivered any more until the owner resumes; what waits is kept."""

    subscription_id: str
    name: str
    reason: str
    failing_since: datetime | None
    disabled_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed:
    """Deliveries go on where they stopped, in order."""

    subscription_id: str
    resumed_at: datetime


@dataclass(frozen=True, kw_only=True)
class SubscriptionEnded:
    """The subscription is over for good; its record stays."""

    subscription_id: str
    ended_at: datetime


Event = (
    MessageSent
    | MessageFailed
    | SubscriptionCreated
    | SubscriptionParked
    | SubscriptionDisabled
    | SubscriptionResumed
    | SubscriptionEnded
)
