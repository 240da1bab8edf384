"""Let a lane that is held go on: by another try of its event, or without it."""

from notifications.domain.delivery import Delivery
from notifications.handlers.ports import UnitOfWork


def redrive_delivery(uow: UnitOfWork, delivery_id: str, expected_version: int) -> Delivery:
    """Try a parked event again, from the foot of the ladder; the later ones of its lane follow in order.

    Raises:
        DeliveryNotFound: when there is none.
        NotRedrivable: when it is not parked.
    """
    with uow:
        seen = uow.deliveries.get(delivery_id)
        lane = uow.deliveries.lane(seen.subscription_id, seen.lane)
        delivery = uow.deliveries.get(delivery_id, expected_version)
        delivery.redrive()
        lane.flow(at=uow.now)
        uow.deliveries.save(delivery)
        uow.deliveries.save_lane(lane)
        uow.audit("delivery.redrive", f"delivery/{delivery_id}")
        return delivery


def skip_delivery(uow: UnitOfWork, delivery_id: str, expected_version: int) -> Delivery:
    """Pass over a parked event; the later ones of its lane follow.

    Raises:
        DeliveryNotFound: when there is none.
        NotSkippable: when it is not parked.
    """
    with uow:
        seen = uow.deliveries.get(delivery_id)
        lane = uow.deliveries.lane(seen.subscription_id, seen.lane)
        delivery = uow.deliveries.get(delivery_id, expected_version)
        delivery.skip(now=uow.now)
        lane.flow(at=uow.now)
        uow.deliveries.save(delivery)
        uow.deliveries.save_lane(lane)
        uow.audit("delivery.skip", f"delivery/{delivery_id}")
        return delivery
