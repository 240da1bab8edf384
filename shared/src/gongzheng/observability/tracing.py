"""W3C trace context: taken over from the caller or begun here, bound to the work at hand, written beside each event.

Only the identifiers travel; exporting spans is left to whatever the operator runs beside the services, which finds the
trace id in the logs, in the outbox and in the headers of outgoing requests.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_PATTERN = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_CURRENT: ContextVar[str | None] = ContextVar("gongzheng_traceparent", default=None)


def current_traceparent() -> str | None:
    """The trace context of the work at hand, or None outside of any."""
    return _CURRENT.get()


def current_trace_id() -> str | None:
    """The 32 hexadecimal digits of the current trace, or None."""
    current = _CURRENT.get()
    return current.split("-")[1] if current else None


def continue_trace(received: str | None) -> str:
    """A traceparent for our own part of the caller's trace, or of a new one when ``received`` is absent or malformed.

    The trace id is kept and the parent id is ours (W3C Trace Context, section 3.2).
    """
    match = _PATTERN.fullmatch(received or "")
    if match and int(match[1], 16) and int(match[2], 16):
        return f"00-{match[1]}-{_fresh(8)}-{match[3]}"
    return f"00-{_fresh(16)}-{_fresh(8)}-01"


def begin_trace(received: str | None = None) -> str:
    """Bind the caller's trace, or a new one, to whatever this context does from now on."""
    mine = continue_trace(received)
    _CURRENT.set(mine)
    return mine


def end_trace() -> None:
    """Let go of the trace that :func:`begin_trace` bound."""
    _CURRENT.set(None)


@contextmanager
def trace(received: str | None = None) -> Iterator[str]:
    """Do the work of the block within the caller's trace, or a new one."""
    mine = continue_trace(received)
    token = _CURRENT.set(mine)
    try:
        yield mine
    finally:
        _CURRENT.reset(token)


def _fresh(size_bytes: int) -> str:
    while not int(text := secrets.token_hex(size_bytes), 16):
        continue
    return text
