"""Subscriptions: which other system is told of which events, with which secret, and how its endpoint is doing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.domain.errors import SubscriptionNotActive
from notifications.domain.events import (
    Event,
    SubscriptionCreated,
    SubscriptionDisabled,
    SubscriptionEnded,
    SubscriptionResumed,
)
from notifications.domain.outcome import Outcome
from notifications.domain.redaction import Grant, matches

EVERY_TYPE = "*"


class SubscriptionState(StrEnum):
    """Active ones get events; disabled ones keep theirs until resumed; ended ones get no more."""

    ACTIVE = "active"
    DISABLED = "disabled"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A signing secret, sealed; an older one signs along until ``until`` so that receivers can change over."""

    sealed: str
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EndpointRules:
    """How long an endpoint may fail, and how long it is left alone when nobody answers there."""

    disable_after: timedelta
    rest_steps_s: tuple[int, ...]
    secret_overlap: timedelta

    def rest(self, failures: int) -> timedelta:
        """The pause after the n-th time in a row that nobody answered (n ≥ 1)."""
        return timedelta(seconds=self.rest_steps_s[min(failures, len(self.rest_steps_s)) - 1])


@dataclass(kw_only=True)
class Subscription:
    """One endpoint of one owner.

    ``types`` are exact event types, prefixes that end in ``.*``, or ``*``. ``failing_since`` is the first failure after
    the last success. ``rest_until`` pauses the whole endpoint while nobody answers there; a single event that the
    endpoint refuses pauses only its own lane.
    """

    id: str
    owner: str
    name: str
    url: str
    types: tuple[str, ...]
    contact_email: str | None
    language: str
    created_at: datetime
    secrets: tuple[Secret, ...] = ()
    grants: tuple[Grant, ...] = ()
    state: SubscriptionState = SubscriptionState.ACTIVE
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    rest_failures: int = 0
    rest_until: datetime | None = None
    version: int = 0
    new_events: list[Event] = field(default_factory=list)

    def open(self) -> None:
        """Make it known that the subscription begins."""
        self.new_events.append(
            SubscriptionCreated(
                subscription_id=self.id, name=self.name, owner=self.owner, types=self.types, created_at=self.created_at
            )
        )

    def wants(self, event_type: str) -> bool:
        """Whether its filter lets the event type through."""
        return any(matches(pattern, event_type) for pattern in self.types)

    def change_secret(self, sealed: str, *, now: datetime, rules: EndpointRules) -> None:
        """Sign with a new secret from now on, and with the last one beside it for the overlap."""
        self._must_not_have_ended()
        previous = tuple(Secret(sealed=s.sealed, until=now + rules.secret_overlap) for s in self.secrets[:1])
        self.secrets = (Secret(sealed=sealed), *previous)

    def signing_secrets(self, now: datetime) -> tuple[str, ...]:
        """The sealed secrets that sign at this moment, the current one first."""
        return tuple(s.sealed for s in self.secrets if s.until is None or s.until > now)

    def grant(self, grants: tuple[Grant, ...]) -> None:
        """Replace what it may see of what is confidential."""
        self._must_not_have_ended()
        self.grants = grants

    def heard(self, outcome: Outcome, *, now: datetime, rules: EndpointRules) -> None:
        """Take note of how its endpoint answered; too long without success disables it."""
        if self.state is not SubscriptionState.ACTIVE:
            return
        if outcome.accepted:
            self.failing_since, self.rest_until, self.rest_failures = None, None, 0
            return
        self.failing_since = self.failing_since or now
        if outcome.unreachable:
            self.rest_failures += 1
            self.rest_until = now + rules.rest(self.rest_failures)
        else:
            self.rest_failures, self.rest_until = 0, None
        if outcome.gone:
            self.disable("endpoint-gone", now=now)
        elif now - self.failing_since >= rules.disable_after:
            self.disable("failing-too-long", now=now)

    def disable(self, reason: str, *, now: datetime) -> None:
        """Stop delivering; what waits is kept.

        Raises:
            SubscriptionNotActive: when it is not active.
        """
        if self.state is not SubscriptionState.ACTIVE:
            raise SubscriptionNotActive("Only an active subscription can be disabled; 只有启用中的订阅可以停用。")
        self.state, self.disabled_reason = SubscriptionState.DISABLED, reason
        self.new_events.append(
            SubscriptionDisabled(
                subscription_id=self.id,
                name=self.name,
                reason=reason,
                failing_since=self.failing_since,
                disabled_at=now,
            )
        )

    def resume(self, *, now: datetime) -> None:
        """Go on where it stopped.

        Raises:
            SubscriptionNotActive: when it is not disabled.
        """
        if self.state is not SubscriptionState.DISABLED:
            raise SubscriptionNotActive("Only a disabled subscription can be resumed; 只有已停用的订阅可以恢复。")
        self.state, self.disabled_reason = SubscriptionState.ACTIVE, None
        self.failing_since, self.rest_until, self.rest_failures = None, None, 0
        self.new_events.append(SubscriptionResumed(subscription_id=self.id, resumed_at=now))

    def end(self, *, now: datetime) -> None:
        """End it for good.

        Raises:
            SubscriptionNotActive: when it has ended already.
        """
        self._must_not_have_ended()
        self.state = SubscriptionState.ENDED
        self.new_events.append(SubscriptionEnded(subscription_id=self.id, ended_at=now))

    def _must_not_have_ended(self) -> None:
        if self.state is SubscriptionState.ENDED:
            raise SubscriptionNotActive("The subscription has ended; 该订阅已终止。")
