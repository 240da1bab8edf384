"""Deliver events to subscribers: claim lanes in one transaction, call outside of any, settle each in its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope, canonical
from notifications.domain.delivery import Delivery, DeliveryState, Lane
from notifications.domain.outcome import Outcome
from notifications.domain.redaction import Shown, show
from notifications.domain.subscription import Subscription
from notifications.handlers.ports import UnitOfWork
from notifications.handlers.publishing import publish

LADDER = "webhook"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a webhook call needs; ``secrets`` are the signing secrets, the current one first."""

    delivery_id: str
    subscription_id: str
    lane: str
    claim: str
    event_id: str
    url: str
    body: str
    secrets: tuple[str, ...]


def claim_deliveries(uow: UnitOfWork, *, room: int, per_endpoint: int, busy: Mapping[str, int]) -> list[Call]:
    """Take lanes that are due and the event that each stands at; at most ``room``, see the deliveries' port."""
    with uow:
        calls = []
        for lane in uow.deliveries.due_lanes(uow.now, room=room, per_endpoint=per_endpoint, busy=busy):
            call = _claim(uow, lane)
            if call is not None:
                calls.append(call)
        return calls


def _claim(uow: UnitOfWork, lane: Lane) -> Call | None:
    delivery = uow.deliveries.first_pending(lane.subscription_id, lane.name)
    if delivery is None:
        lane.flow(at=None)
        uow.deliveries.save_lane(lane)
        return None
    subscription = uow.subscriptions.get(lane.subscription_id)
    event = Envelope.parse(uow.deliveries.event_body(delivery.event_id))
    shown = _shown(uow, subscription, event)
    if shown is None:
        # The grant was taken back while the event waited; it is passed over, and the record says so.
        delivery.state, delivery.finished_at, delivery.reason = DeliveryState.SKIPPED, uow.now, "grant-withdrawn"
        uow.deliveries.save(delivery)
        lane.flow(at=uow.now)
        uow.deliveries.save_lane(lane)
        return None
    return _begin(uow, lane, delivery, subscription, body_for(event, shown))


def _begin(uow: UnitOfWork, lane: Lane, delivery: Delivery, subscription: Subscription, body: str) -> Call:
    claim, owner = new_id(), _owner(delivery.id)
    if delivery.begin(claim):
        uow.attempts.cut_off(owner, uow.now)
    uow.attempts.begin(owner, delivery.attempts, claim, uow.now)
    lane.claim_for(claim=claim, now=uow.now, lease=uow.policy.lease)
    uow.deliveries.save(delivery)
    uow.deliveries.save_lane(lane)
    place = f"subscription/{subscription.id}"
    return Call(
        delivery_id=delivery.id,
        subscription_id=subscription.id,
        lane=lane.name,
        claim=claim,
        event_id=delivery.event_id,
        url=subscription.url,
        body=body,
        secrets=tuple(uow.sealer.open(sealed, place) for sealed in subscription.signing_secrets(uow.now)),
    )


def settle_delivery(uow: UnitOfWork, call: Call, outcome: Outcome) -> bool:
    """Record how a call ended and let its lane go on, wait, or hold.

    False when the claim had run out and the lane is in other hands: then only the attempt's own row is completed.
    """
    with uow:
        lane = uow.deliveries.lane(call.subscription_id, call.lane)
        uow.attempts.end(_owner(call.delivery_id), call.claim, outcome, uow.now)
        if lane.claim != call.claim:
            return False
        delivery = uow.deliveries.get(call.delivery_id)
        subscription = uow.subscriptions.get(call.subscription_id)
        wait = delivery.finish(outcome, now=uow.now, ladder=uow.policy.ladders[LADDER], subscription=subscription.name)
        uow.deliveries.save(delivery)
        if delivery.state is DeliveryState.PARKED:
            lane.park()
        elif wait is not None:
            lane.flow(at=uow.now + wait)
        else:
            more = uow.deliveries.first_pending(call.subscription_id, call.lane)
            lane.flow(at=uow.now if more else None)
        uow.deliveries.save_lane(lane)
        publish(uow, delivery, subject=subscription.id, cause=call.event_id)
        _note_health(uow, subscription, outcome, cause=call.event_id)
        return True


def _note_health(uow: UnitOfWork, seen: Subscription, outcome: Outcome, *, cause: str) -> None:
    if outcome.accepted and seen.failing_since is None and not seen.rest_failures:
        return  # nothing to write: the usual case costs no lock
    subscription = uow.subscriptions.locked(seen.id)
    before = subscription.state
    subscription.heard(outcome, now=uow.now, rules=uow.policy.endpoints)
    uow.subscriptions.note_health(subscription)
    if subscription.state is not before:
        uow.subscriptions.save(subscription)
    publish(uow, subscription, cause=cause)


def _shown(uow: UnitOfWork, subscription: Subscription, event: Envelope) -> Shown | None:
    rules = uow.confidential(event.type)
    return show(event.type, event.dataclass_, event.data, rules=rules, grants=subscription.grants)


def body_for(event: Envelope, shown: Shown) -> str:
    """The event as this reader gets it: canonical CloudEvents JSON.

    Where fields were taken out, ``redacted`` names them and the producer's signature, which would no longer fit, is
    left out.
    """
    text = event.to_json()
    if not shown.removed:
        return text
    attributes = json.loads(text) | {"data": shown.data, "redacted": ",".join(shown.removed)}
    attributes.pop("signature", None)
    attributes.pop("keyid", None)
    return canonical(attributes).decode()


def _owner(delivery_id: str) -> str:
    return f"delivery/{delivery_id}"
