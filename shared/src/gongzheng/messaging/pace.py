"""Waiting: longer after each failure, and a few milliseconds under load so that many small batches become few."""

import random
import threading
import time

_BACKOFF_START_S = 0.1
_BACKOFF_MAX_S = 5.0
_LINGER_FROM_PER_S = 100.0
_LINGER_S_PER_S = 1 / 60_000
_LINGER_MAX_S = 0.008
_MEMORY_S = 0.25


class Backoff:
    """Waiting times that double from 0.1 s to 5 s, each shortened by chance so that many waiters spread out."""

    def __init__(self) -> None:
        self._next_s = _BACKOFF_START_S

    def reset(self) -> None:
        """It works again."""
        self._next_s = _BACKOFF_START_S

    def wait(self, stop: threading.Event) -> None:
        """Sleep, or return at once when told to stop."""
        stop.wait(self._next_s * random.uniform(0.5, 1.0))  # noqa: S311 spreading, not secrecy
        self._next_s = min(self._next_s * 2, _BACKOFF_MAX_S)


class Pace:
    """Knows how many events per second come by, and from that how long to let the next ones gather, at most ``most_s``.

    None up to 100 events per second, where the latency of the single event counts; then rising to 8 ms at 580, where
    a transaction for every few events would cost the producers half of their throughput.
    """

    def __init__(self, most_s: float = _LINGER_MAX_S) -> None:
        self._most_s = most_s
        self._rate_per_s = 0.0
        self._at = time.monotonic()

    def count(self, events: int) -> None:
        """So many came by now."""
        now = time.monotonic()
        elapsed, self._at = max(now - self._at, 1e-6), now
        weight = min(elapsed / _MEMORY_S, 1.0)
        self._rate_per_s += weight * (events / elapsed - self._rate_per_s)

    @property
    def linger_s(self) -> float:
        """How long to let events gather before the next batch is taken."""
        idle_s = time.monotonic() - self._at
        if idle_s > _MEMORY_S:
            return 0.0
        return min(max(self._rate_per_s - _LINGER_FROM_PER_S, 0.0) * _LINGER_S_PER_S, self._most_s)
