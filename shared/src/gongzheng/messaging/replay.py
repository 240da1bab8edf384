"""Making a projection again from the log, while its events keep arriving.

An event counts exactly if it took effect here, which the inbox says: what was skipped, what waits and what has not
come yet is no more part of the result than it is of the tables that are live. The log is read and applied to shadow
tables in small transactions. At the end one transaction sees the service at one moment: what took effect until then is
added, the real tables are compared with the shadows, and the rows that differ are replaced. Consumers go on meanwhile;
only where they were faster at one of those rows, the next try holds them up. Then it is looked again, until nothing
differs.
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
STATEMENT_S_MAX = 600
# For the lock, and for each of the few statements under it: below the 10 s after which a consumer gives up on a lock.
HELD_S_MAX = 1
WAITING_MAX = 100_000
PATIENCE_S = 30.0
_PAUSE_S = 0.5
_READ_ONLY = "25006"
# Serialization failure or deadlock; a row that somebody else made meanwhile; cancelled, because others wait for it.
_OTHERS_WERE_FASTER = ("40", "23505", "57014")


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

    def run(self, *, check: bool = False, actor: Actor = SYSTEM, patience_s: float = PATIENCE_S) -> Outcome:
        """Compare and, unless ``check`` is set, replace what differs, until a look at one moment finds no difference.

        Raises:
            ReplayFailed: when the logs lack events that took effect here, a handler is not pure or fails, or others
                write to what is to be replaced again and again.
        """
        if not (check or self._projection.rewritable):
            raise ReplayFailed(f"{self._projection.name} can only be compared: its tables may not be altered")
        self._mechanism.ensure_connected()
        shadow = Shadow(self._mechanism, self._projection.tables)
        deadline = time.monotonic() + patience_s
        first: list[Difference] = []
        held = False
        with shadow.made():
            self._read_on(shadow)
            while True:
                found = self._look(shadow, actor, check=check, held=held, last_try=time.monotonic() > deadline)
                if found is not None:
                    first = first or found
                    if check or all(difference.equal for difference in found):
                        return Outcome(events=self._applied, differences=first, replaced=first is not found)
                if time.monotonic() > deadline:
                    raise ReplayFailed("others wrote to the same rows again and again: what could be replaced was")
                # Where somebody was faster, next time nobody may be; where that takes too long, again without.
                held = found is None and not (held or check)
                if found is None and not held:
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

    def _look(
        self, shadow: Shadow, actor: Actor, *, check: bool, held: bool, last_try: bool
    ) -> list[Difference] | None:
        """One moment: all that took effect until then, the comparison, the replacement; None when it must be repeated.

        The moment comes first and the end of the log after it, so that the log has what took effect by then. Without
        ``held`` nobody waits but who writes to the rows that are replaced. Where somebody was faster, the replacement
        is undone, while the shadow stays as far as it has come.
        """
        try:
            with self._transaction(shadow, one_moment=True, held=held):
                self._read_on(shadow)
                self._catch_up(shadow)
                if not self._is_complete(last_try=last_try):
                    return None
                return self._compare(shadow, actor, check=check, held=held)
        except peewee.OperationalError as error:
            if held and is_lock_timeout(error):
                return None
            raise

    def _compare(self, shadow: Shadow, actor: Actor, *, check: bool, held: bool) -> list[Difference] | None:
        try:
            with self._mechanism.database.atomic():
                if held and self._mechanism.postgresql:
                    self._mechanism.execute(f"SET LOCAL statement_timeout = '{HELD_S_MAX}s'")
                found = shadow.differences()
                if not check and not all(difference.equal for difference in found):
                    shadow.replace_real()
                    self._put_on_record(actor, found)
        except peewee.DatabaseError as error:
            if is_lock_timeout(error) or (_sqlstate(error) or "").startswith(_OTHERS_WERE_FASTER):
                return None
            raise
        return found

    def _catch_up(self, shadow: Shadow) -> None:
        """Of what waits, apply what has taken effect by this moment."""
        waiting = [event for lane in self._waiting.values() for event in lane]
        effective = self._effective(waiting)
        ready = [event for event in waiting if event.id in effective]
        self._apply(shadow, ready)
        self._applied += len(ready)
        # What is left of a lane in which something took effect is looked at as if it had come just now.
        left = {name: [e for e in lane if e.id not in effective] for name, lane in self._waiting.items()}
        self._waiting = {name: lane for name, lane in left.items() if lane}

    def _is_complete(self, *, last_try: bool) -> bool:
        lacking = self._on_record() - self._applied
        if lacking and last_try:
            unbelieved = sum(reading.unbelieved for reading in self._logs)
            more = f"; {unbelieved} that it has are not believed" if unbelieved else ""
            raise ReplayFailed(f"{lacking} events that took effect here are not in the log{more}")
        return not lacking

    def _put_on_record(self, actor: Actor, found: Sequence[Difference]) -> None:
        with self._consumer.uow_factory(actor) as uow:
            uow.audit(
                "projection.replay",
                self._projection.name,
                events=self._applied,
                missing=sum(difference.missing for difference in found),
                unexpected=sum(difference.unexpected for difference in found),
            )

    @contextmanager
    def _transaction(self, shadow: Shadow, *, one_moment: bool = False, held: bool = False) -> Iterator[None]:
        """A transaction that surely has the shadows.

        ``one_moment``: all of it sees the database as it is now; ``held``: and no consumer commits meanwhile.
        """
        postgresql = self._mechanism.postgresql
        # SQLite has one writer, and that is we: nothing moves meanwhile.
        with self._mechanism.database.atomic(*(() if postgresql else ("IMMEDIATE",))):
            if postgresql and one_moment:
                self._mechanism.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                self._mechanism.execute(f"SET LOCAL statement_timeout = '{STATEMENT_S_MAX}s'")
            if postgresql and held:
                self._mechanism.execute(f"SET LOCAL lock_timeout = '{HELD_S_MAX}s'")
                # The first thing that a consumer's transaction writes: who has written it is waited for, and nobody
                # else begins.
                self._mechanism.execute("LOCK TABLE inbox IN SHARE MODE")
            shadow.verify()
            yield

    def _apply(self, shadow: Shadow, events: Sequence[Envelope]) -> None:
        for batch in _batches(events):
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
        types = sorted(self._projection.handlers)
        if EVERY_TYPE in types:
            return int(self._mechanism.execute("SELECT count(*) FROM inbox").fetchone()[0])
        marks = ", ".join("?" * len(types))
        sql = f"SELECT count(*) FROM inbox WHERE type IN ({marks})"  # noqa: S608 only marks are joined in
        return int(self._mechanism.execute(sql, types).fetchone()[0])


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
