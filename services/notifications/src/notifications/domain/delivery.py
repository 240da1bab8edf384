"""Events on their way to a subscriber: one lane per subscription and subject, in order, one event at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.domain.errors import NotRedrivable, NotSkippable
from notifications.domain.events import Event, SubscriptionParked
from notifications.domain.outcome import Ladder, Outcome, OutcomeKind


class DeliveryState(StrEnum):
    """Pending until the endpoint took it; parked when given up, which holds its lane; skipped by a person."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"
    SKIPPED = "skipped"


class LaneState(StrEnum):
    """Idle lanes have nothing to deliver; parked ones wait for a person."""

    IDLE = "idle"
    FLOWING = "flowing"
    PARKED = "parked"


@dataclass(kw_only=True)
class Lane:
    """The order of one subject for one subscription.

    Whoever claims the lane delivers its first pending event; nobody else touches the lane until the claim is settled or
    has run out, so two events of one subject are never under way at once.
    """

    subscription_id: str
    name: str
    state: LaneState
    due_at: datetime | None
    claim: str | None = None
    claimed_until: datetime | None = None

    def claim_for(self, *, claim: str, now: datetime, lease: timedelta) -> None:
        """One worker takes the lane."""
        self.claim, self.claimed_until = claim, now + lease

    def flow(self, *, at: datetime | None) -> None:
        """Release the lane: the next event is due at the moment given, or there is none."""
        self.claim = self.claimed_until = None
        self.state = LaneState.IDLE if at is None else LaneState.FLOWING
        self.due_at = at

    def park(self) -> None:
        """Hold the lane until a person redrives or skips its first event."""
        self.claim = self.claimed_until = None
        self.state, self.due_at = LaneState.PARKED, None


@dataclass(kw_only=True)
class Delivery:
    """One event to one subscription.

    ``position`` is the event's sequence in its lane. ``under_way`` holds the claim of an attempt whose end is not
    recorded: when another attempt begins while it is set, the endpoint may get the event twice, under the same
    ``webhook-id``.
    """

    id: str
    subscription_id: str
    lane: str
    position: int
    event_id: str
    event_type: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    attempts_in_round: int = 0
    under_way: str | None = None
    maybe_repeated: bool = False
    finished_at: datetime | None = None
    reason: str | None = None
    version: int = 0
    new_events: list[Event] = field(default_factory=list)

    def begin(self, claim: str) -> bool:
        """Count an attempt; True when the one before it never reported its end."""
        lost = self.under_way is not None
        self.maybe_repeated = self.maybe_repeated or lost
        self.under_way = claim
        self.attempts += 1
        self.attempts_in_round += 1
        return lost

    def finish(self, outcome: Outcome, *, now: datetime, ladder: Ladder, subscription: str) -> timedelta | None:
        """Record the end of an attempt; ``subscription`` is the name by which its owner knows it.

        Returns:
            The pause before the next attempt of this event; None when it is delivered or parked.
        """
        self.under_way = None
        if outcome.accepted:
            self.state, self.finished_at, self.reason = DeliveryState.DELIVERED, now, None
            return None
        self.maybe_repeated = self.maybe_repeated or outcome.kind is OutcomeKind.UNKNOWN
        self.reason = outcome.code
        wait = ladder.wait_after(self.attempts_in_round, outcome)
        if wait is None:
            self.state, self.finished_at = DeliveryState.PARKED, now
            self.new_events.append(
                SubscriptionParked(
                    subscription_id=self.subscription_id,
                    name=subscription,
                    delivery_id=self.id,
                    event_id=self.event_id,
                    event_type=self.event_type,
                    attempts=self.attempts,
                    reason=outcome.code,
                    parked_at=now,
                )
            )
        return wait

    def redrive(self) -> None:
        """Send a parked event on its way again, from the foot of the ladder.

        Raises:
            NotRedrivable: when it is not parked.
        """
        if self.state is not DeliveryState.PARKED:
            raise NotRedrivable("Only a parked delivery can be redriven; 只有搁置的投递可以重发。")
        self.state, self.finished_at, self.attempts_in_round = DeliveryState.PENDING, None, 0

    def skip(self, *, now: datetime) -> None:
        """Pass over a parked event so that its lane can go on.

        Raises:
            NotSkippable: when it is not parked.
        """
        if self.state is not DeliveryState.PARKED:
            raise NotSkippable("Only a parked delivery can be skipped; 只有搁置的投递可以跳过。")
        self.state, self.finished_at = DeliveryState.SKIPPED, now
