"""Deliveries and the lanes that keep their order."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from peewee import Case, fn

from gongzheng.db.mechanism import iso
from gongzheng.errors import PreconditionFailed
from notifications.adapters import tables
from notifications.adapters.locking import locked, locked_skipping
from notifications.adapters.log import body_of
from notifications.domain.delivery import Delivery, DeliveryState, Lane, LaneState
from notifications.domain.errors import DeliveryNotFound
from notifications.domain.subscription import SubscriptionState

_PLAIN = [f.name for f in fields(Delivery) if f.name not in ("state", "new_events")]
_ROWS_PER_STATEMENT = 100
_LANE = ("subscription_id", "name", "due_at", "claim", "claimed_until")


class PeeweeDeliveries:
    """Deliveries and lanes."""

    def __init__(self) -> None:
        self._enqueued: list[Delivery] = []

    def enqueue(self, delivery: Delivery) -> None:
        """Put an event at the end of its lane when the unit of work ends; one that is there already stays alone."""
        self._enqueued.append(delivery)

    def forget(self) -> None:
        """The transaction failed: what was kept for its end is not written."""
        self._enqueued.clear()

    def flush(self, now: datetime) -> None:
        """Write what was enqueued, and wake the lanes it went to.

        The lanes' rows are touched in the same transaction: whoever settles a lane meanwhile waits for it and then sees
        the new event, so no event is left lying in an idle lane. They are touched in sorted order, as those who settle
        do, so nobody waits in a ring.
        """
        for start in range(0, len(self._enqueued), _ROWS_PER_STATEMENT):
            part = self._enqueued[start : start + _ROWS_PER_STATEMENT]
            insert = tables.Delivery.insert_many([_values(delivery) for delivery in part]).on_conflict_ignore()
            written = {row.id for row in insert.returning(tables.Delivery.id).execute()}
            lanes = sorted({(d.subscription_id, d.lane) for d in part if d.id in written})
            if lanes:
                self._wake(lanes, now)
        self._enqueued.clear()

    def _wake(self, lanes: list[tuple[str, str]], now: datetime) -> None:
        lane = tables.SubscriptionLane
        rows = [
            {"subscription_id": subscription, "name": name, "state": LaneState.FLOWING.value, "due_at": now}
            for subscription, name in lanes
        ]
        idle = lane.state == LaneState.IDLE.value
        state = Case(None, [(idle, LaneState.FLOWING.value)], lane.state)
        due = Case(None, [(idle, iso(now))], lane.due_at)
        lane.insert_many(rows).on_conflict(
            conflict_target=[lane.subscription_id, lane.name], update={lane.state: state, lane.due_at: due}
        ).execute()

    def get(self, delivery_id: str, expected_version: int | None = None) -> Delivery:
        """One delivery.

        Raises:
            DeliveryNotFound: when there is none.
            PreconditionFailed: when it is not in the expected version.
        """
        row = tables.Delivery.get_or_none(tables.Delivery.id == delivery_id)
        if row is None:
            raise DeliveryNotFound("There is no delivery of this id; 没有此编号的投递。")
        if expected_version not in (None, row.version):
            raise PreconditionFailed
        return _delivery(row)

    def save(self, delivery: Delivery) -> None:
        """Keep a changed delivery; whoever changes it holds its lane, so nobody else can have changed it meanwhile."""
        row = tables.Delivery
        delivery.version += 1
        row.update(_values(delivery)).where(row.id == delivery.id).execute()

    def lane(self, subscription_id: str, name: str) -> Lane:
        """A lane, locked until the unit of work ends."""
        row = tables.SubscriptionLane
        query = row.select().where((row.subscription_id == subscription_id) & (row.name == name))
        return _lane(locked(query).get())

    def save_lane(self, lane: Lane) -> None:
        """Keep a changed lane."""
        row = tables.SubscriptionLane
        values = {name: getattr(lane, name) for name in _LANE[2:]} | {"state": lane.state.value}
        row.update(values).where((row.subscription_id == lane.subscription_id) & (row.name == lane.name)).execute()

    def any_due(self, now: datetime) -> bool:
        """Whether a lane is due and free; a look without locks."""
        return bool(tables.SubscriptionLane.select(tables.SubscriptionLane.name).where(_due(now)).limit(1).exists())

    def due_lanes(self, now: datetime, *, room: int, per_endpoint: int, busy: Mapping[str, int]) -> list[Lane]:
        """At most ``room`` lanes that are due and free, locked against other workers.

        No endpoint gets more than ``per_endpoint`` at once, counting those under way in ``busy``, so a slow one cannot
        take all the room. An endpoint that is resting gets none; one that has just rested gets one, as a probe.
        """
        found: list[Lane] = []
        for subscription_id, probing in self._endpoints_with_work(now):
            free = (1 if probing else per_endpoint) - busy.get(subscription_id, 0)
            if free > 0 and len(found) < room:
                found += self._due_of(subscription_id, now, min(free, room - len(found)))
        return found

    def _endpoints_with_work(self, now: datetime) -> list[tuple[str, bool]]:
        lane, subscription = tables.SubscriptionLane, tables.Subscription
        waits = lane.select().where((lane.subscription_id == subscription.id) & _due(now))
        awake = subscription.rest_until.is_null() | (subscription.rest_until <= now)
        query = subscription.select(subscription.id, subscription.rest_failures).where(
            (subscription.state == SubscriptionState.ACTIVE.value) & awake & fn.EXISTS(waits)
        )
        return [(row.id, row.rest_failures > 0) for row in query]

    def _due_of(self, subscription_id: str, now: datetime, limit: int) -> list[Lane]:
        row = tables.SubscriptionLane
        query = row.select().where((row.subscription_id == subscription_id) & _due(now))
        return [_lane(r) for r in locked_skipping(query.order_by(row.due_at).limit(limit))]

    def first_pending(self, subscription_id: str, lane: str) -> Delivery | None:
        """The event that the lane stands at."""
        row = tables.Delivery
        query = row.select().where(
            (row.subscription_id == subscription_id) & (row.lane == lane) & (row.state == DeliveryState.PENDING.value)
        )
        found = query.order_by(row.position, row.id).first()
        return _delivery(found) if found else None

    def event_body(self, event_id: str) -> str:
        """The received event as it came.

        Raises:
            DeliveryNotFound: when it is not in the log.
        """
        body = body_of(event_id)
        if body is None:
            raise DeliveryNotFound("The event of this delivery is not in the log.")
        return body

    def listed(self, subscription_id: str, *, limit: int, after: str | None, state: str | None) -> list[Delivery]:
        """Deliveries of one subscription, newest first, before the id ``after``."""
        row = tables.Delivery
        query = row.select().where(row.subscription_id == subscription_id).order_by(row.id.desc()).limit(limit)
        if state is not None:
            query = query.where(row.state == state)
        return [_delivery(r) for r in (query if after is None else query.where(row.id < after))]


def _due(now: datetime) -> Any:
    row = tables.SubscriptionLane
    free = row.claimed_until.is_null() | (row.claimed_until < now)
    return (row.state == LaneState.FLOWING.value) & (row.due_at <= now) & free


def _values(delivery: Delivery) -> dict[str, Any]:
    return {name: getattr(delivery, name) for name in _PLAIN} | {"state": delivery.state.value}


def _delivery(row: Any) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in _PLAIN}, state=DeliveryState(row.state))


def _lane(row: Any) -> Lane:
    return Lane(**{name: getattr(row, name) for name in _LANE}, state=LaneState(row.state))
