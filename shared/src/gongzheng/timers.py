"""Timers: work that recurs, remembered in the database, so that restarts neither skip a run nor double one."""

import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gongzheng.db.mechanism import Mechanism, iso

TICK_S = 1.0
_LOCK_SPACE = 0x7469  # keeps our advisory locks apart from those of migrations
_log = structlog.get_logger(__name__)
_running_here = threading.Lock()
_names_running: set[tuple[int, str]] = set()


@dataclass(frozen=True)
class Timer:
    """``run`` is called every ``every_s`` seconds by one worker at a time and returns how many things it did.

    It opens its own units of work. When it raises, the next run comes at its usual time.
    """

    name: str
    every_s: int
    run: Callable[[], int]


class Timers:
    """Runs the timers of one service that are due; several workers may do so at once."""

    def __init__(self, mechanism: Mechanism, timers: Sequence[Timer]) -> None:
        names = [timer.name for timer in timers]
        if len(set(names)) != len(names):
            raise ValueError("two timers have one name")
        self._mechanism, self._timers = mechanism, timers

    def run_due(self) -> dict[str, int]:
        """Run what is due; the count that each run returned, by name. A run that failed counts -1."""
        return {timer.name: count for timer in self._timers if (count := self._run_if_due(timer)) is not None}

    def run_until(self, stop: threading.Event, tick_s: float = TICK_S) -> None:
        """Look for due timers until told to stop."""
        while not stop.wait(tick_s):
            try:
                self.run_due()
            except Exception:  # noqa: BLE001 one bad round must not end the thread
                # The database may be away for a while; the timers go on when it is back.
                _log.exception("timers_failed")

    def _run_if_due(self, timer: Timer) -> int | None:
        if not self._due(timer):
            return None
        with self._alone(timer) as alone:
            # Another worker may have run it between the first look and the lock.
            if not alone or not self._due(timer):
                return None
            # Written before the run: a run that kills its process must not come again at once, for ever.
            self._remember(timer)
            try:
                count = timer.run()
            except Exception:  # noqa: BLE001 a timer may fail in any way; the others go on
                _log.exception("timer_failed", timer=timer.name)
                return -1
            if count:
                _log.info("timer_ran", timer=timer.name, count=count)
            return count

    def _due(self, timer: Timer) -> bool:
        self._mechanism.ensure_connected()
        row = self._mechanism.execute("SELECT last_run_at FROM timer WHERE name = ?", (timer.name,)).fetchone()
        if row is None:
            return True
        last = datetime.fromisoformat(row[0])
        now = self._mechanism.clock.now()
        # A clock that was set back must not silence the timer until the old moment comes round again.
        return now - last >= timedelta(seconds=timer.every_s) or last > now + timedelta(seconds=timer.every_s)

    def _remember(self, timer: Timer) -> None:
        self._mechanism.execute(
            "INSERT INTO timer (name, last_run_at) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at",
            (timer.name, iso(self._mechanism.clock.now())),
        )

    @contextmanager
    def _alone(self, timer: Timer) -> Iterator[bool]:
        """Whether this thread is the only one in the database that runs the timer.

        PostgreSQL: a session lock, which ends with the connection if the process dies. SQLite belongs to one process,
        so a set in memory does the same.
        """
        if self._mechanism.postgresql:
            key = (_LOCK_SPACE, zlib.crc32(timer.name.encode()) - 2**31)
            got = bool(self._mechanism.execute("SELECT pg_try_advisory_lock(?, ?)", key).fetchone()[0])
            try:
                yield got
            finally:
                if got:
                    self._mechanism.execute("SELECT pg_advisory_unlock(?, ?)", key)
            return
        mine = (id(self._mechanism.database), timer.name)
        with _running_here:
            got = mine not in _names_running
            _names_running.add(mine)
        try:
            yield got
        finally:
            if got:
                with _running_here:
                    _names_running.discard(mine)
