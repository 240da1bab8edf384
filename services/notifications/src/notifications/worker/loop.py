"""A thread that works when the bell rings and looks by itself now and then."""

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from notifications.handlers.ports import UnitOfWork

POLL_S = 0.5
_AFTER_FAILURE_S = 2.0
_log = structlog.get_logger(__name__)

NewUnitOfWork = Callable[[], UnitOfWork]


class Rung(Protocol):
    """The bell, as the loop needs it."""

    @property
    def rings(self) -> int:
        """How often it was rung."""
        ...

    def wait(self, seen: int, timeout_s: float) -> None:
        """Until it is rung again, at most so long."""
        ...


def run_until(stop: threading.Event, bell: Rung, work: Callable[[], int], *, name: str, poll_s: float = POLL_S) -> None:
    """Call ``work`` whenever the bell rang, and every ``poll_s`` seconds, until told to stop.

    The poll finds what other processes committed and what became due by the passing of time.
    """
    while not stop.is_set():
        seen = bell.rings
        try:
            done = work()
        except Exception:  # noqa: BLE001 logged with its trace; the thread must live
            # The database may be away for a while; the work goes on when it is back.
            _log.exception("delivering_failed", loop=name)
            stop.wait(_AFTER_FAILURE_S)
            continue
        if not done:
            bell.wait(seen, poll_s)
