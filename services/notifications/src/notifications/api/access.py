"""Which subscriptions a caller may know of: a subscriber its own, operators and auditors all."""

from typing import Any

from gongzheng.http import current_actor
from notifications.domain.errors import DeliveryNotFound, SubscriptionNotFound
from notifications.domain.subscription import Subscription

OWNERS = ("notifications.subscriber", "notifications.operator")
READERS = (*OWNERS, "auditor")
_SEES_ALL = frozenset({"notifications.operator", "auditor"})


def sees_all() -> bool:
    """Whether the caller sees other owners' subscriptions."""
    return bool(_SEES_ALL & current_actor().roles)


def own_subscription(uow: Any, subscription_id: str) -> Subscription:
    """A subscription that the caller may know of.

    Raises:
        SubscriptionNotFound: when there is none, or it is somebody else's: the two are not told apart.
    """
    subscription: Subscription = uow.subscriptions.get(subscription_id)
    if not sees_all() and subscription.owner != current_actor().subject:
        raise SubscriptionNotFound("There is no subscription of this id; 没有此编号的订阅。")
    return subscription


def own_delivery(uow: Any, delivery_id: str) -> Any:
    """A delivery to a subscription that the caller may know of.

    Raises:
        DeliveryNotFound: when there is none, or it is somebody else's.
    """
    delivery = uow.deliveries.get(delivery_id)
    try:
        own_subscription(uow, delivery.subscription_id)
    except SubscriptionNotFound:
        raise DeliveryNotFound("There is no delivery of this id; 没有此编号的投递。") from None
    return delivery
