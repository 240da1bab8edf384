"""Subscriptions in the database; signing secrets and the owner's address are sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzheng.db.mechanism import iso
from gongzheng.errors import Conflict, PreconditionFailed
from notifications.adapters import tables
from notifications.adapters.locking import locked
from notifications.adapters.sealing import Sealer
from notifications.domain.errors import SubscriptionNotFound
from notifications.domain.redaction import Grant
from notifications.domain.subscription import Secret, Subscription, SubscriptionState

_PLAIN = ("id", "owner", "name", "url", "language", "disabled_reason", "created_at", "failing_since", "rest_failures",
          "rest_until", "version")  # fmt: skip


def place(subscription_id: str) -> str:
    """The place to which a subscription's secrets are bound."""
    return f"subscription/{subscription_id}"


class PeeweeSubscriptions:
    """Subscriptions."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._receiving: list[Subscription] | None = None

    def get(self, subscription_id: str, expected_version: int | None = None) -> Subscription:
        """One subscription.

        Raises:
            SubscriptionNotFound: when there is none.
            PreconditionFailed: when it is not in the expected version.
        """
        subscription = self._one(tables.Subscription.select().where(tables.Subscription.id == subscription_id))
        if expected_version not in (None, subscription.version):
            raise PreconditionFailed
        return subscription

    def locked(self, subscription_id: str) -> Subscription:
        """One subscription, locked until the unit of work ends."""
        return self._one(locked(tables.Subscription.select().where(tables.Subscription.id == subscription_id)))

    def receiving(self) -> Sequence[Subscription]:
        """All that have not ended, disabled ones too: their events wait. Read once per unit of work."""
        if self._receiving is None:
            row = tables.Subscription
            query = row.select().where(row.state != SubscriptionState.ENDED.value).order_by(row.id)
            self._receiving = [self._subscription(r) for r in query]
        return self._receiving

    def add(self, subscription: Subscription) -> None:
        """Keep a new one."""
        tables.Subscription.insert(self._values(subscription)).execute()
        self.forget()

    def save(self, subscription: Subscription) -> None:
        """Keep a changed one.

        Raises:
            Conflict: when somebody else changed it meanwhile.
        """
        row, values = tables.Subscription, self._values(subscription)
        values["version"] = subscription.version + 1
        same = (row.id == subscription.id) & (row.version == subscription.version)
        if not row.update(values).where(same).execute():
            raise Conflict
        subscription.version += 1
        self.forget()

    def note_health(self, subscription: Subscription) -> None:
        """Keep how the endpoint is doing, without a new version that an owner would have to read first."""
        row = tables.Subscription
        health = row.update(
            failing_since=subscription.failing_since,
            rest_failures=subscription.rest_failures,
            rest_until=subscription.rest_until,
        )
        health.where(row.id == subscription.id).execute()

    def listed(self, *, limit: int, after: str | None, owner: str | None) -> list[Subscription]:
        """Subscriptions, newest first, before the id ``after``; only one owner's when one is named."""
        row = tables.Subscription
        query = row.select().order_by(row.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(row.owner == owner)
        return [self._subscription(r) for r in (query if after is None else query.where(row.id < after))]

    def forget(self) -> None:
        """Read the list again at the next call."""
        self._receiving = None

    def _one(self, query: Any) -> Subscription:
        row = query.first()
        if row is None:
            raise SubscriptionNotFound("There is no subscription of this id; 没有此编号的订阅。")
        return self._subscription(row)

    def _values(self, subscription: Subscription) -> dict[str, Any]:
        email = subscription.contact_email
        return {name: getattr(subscription, name) for name in _PLAIN} | {
            "types": list(subscription.types),
            "grants": [_grant_values(grant) for grant in subscription.grants],
            "secrets": [[s.sealed, iso(s.until) if s.until else None] for s in subscription.secrets],
            "contact_email": self._sealer.seal(email, place(subscription.id)) if email else None,
            "state": subscription.state.value,
        }

    def _subscription(self, row: Any) -> Subscription:
        email = row.contact_email
        return Subscription(
            **{name: getattr(row, name) for name in _PLAIN},
            types=tuple(row.types),
            grants=tuple(_grant(values) for values in row.grants),
            secrets=tuple(
                Secret(sealed=sealed, until=datetime.fromisoformat(until) if until else None)
                for sealed, until in row.secrets
            ),
            contact_email=self._sealer.open(email, place(row.id)) if email else None,
            state=SubscriptionState(row.state),
        )


def _grant_values(grant: Grant) -> dict[str, Any]:
    return {
        "types": grant.types,
        "fields": list(grant.fields),
        "purpose": grant.purpose,
        "granted_by": grant.granted_by,
        "granted_at": iso(grant.granted_at),
    }


def _grant(values: dict[str, Any]) -> Grant:
    return Grant(
        types=values["types"],
        fields=tuple(values["fields"]),
        purpose=values["purpose"],
        granted_by=values["granted_by"],
        granted_at=datetime.fromisoformat(values["granted_at"]),
    )
