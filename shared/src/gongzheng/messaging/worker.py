"""The threads of a worker: relay, consumer, retries; one that dies takes the whole down instead of limping on."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from gongzheng.messaging import metrics
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.failures import describe, is_outage
from gongzheng.messaging.lanes import Lanes
from gongzheng.messaging.pace import Backoff

log = structlog.get_logger()

RETRY_EVERY_S = 1.0
HEARTBEAT_EVERY_S = 3.0
_MEASURE_EVERY_S = 5.0
_STOP_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Part:
    """One thread's work: ``run`` returns when the event is set, and never before."""

    name: str
    run: Callable[[threading.Event], None]


class Worker:
    """Runs parts in threads of their own.

    ``on_death`` is called, once, with the name of a part that ended although nobody had asked it to.
    """

    def __init__(self, parts: Sequence[Part], *, on_death: Callable[[str], None] | None = None) -> None:
        self._stop = threading.Event()
        self._over = threading.Event()
        self._on_death = on_death
        self._dead: str | None = None
        self._threads = [
            threading.Thread(target=self._run, args=(part,), name=part.name, daemon=True) for part in parts
        ]

    def start(self) -> None:
        """Start every part."""
        for thread in self._threads:
            thread.start()

    @property
    def healthy(self) -> bool:
        """Whether every part is at work."""
        return self._dead is None and all(thread.is_alive() for thread in self._threads)

    def stop(self, timeout_s: float = _STOP_TIMEOUT_S) -> bool:
        """Ask every part to finish what it holds, and wait; False when one did not end in time or had died."""
        self._stop.set()
        self._over.set()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        if late:
            log.error("worker_parts_late", parts=late)
        return not late and self._dead is None

    def wait(self, *, heartbeat: Path | None = None) -> int:
        """Block until a part died (1) or somebody called :meth:`stop` or :meth:`request_stop` (0): an exit status.

        A file named ``heartbeat`` is touched every :data:`HEARTBEAT_EVERY_S` seconds and is gone at the end.
        """
        while not self._over.wait(None if heartbeat is None else HEARTBEAT_EVERY_S):
            if heartbeat is not None and self.healthy:
                heartbeat.touch()
        if heartbeat is not None:
            heartbeat.unlink(missing_ok=True)
        finished = self.stop()
        return 0 if finished else 1

    def request_stop(self) -> None:
        """Let :meth:`wait` return; safe in a signal handler."""
        self._over.set()

    def _run(self, part: Part) -> None:
        try:
            part.run(self._stop)
        except BaseException as error:
            log.critical("worker_part_died", part=part.name, error=describe(error, with_text=True), exc_info=True)
            self._declare_dead(part.name)
        else:
            if not self._stop.is_set():
                log.critical("worker_part_ended_early", part=part.name)
                self._declare_dead(part.name)

    def _declare_dead(self, name: str) -> None:
        first = self._dead is None
        self._dead = self._dead or name
        self._over.set()
        if first and self._on_death is not None:
            self._on_death(name)


def retry_part(consumer: Consumer, *, every_s: float = RETRY_EVERY_S) -> Part:
    """Retries the lanes of a consumer when they are due, and keeps the gauges current."""
    return Part(f"retry-{consumer.mechanism.service}", lambda stop: _retry(consumer, every_s, stop))


def _retry(consumer: Consumer, every_s: float, stop: threading.Event) -> None:
    lanes, backoff, measured_at = Lanes(consumer), Backoff(), float("-inf")
    while not stop.is_set():
        trouble = None
        try:
            lanes.retry_due()
            if time.monotonic() - measured_at > _MEASURE_EVERY_S:
                metrics.measure(consumer.mechanism)
                measured_at = time.monotonic()
        except Exception as error:
            if not is_outage(error):
                raise
            trouble = error
        if trouble is not None:
            log.warning("retry_outage", service=consumer.mechanism.service, error=describe(trouble))
            backoff.wait(stop)
            continue
        backoff.reset()
        _sleep(consumer, every_s, stop)


def _sleep(consumer: Consumer, every_s: float, stop: threading.Event) -> None:
    """Until it is time to look again, something is ready, or stop: looked at in steps short enough to stop promptly."""
    deadline = time.monotonic() + every_s
    while not stop.is_set() and (left_s := deadline - time.monotonic()) > 0:
        if consumer.ready.wait(min(left_s, 0.2)):
            consumer.ready.clear()
            return
