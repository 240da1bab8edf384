"""Change a subscription: its secret, its grants, and whether it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifications.domain.redaction import Grant
from notifications.domain.subscription import Subscription
from notifications.handlers.ports import UnitOfWork
from notifications.handlers.publishing import publish


@dataclass(frozen=True, kw_only=True)
class GrantAccess:
    """One permission to see what is confidential, as an operator enters it."""

    types: str
    fields: tuple[str, ...]
    purpose: str


def change_secret(uow: UnitOfWork, subscription_id: str, expected_version: int, *, secret: str) -> Subscription:
    """Sign with a new secret; the last one signs along for a day."""
    sealed = uow.sealer.seal(secret, f"subscription/{subscription_id}")
    return _change(
        uow,
        subscription_id,
        expected_version,
        "change_secret",
        lambda s: s.change_secret(sealed, now=uow.now, rules=uow.policy.endpoints),
    )


def grant_access(
    uow: UnitOfWork, subscription_id: str, expected_version: int, grants: Sequence[GrantAccess]
) -> Subscription:
    """Replace what the subscriber may see of what is confidential; the operator and the moment go on record."""
    with uow:
        given = tuple(
            Grant(types=g.types, fields=g.fields, purpose=g.purpose, granted_by=uow.actor.subject, granted_at=uow.now)
            for g in grants
        )
        return _change(uow, subscription_id, expected_version, "grant", lambda s: s.grant(given))


def disable_subscription(uow: UnitOfWork, subscription_id: str, expected_version: int) -> Subscription:
    """Stop delivering; what waits is kept."""
    return _change(uow, subscription_id, expected_version, "disable", lambda s: s.disable("by-request", now=uow.now))


def resume_subscription(uow: UnitOfWork, subscription_id: str, expected_version: int) -> Subscription:
    """Go on where it stopped."""
    return _change(uow, subscription_id, expected_version, "resume", lambda s: s.resume(now=uow.now))


def end_subscription(uow: UnitOfWork, subscription_id: str, expected_version: int) -> Subscription:
    """End it for good."""
    return _change(uow, subscription_id, expected_version, "end", lambda s: s.end(now=uow.now))


def _change(
    uow: UnitOfWork,
    subscription_id: str,
    expected_version: int,
    action: str,
    change: Callable[[Subscription], None],
) -> Subscription:
    with uow:
        subscription = uow.subscriptions.get(subscription_id, expected_version)
        change(subscription)
        uow.subscriptions.save(subscription)
        uow.audit(f"subscription.{action}", f"subscription/{subscription.id}")
        publish(uow, subscription)
        return subscription
