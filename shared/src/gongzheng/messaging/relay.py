"""The relay: brings what the outbox holds to a transport, in order, and records what was confirmed."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

import structlog

from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging import metrics
from gongzheng.messaging.failures import Outage, describe, is_outage
from gongzheng.messaging.outbox import Outbox, Row, outbox_of
from gongzheng.messaging.pace import Backoff, Pace

log = structlog.get_logger()

BATCH = 500
POLL_S = 1.0
CONFIRM_TIMEOUT_S = 30.0
_LOOK_S = 0.25
_SWEEP_EVERY = 8
_HOLD_START_S, _HOLD_MAX_S = 1.0, 60.0
_HELD_LANES_MAX = 200
_FAREWELL_S = 5.0
_SIGN_OF_LIFE_S = 10.0


class Transport(Protocol):
    """Takes batches of rows to where consumers get them.

    ``depth`` batches may be under way at once. ``send`` starts and returns; the future gives the rows that were not
    taken, by id, with the reason, and raises ``Outage`` when nothing is known about the batch.
    """

    depth: int

    def send(self, rows: Sequence[Row]) -> "Future[dict[int, str]]":
        """Start to publish; raises ``Outage`` when there is nobody to publish to."""
        ...

    def is_blocked(self) -> bool:
        """Whether the far side has asked us to wait (which is no fault and has no time limit)."""
        ...

    def start_over(self) -> None:
        """Give up whatever is under way: answers that have not come by now will not come."""
        ...


@dataclass(frozen=True)
class _UnderWay:
    rows: list[Row]
    answer: "Future[dict[int, str]]"


class Relay:
    """Publishes one service's outbox, or one partition of it; exactly one relay per lane does so at any time.

    A row is marked after its confirmation and together with its position, so whatever happens in between is published
    again and never forgotten. A row that the transport refuses holds back the later rows of its own lane only.
    """

    def __init__(self, mechanism: Mechanism, transport: Transport, *, partition: int = 0, batch: int = BATCH) -> None:
        self._mechanism, self._transport, self._batch = mechanism, transport, batch
        self._outbox: Outbox = outbox_of(mechanism, partition)
        self._under_way: deque[_UnderWay] = deque()
        self._held_until: dict[tuple[str, str], float] = {}
        self._hold_s: dict[tuple[str, str], float] = {}
        self._after = 0
        self._claims = 0
        self._pace = Pace()
        self._stop = threading.Event()
        self.leading = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; outages of the database or the transport are waited out."""
        self._stop = stop
        backoff = Backoff()
        while not stop.is_set():
            outage = self._lead_until_outage(backoff)
            if outage is not None:
                log.warning("relay_outage", service=self._mechanism.service, error=describe(outage, with_text=True))
                backoff.wait(stop)

    def _lead_until_outage(self, backoff: Backoff) -> Exception | None:
        try:
            with self._outbox.leading(self._stop) as led:
                if led:
                    self._lead(backoff)
        except Exception as error:
            if not is_outage(error):
                raise
            return error
        finally:
            self.leading.clear()
        return None

    def _lead(self, backoff: Backoff) -> None:
        log.info("relay_leading", service=self._mechanism.service)
        self._under_way.clear()
        self._after = 0
        self.leading.set()
        while not self._stop.is_set():
            rows = self.step()
            if rows:
                backoff.reset()
            linger_s = self._pace.linger_s
            if linger_s or rows == self._batch:
                self._outbox.watch()
            if linger_s and rows < self._batch:
                self._stop.wait(linger_s)
            elif not rows and not self._under_way:
                self._outbox.wait(self._idle_s())
        while self._under_way:
            self._settle_oldest()

    def step(self) -> int:
        """Take, publish and settle what the pipeline has room for; returns how many rows were taken."""
        rows = self._claim() if len(self._under_way) < self._transport.depth else []
        if rows:
            self._under_way.append(_UnderWay(rows, self._transport.send(rows)))
            self._after = max(self._after, rows[-1].id)
        if self._under_way and (len(rows) < self._batch or len(self._under_way) >= self._transport.depth):
            self._settle_oldest()
        return len(rows)

    def _claim(self) -> list[Row]:
        self._claims += 1
        now = time.monotonic()
        freed = [lane for lane, until in self._held_until.items() if until <= now]
        for lane in freed:
            del self._held_until[lane]
        # Reading on from where we are is cheap. Reading from the start finds what committed late and what was held
        # back: a lane that was freed must begin with its oldest row.
        sweep = freed or not self._under_way or self._claims % _SWEEP_EVERY == 0
        under_way = [row.id for batch in self._under_way for row in batch.rows]
        held = list(self._held_until)
        return self._outbox.claim(self._batch, after=0 if sweep else self._after, under_way=under_way, held=held)

    def _settle_oldest(self) -> None:
        batch = self._under_way.popleft()
        refused = self._answer(batch.answer)
        if refused or self._held_until:
            self._settle_with_refusals(batch.rows, refused)
        else:
            self._outbox.mark([row.id for row in batch.rows])
        metrics.published(self._mechanism.service, len(batch.rows) - len(refused))
        self._pace.count(len(batch.rows))

    def _settle_with_refusals(self, rows: list[Row], refused: dict[int, str]) -> None:
        passed = []
        held: set[tuple[str, str]] = set()
        for row in rows:
            if row.id in refused:
                if row.lane not in held:
                    self._hold_back(row.lane)
                    held.add(row.lane)
            elif row.lane not in self._held_until:
                passed.append(row)
                self._hold_s.pop(row.lane, None)
        self._outbox.mark([row.id for row in passed])
        if refused:
            log.warning("relay_refused", service=self._mechanism.service, rows=len(refused))
            metrics.refused(self._mechanism.service, len(refused))
            self._outbox.note(refused)
            # What went out behind a refused row is not marked and goes out again after it; while that is settled
            # nothing new of the same lane may start.
            while self._under_way:
                self._settle_oldest()
            if len(self._held_until) > _HELD_LANES_MAX:
                self._held_until.clear()
                raise Outage("the transport refuses nearly everything")

    def _hold_back(self, lane: tuple[str, str]) -> None:
        seconds = min(self._hold_s.get(lane, _HOLD_START_S / 2) * 2, _HOLD_MAX_S)
        self._hold_s[lane] = seconds
        self._held_until[lane] = time.monotonic() + seconds

    def _idle_s(self) -> float:
        if not self._held_until:
            return POLL_S
        return min(max(min(self._held_until.values()) - time.monotonic(), 0.01), POLL_S)

    def _answer(self, answer: "Future[dict[int, str]]") -> dict[int, str]:
        waited_s = 0.0
        told_at = time.monotonic()
        while True:
            try:
                return answer.result(timeout=_LOOK_S)
            except TimeoutError:
                if time.monotonic() - told_at > _SIGN_OF_LIFE_S:
                    self._outbox.give_sign()
                    told_at = time.monotonic()
                waited_s = 0.0 if self._transport.is_blocked() and not self._stop.is_set() else waited_s + _LOOK_S
            if waited_s > (_FAREWELL_S if self._stop.is_set() else CONFIRM_TIMEOUT_S):
                # A broker that lost its majority may keep a channel open and never confirm what came in between;
                # whatever follows on such a channel waits behind that.
                self._transport.start_over()
                raise Outage("no confirmation came")
