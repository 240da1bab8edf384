"""Begin a subscription of another system."""

from collections.abc import Sequence
from dataclasses import dataclass

from gongzheng.ids import new_id
from notifications.domain.contact import usable_email
from notifications.domain.errors import DestinationRefused, UnknownEventType
from notifications.domain.subscription import Secret, Subscription
from notifications.handlers.ports import UnitOfWork
from notifications.handlers.publishing import publish


@dataclass(frozen=True, kw_only=True)
class CreateSubscription:
    """What its owner asks for."""

    name: str
    url: str
    types: tuple[str, ...]
    contact_email: str | None
    language: str


def create_subscription(uow: UnitOfWork, command: CreateSubscription, *, secret: str) -> Subscription:
    """Keep the subscription with its secret sealed; the caller shows the secret once.

    Raises:
        DestinationRefused: when the address may not be called.
        UnknownEventType: when a filter matches no event of the suite.
    """
    uow.check_url(command.url)
    if command.contact_email is not None and usable_email(command.contact_email) is None:
        raise DestinationRefused(errors={"contact_email": ["Not an e-mail address."]})
    with uow:
        check_types(uow, command.types)
        subscription_id = new_id()
        subscription = Subscription(
            id=subscription_id,
            owner=uow.actor.subject,
            name=command.name,
            url=command.url,
            types=command.types,
            contact_email=command.contact_email,
            language=command.language,
            secrets=(Secret(sealed=uow.sealer.seal(secret, f"subscription/{subscription_id}")),),
            created_at=uow.now,
        )
        subscription.open()
        uow.subscriptions.add(subscription)
        uow.audit("subscription.create", f"subscription/{subscription.id}")
        publish(uow, subscription)
        return subscription


def check_types(uow: UnitOfWork, types: Sequence[str]) -> None:
    """Refuse a filter that no event of the suite can match.

    Raises:
        UnknownEventType: naming each such filter.
    """
    unknown = [pattern for pattern in types if not uow.knows_type(pattern)]
    if unknown:
        raise UnknownEventType(
            "No event has such a type; 没有这样的事件类型。",
            errors={"types": [f"{t} matches no event." for t in unknown]},
        )
