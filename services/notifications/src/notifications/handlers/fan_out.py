"""Put an event into the lanes of the subscriptions that want it and may see it."""

from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from notifications.domain.delivery import Delivery
from notifications.domain.redaction import show
from notifications.handlers.ports import UnitOfWork


def fan_out(uow: UnitOfWork, event: Envelope) -> None:
    """One delivery per subscription; disabled subscriptions keep theirs until they are resumed."""
    rules = uow.confidential(event.type)
    for subscription in uow.subscriptions.receiving():
        if not subscription.wants(event.type):
            continue
        if show(event.type, event.dataclass_, event.data, rules=rules, grants=subscription.grants) is None:
            continue
        delivery = Delivery(
            id=new_id(),
            subscription_id=subscription.id,
            lane=event.lane,
            position=event.sequence,
            event_id=event.id,
            event_type=event.type,
            created_at=uow.now,
        )
        uow.deliveries.enqueue(delivery)
