"""Handing what an aggregate says happened to the unit of work."""

from typing import Protocol

from notifications.domain.events import Event
from notifications.handlers.ports import UnitOfWork


class Publishes(Protocol):
    """An aggregate with events that are not yet published."""

    id: str
    new_events: list[Event]


def publish(uow: UnitOfWork, aggregate: Publishes, *, subject: str | None = None, cause: str | None = None) -> None:
    """Emit the aggregate's new events, once.

    They stand under its own id unless ``subject`` names another aggregate; ``cause`` is the id of the received event
    behind them.
    """
    if not aggregate.new_events:
        return
    if cause is not None:
        uow.because_of(cause)
    for event in aggregate.new_events:
        uow.emit(subject or aggregate.id, event)
    aggregate.new_events.clear()
