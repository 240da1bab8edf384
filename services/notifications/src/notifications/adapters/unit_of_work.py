"""The unit of work of notifications: the mechanism's, with the repositories and rules that handlers ask for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from gongzheng.contracts import Registry
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor
from gongzheng.db.unit_of_work import UnitOfWork as MechanismUnitOfWork
from gongzheng.messaging.envelope import Envelope
from notifications.adapters.bell import Bell
from notifications.adapters.contacts import PeeweeContacts
from notifications.adapters.data_files import Templates
from notifications.adapters.deliveries import PeeweeDeliveries
from notifications.adapters.log import PeeweeEventLog, body_of
from notifications.adapters.messages import PeeweeAttempts, PeeweeMessages
from notifications.adapters.sealing import Sealer
from notifications.adapters.subscriptions import PeeweeSubscriptions
from notifications.domain.policy import Policy
from notifications.domain.redaction import CONFIDENTIAL, ConfidentialField, matches


@dataclass(frozen=True, kw_only=True)
class Toolkit:
    """What every unit of work shares: rules, templates, the sealing key and the check of webhook addresses."""

    policy: Policy
    templates: Templates
    sealer: Sealer
    check_url: Callable[[str], None]
    bell: Bell = field(default_factory=Bell)
    _fields: dict[str, tuple[ConfidentialField, ...]] = field(default_factory=dict)

    def confidential(self, event_type: str, contracts: Registry) -> Sequence[ConfidentialField]:
        """The rules of ``rules/redaction.toml`` and the properties that the type's contract marks confidential."""
        if event_type not in self._fields:
            schema = contracts[event_type].schema if event_type in contracts else {}
            marked = tuple(ConfidentialField(path=path, types=event_type) for path in _marked(schema))
            self._fields[event_type] = (*self.policy.confidential, *marked)
        return self._fields[event_type]


def _marked(schema: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        if inner.get("x-dataclass") == CONFIDENTIAL:
            yield f"{prefix}{name}"
        yield from _marked(inner, f"{prefix}{name}.")


class UnitOfWork(MechanismUnitOfWork):
    """One transaction of notifications."""

    def __init__(
        self, mechanism: Mechanism, toolkit: Toolkit, *, actor: Actor = SYSTEM, cause: Envelope | None = None
    ) -> None:
        super().__init__(mechanism, actor=actor, cause=cause)
        self._toolkit = toolkit
        self.policy, self.templates, self.sealer = toolkit.policy, toolkit.templates, toolkit.sealer
        self.check_url = toolkit.check_url
        self.log = PeeweeEventLog(mechanism)
        self.contacts = PeeweeContacts(toolkit.sealer, toolkit.policy.contact_kept)
        self.messages = PeeweeMessages(toolkit.sealer)
        self.attempts = PeeweeAttempts()
        self.subscriptions = PeeweeSubscriptions(toolkit.sealer)
        self.deliveries = PeeweeDeliveries()

    def flush(self) -> None:
        """Write events and audit rows, and last, under its lock, the log of received events."""
        super().flush()
        self.deliveries.flush(self.now)
        self.log.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit or roll back; nothing of a failed transaction is kept for the next."""
        try:
            super().__exit__(kind, error, traceback)
        finally:
            if not self._depth:
                for repository in (self.log, self.deliveries, self.contacts, self.subscriptions):
                    repository.forget()
                self._toolkit.bell.ring()

    def look(self) -> Self:
        """This unit of work, able to read without opening a transaction."""
        self.mechanism.ensure_connected()
        return self

    def confidential(self, event_type: str) -> Sequence[ConfidentialField]:
        """The fields of an event type that need a grant."""
        return self._toolkit.confidential(event_type, self.mechanism.contracts)

    def knows_type(self, pattern: str) -> bool:
        """Whether any contract of the suite matches a filter."""
        return any(matches(pattern, type_) for type_ in self.mechanism.contracts.types())

    def because_of(self, event_id: str | None) -> None:
        """Name the received event that causes what is emitted from here on, so that its trace goes on."""
        body = body_of(event_id) if event_id else None
        self.cause = Envelope.parse(body) if body else None
