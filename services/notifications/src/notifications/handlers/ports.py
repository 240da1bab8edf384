"""What handlers ask of the outside, as protocols; the adapters fulfil them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from gongzheng.messaging.envelope import Envelope
from notifications.domain.contact import ContactPoint
from notifications.domain.delivery import Delivery, Lane
from notifications.domain.message import Message
from notifications.domain.outcome import Outcome
from notifications.domain.policy import Policy
from notifications.domain.redaction import ConfidentialField
from notifications.domain.subscription import Subscription
from notifications.domain.template import Template


class EventLog(Protocol):
    """The log of received events, in commit order."""

    def append(self, event: Envelope) -> None:
        """Add an event; it gets its position when the unit of work commits."""
        ...


class Contacts(Protocol):
    """Contact points, and which party a case is about."""

    def of_party(self, party_id: str, channel: str) -> ContactPoint | None:
        """The party's point in a channel."""
        ...

    def add(self, point: ContactPoint) -> None:
        """Keep a new point."""
        ...

    def save(self, point: ContactPoint) -> None:
        """Keep a changed point."""
        ...

    def party_of_case(self, case_id: str) -> str | None:
        """The party that a case is about."""
        ...

    def note_case(self, case_id: str, party_id: str, as_of: datetime) -> bool:
        """Remember which party a case is about; True when that is news."""
        ...

    def forget_before(self, moment: datetime) -> int:
        """Forget the points whose time of keeping is over; how many."""
        ...


class Messages(Protocol):
    """Messages with their timelines and attempts."""

    def get(self, message_id: str, expected_version: int | None = None) -> Message:
        """One message."""
        ...

    def add_once(self, message: Message) -> bool:
        """Keep a new message; False when the same cause has made it already."""
        ...

    def save(self, message: Message) -> None:
        """Keep a changed message with its new timeline entries."""
        ...

    def waiting_for(self, party_id: str, case_ids: Sequence[str], channel: str) -> list[Message]:
        """The messages that wait for an address of this party."""
        ...

    def waiting(self, *, limit: int, after: str = "") -> list[Message]:
        """Messages that wait for an address, by id."""
        ...

    def any_due(self, channel: str, now: datetime) -> bool:
        """Whether a message of the channel is due; a look without locks."""
        ...

    def next_due(self, channel: str, now: datetime) -> Message | None:
        """The message that has been due longest, locked against other workers until the unit of work ends."""
        ...

    def stuck(self, now: datetime, *, limit: int) -> list[Message]:
        """Messages whose claim has run out, locked like ``next_due``."""
        ...


class Attempts(Protocol):
    """Attempts as rows; they are never deleted."""

    def begin(self, owner: str, number: int, claim: str, now: datetime) -> None:
        """An attempt begins."""
        ...

    def end(self, owner: str, claim: str, outcome: Outcome, now: datetime) -> None:
        """An attempt ended."""
        ...

    def cut_off(self, owner: str, now: datetime) -> None:
        """Close attempts of this owner that never reported their end."""
        ...


class Subscriptions(Protocol):
    """Subscriptions."""

    def get(self, subscription_id: str, expected_version: int | None = None) -> Subscription:
        """One subscription."""
        ...

    def receiving(self) -> Sequence[Subscription]:
        """All that have not ended; read once per unit of work."""
        ...

    def add(self, subscription: Subscription) -> None:
        """Keep a new one."""
        ...

    def save(self, subscription: Subscription) -> None:
        """Keep a changed one."""
        ...

    def note_health(self, subscription: Subscription) -> None:
        """Keep how the endpoint is doing, without making a new version that an owner would have to read first."""
        ...

    def locked(self, subscription_id: str) -> Subscription:
        """One subscription, locked until the unit of work ends."""
        ...


class Deliveries(Protocol):
    """Deliveries and the lanes that keep their order."""

    def enqueue(self, delivery: Delivery) -> None:
        """Put an event at the end of its lane when the unit of work ends; one that is there already stays alone."""
        ...

    def get(self, delivery_id: str, expected_version: int | None = None) -> Delivery:
        """One delivery."""
        ...

    def save(self, delivery: Delivery) -> None:
        """Keep a changed delivery."""
        ...

    def lane(self, subscription_id: str, name: str) -> Lane:
        """A lane, locked until the unit of work ends."""
        ...

    def save_lane(self, lane: Lane) -> None:
        """Keep a changed lane."""
        ...

    def due_lanes(self, now: datetime, *, room: int, per_endpoint: int, busy: Mapping[str, int]) -> list[Lane]:
        """Lanes that are due and free, of endpoints that are awake, locked against other workers."""
        ...

    def any_due(self, now: datetime) -> bool:
        """Whether a lane is due and free; a look without locks."""
        ...

    def first_pending(self, subscription_id: str, lane: str) -> Delivery | None:
        """The event that the lane stands at."""
        ...

    def event_body(self, event_id: str) -> str:
        """The received event as it came."""
        ...


class Secrets(Protocol):
    """Sealing of what must not be read off the tables."""

    def seal(self, text: str, place: str) -> str:
        """Seal for one place."""
        ...

    def open(self, sealed: str, place: str) -> str:
        """Open what was sealed for the place."""
        ...


class TemplateShelf(Protocol):
    """The templates in use."""

    def get(self, name: str, version: int) -> Template:
        """One version."""
        ...

    def caused_by(self, event_type: str) -> Sequence[Template]:
        """The templates that an event causes."""
        ...


class UnitOfWork(Protocol):
    """One transaction of notifications."""

    @property
    def now(self) -> datetime:
        """The moment of this unit of work."""
        ...

    @property
    def log(self) -> EventLog:
        """The log of received events."""
        ...

    @property
    def contacts(self) -> Contacts:
        """Contact points."""
        ...

    @property
    def messages(self) -> Messages:
        """Messages."""
        ...

    @property
    def attempts(self) -> Attempts:
        """Attempts."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """Subscriptions."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries and lanes."""
        ...

    @property
    def policy(self) -> Policy:
        """The rules."""
        ...

    @property
    def templates(self) -> TemplateShelf:
        """The texts."""
        ...

    @property
    def sealer(self) -> Secrets:
        """Sealing."""
        ...

    @property
    def today(self) -> date:
        """The legal date."""
        ...

    @property
    def actor(self) -> Any:
        """Who acts."""
        ...

    def look(self) -> Self:
        """This unit of work, able to read without opening a transaction."""
        ...

    def because_of(self, event_id: str | None) -> None:
        """Name the received event that causes what is emitted from here on."""
        ...

    def check_url(self, url: str) -> None:
        """Resolve a webhook address and hold it against the rules; raises DestinationRefused."""
        ...

    def confidential(self, event_type: str) -> Sequence[ConfidentialField]:
        """The fields of an event type that need a grant."""
        ...

    def knows_type(self, pattern: str) -> bool:
        """Whether any contract matches a filter."""
        ...

    def emit(self, subject: str, event: object) -> None:
        """Say that something happened."""
        ...

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put an act on record."""
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """Commit, or roll back."""
        ...
