"""Handing what an aggregate says happened to the unit of work."""

from typing import Protocol

from notifications.domain.events import Event
from notifications.handlers.ports import UnitOfWork


class Publishes(Protocol):
    """An aggregate with events that are not yet published."""

    id: str
    new_events: list[Event]


def publish(uow: UnitOfWork, aggregate: Publishes, *, subject: str | None = None) -> None:
    """Emit the aggregate's new events, once; under its own id unless they stand in another aggregate's order."""
    for event in aggregate.new_events:
        uow.emit(subject or aggregate.id, event)
    aggregate.new_events.clear()
