"""W3C trace context, carried in a context variable from the edge to the outbox row and on to the consumer."""

from contextvars import ContextVar

_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current_traceparent() -> str | None:
    """The traceparent of the work under way, or None outside any."""
    return _traceparent.get()


def set_traceparent(value: str | None) -> None:
    """Take over a traceparent from a request or an event."""
    _traceparent.set(value)
