"""Making a projection again from the log, while its events keep arriving.

An event counts exactly if it took effect here, which the inbox says: what was skipped, what waits and what has not
come yet is no more part of the result than it is of the tables that are live. The log is read and applied to shadow
tables in small transactions. At the end, for a moment in which no consumer can commit, what took effect since is
added, the real tables are compared with the shadows, and made equal, all in one transaction.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import peewee

from gongzheng.db.unit_of_work import SYSTEM, Actor
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.failures import describe, is_lock_timeout
from gongzheng.messaging.projection import Log, Projection
from gongzheng.messaging.reading import EVERY_TYPE, Arrival, Delivery, Reader
from gongzheng.messaging.rows import with_rows
from gongzheng.messaging.shadow import Difference, Shadow

BATCH = 500
# Together less than the time after which a consumer gives up on a lock: it waits, and nothing parks.
LOCK_S_MAX, HELD_S_MAX = 2.0, 6.0
WAITING_MAX = 100_000
PATIENCE_S = 30.0
_PAUSE_S = 0.5
_READ_ONLY = "25006"
_CANCELLED = "57014"
_TOO_LONG = "the consumers cannot be held up for as long as this takes: try when less is due"


class ReplayFailed(RuntimeError):
    """A projection that could not be made again; nothing was changed. The text is one sentence."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out: how many ``events`` were applied, the tables as they were found, and whether they were mended."""

    events: int
    differences: list[Difference]
    replaced: bool

    @property
    def equal(self) -> bool:
        """Whether the tables were as the log says."""
        return all(difference.equal for difference in self.differences)


class Replay:
    """One projection of one service, made again from the logs of those it follows (name of the producer, log)."""

    def __init__(self, consumer: Consumer, projection: Projection, logs: Sequence[tuple[str | None, Log]]) -> None:
        self._consumer, self._mechanism, self._projection = consumer, consumer.mechanism, projection
        self._logs = [_Reading(producer, log_, consumer.reader) for producer, log_ in logs]
        self._last: dict[str, int] = {}
        # By lane, in order: what the log has and has not taken effect here yet, with what follows it.
        self._waiting: dict[str, list[Envelope]] = {}
        self._applied = 0
        self._held_until: float | None = None

    def run(self, *, check: bool = False, actor: Actor = SYSTEM, patience_s: float = PATIENCE_S) -> Outcome:
        """Compare and, unless ``check`` is set, replace what differs.

        Raises:
            ReplayFailed: when the logs lack events that took effect here, a handler is not pure or fails, or the
                consumers cannot be held up for so short a time.
        """
        if not (check or self._projection.rewritable):
            raise ReplayFailed(f"{self._projection.name} can only be compared: its tables may not be altered")
        self._mechanism.ensure_connected()
        shadow = Shadow(self._mechanism, self._projection.tables, tick=self._tick)
        deadline = time.monotonic() + patience_s
        with shadow.made():
            while True:
                self._read_on(shadow)
                outcome = self._settle(shadow, actor, check=check, last_try=time.monotonic() > deadline)
                if outcome is not None:
                    return outcome
                time.sleep(_PAUSE_S)

    def _read_on(self, shadow: Shadow) -> None:
        for reading in self._logs:
            for page in reading.pages():
                self._take(shadow, [event for event in page if self._is_new(event)])

    def _is_new(self, event: Envelope) -> bool:
        """Of a type that counts, and not seen before: a log may repeat itself."""
        handlers = self._projection.handlers
        if (event.type not in handlers and EVERY_TYPE not in handlers) or event.sequence <= self._last.get(
            event.lane, 0
        ):
            return False
        self._last[event.lane] = event.sequence
        return True

    def _take(self, shadow: Shadow, events: list[Envelope]) -> None:
        if not events:
            return
        with self._transaction(shadow):
            ready: list[Envelope] = []
            effective = self._effective(events)
            for event in events:
                # Behind one that has not taken effect everything waits: between two looks both may have.
                if event.lane in self._waiting or event.id not in effective:
                    self._waiting.setdefault(event.lane, []).append(event)
                else:
                    ready.append(event)
            self._apply(shadow, ready)
        self._applied += len(ready)
        if sum(map(len, self._waiting.values())) > WAITING_MAX:
            raise ReplayFailed("the service is too far behind the log: let it catch up first")

    def _settle(self, shadow: Shadow, actor: Actor, *, check: bool, last_try: bool) -> Outcome | None:
        """One transaction: the rest, the comparison, the replacement; None when it should be tried again."""
        try:
            with self._transaction(shadow, alone=not check, snapshot=check):
                rest = [event for lane in self._waiting.values() for event in lane]
                effective = self._effective(rest)
                ready = [event for event in rest if event.id in effective]
                self._apply(shadow, ready)
                self._must_be_complete(len(ready), last_try=last_try)
                return self._compare(shadow, actor, events=self._applied + len(ready), replace=not check)
        except _AgainError:
            return None
        except peewee.OperationalError as error:
            if is_lock_timeout(error) and not last_try:
                return None
            if is_lock_timeout(error) or _sqlstate(error) == _CANCELLED:
                raise ReplayFailed(_TOO_LONG) from error
            raise

    def _must_be_complete(self, ready: int, *, last_try: bool) -> None:
        lacking = self._on_record() - self._applied - ready
        if lacking and not last_try:
            raise _AgainError
        if lacking:
            unbelieved = sum(reading.unbelieved for reading in self._logs)
            more = f"; {unbelieved} that it has are not believed" if unbelieved else ""
            raise ReplayFailed(f"{lacking} events that took effect here are not in the log{more}")

    def _compare(self, shadow: Shadow, actor: Actor, *, events: int, replace: bool) -> Outcome:
        found = shadow.differences()
        outcome = Outcome(
            events=events, differences=found, replaced=replace and not all(difference.equal for difference in found)
        )
        if outcome.replaced:
            shadow.replace_real()
            if not all(difference.equal for difference in shadow.differences()):
                raise ReplayFailed("the tables do not take what the log says")
        if replace:
            with self._consumer.uow_factory(actor) as uow:
                uow.audit(
                    "projection.replay",
                    self._projection.name,
                    events=events,
                    missing=sum(difference.missing for difference in found),
                    unexpected=sum(difference.unexpected for difference in found),
                )
        return outcome

    @contextmanager
    def _transaction(self, shadow: Shadow, *, alone: bool = False, snapshot: bool = False) -> Iterator[None]:
        """A transaction that surely has the shadows; ``alone``: no consumer commits meanwhile; or in one snapshot."""
        postgresql = self._mechanism.postgresql
        with self._mechanism.database.atomic(*(() if postgresql else ("IMMEDIATE",))):
            if postgresql and snapshot:
                self._mechanism.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if postgresql and alone:
                self._mechanism.execute(f"SET LOCAL lock_timeout = '{LOCK_S_MAX:.0f}s'")
                # The first thing that a consumer's transaction writes: who has written it is waited for, and nobody
                # else begins. SQLite's one writer is we.
                self._mechanism.execute("LOCK TABLE inbox IN SHARE MODE")
            self._held_until = time.monotonic() + HELD_S_MAX if alone else None
            shadow.verify()
            yield
            self._tick()
        self._held_until = None

    def _tick(self) -> None:
        """While the consumers wait, no statement may take longer than what is left of their patience."""
        if self._held_until is None:
            return
        left_s = self._held_until - time.monotonic()
        if left_s <= 0:
            raise ReplayFailed(_TOO_LONG)
        if self._mechanism.postgresql:
            self._mechanism.execute(f"SET LOCAL statement_timeout = {int(left_s * 1000) + 1}")

    def _apply(self, shadow: Shadow, events: Sequence[Envelope]) -> None:
        for batch in _batches(events):
            self._tick()
            try:
                with self._consumer.uow_factory(SYSTEM) as uow, shadow.nothing_else_written():
                    for event in batch:
                        self._handle(uow, event)
                    uow.flush()
            except peewee.DatabaseError as error:
                if _refused(error):
                    raise ReplayFailed(
                        f"{self._projection.name} is no pure projection: a handler emits, audits or writes elsewhere"
                    ) from error
                raise

    def _handle(self, uow: object, event: Envelope) -> None:
        for key in (event.type, EVERY_TYPE):
            handler = self._projection.handlers.get(key)
            try:
                if handler is not None:
                    handler(uow, event)
            except peewee.DatabaseError:
                raise
            except Exception as error:
                raise ReplayFailed(f"the handler fails for event {event.id}: {describe(error)}") from error

    def _effective(self, events: Sequence[Envelope]) -> set[str]:
        """The ids among these that took effect here."""
        statement = "SELECT inbox.event_id FROM inbox JOIN {rows} ON inbox.event_id = v.event_id"
        found: set[str] = set()
        for batch in _batches(events):
            rows = [(event.id,) for event in batch]
            sql, values = with_rows(self._mechanism, statement, [("event_id", "text")], rows)
            found |= {row[0] for row in self._mechanism.execute(sql, values).fetchall()}
        return found

    def _on_record(self) -> int:
        """How many events took effect here that this projection follows from."""
        self._tick()
        types = sorted(self._projection.handlers)
        if EVERY_TYPE in types:
            return int(self._mechanism.execute("SELECT count(*) FROM inbox").fetchone()[0])
        marks = ", ".join("?" * len(types))
        sql = f"SELECT count(*) FROM inbox WHERE type IN ({marks})"  # noqa: S608 only marks are joined in
        return int(self._mechanism.execute(sql, types).fetchone()[0])


class _AgainError(Exception):
    """Something that took effect here is not in the log yet: the relay may be about to publish it."""


class _Reading:
    """One log, read on from where it was left."""

    def __init__(self, producer: str | None, log_: Log, reader: Reader) -> None:
        self._producer, self._log, self._reader = producer, log_, reader
        self._cursor: Any = None
        self.unbelieved = 0

    def pages(self) -> Iterator[list[Envelope]]:
        """What came since the last time, a page at a time; what is not believed is counted and left out."""
        while True:
            bodies, self._cursor = self._log(self._cursor)
            if not bodies:
                return
            read = [self._reader.read(Delivery(body, origin=self._producer)) for body in bodies]
            believed = [arrival.envelope for arrival in read if isinstance(arrival, Arrival)]
            self.unbelieved += len(read) - len(believed)
            yield believed


def _batches(events: Sequence[Envelope]) -> Iterator[Sequence[Envelope]]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]


def _refused(error: BaseException) -> bool:
    """Whether the database refused a write that is not to a shadow."""
    cause = error.__cause__ or error.__context__
    return _sqlstate(error) == _READ_ONLY or getattr(cause, "sqlite_errorname", "") == "SQLITE_AUTH"


def _sqlstate(error: BaseException) -> str | None:
    return getattr(error.__cause__ or error.__context__, "sqlstate", None)
