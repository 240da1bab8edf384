"""The outbox as the relay sees it: who leads, what is unpublished, what was confirmed."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any, NamedTuple, Protocol

import psycopg

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.db.unit_of_work import NOTIFY_CHANNEL
from gongzheng.messaging.rows import with_rows
from gongzheng.messaging.slots import POSITION_KEY, leader_key, resting_key, slots_of

SILENCE_S = 30
"""A leading relay that says nothing to its database for so long has lost its lead."""
_STANDBY_S = 0.5
_IN_FLIGHT_S = 0.005
_ERROR_CHARACTERS_MAX = 500
_CLAIM = "SELECT id, event_id, type, stream, subject, body FROM outbox WHERE published_at IS NULL AND id > ?"
_OF_PARTITION = "AND mod(slot, ?) = ?"
_NOT_UNDER_WAY = "AND id NOT IN (SELECT v.id FROM {rows})"
_NOT_HELD = "AND (stream, subject) NOT IN (SELECT v.stream, v.subject FROM {rows})"
_sqlite_leaders: dict[str, threading.Lock] = {}
_sqlite_guard = threading.Lock()


class Row(NamedTuple):
    """One unpublished event."""

    id: int
    event_id: str
    type: str
    stream: str
    subject: str
    body: str

    @property
    def lane(self) -> tuple[str, str]:
        """What keeps its order: stream and subject (the source is the same for the whole outbox)."""
        return self.stream, self.subject

    @property
    def routing_key(self) -> str:
        """As ``Envelope.routing_key``, without parsing the body."""
        return routing_key(self.stream, self.type)


@cache
def routing_key(stream: str, type_: str) -> str:
    """``<stream>.<entity>.<past-tense>.v1``; there are only as many as there are contracts."""
    return f"{stream}.{'.'.join(type_.split('.')[3:])}"


class Outbox(Protocol):
    """What the relay does to the outbox. One thread uses one of these."""

    def leading(self, stop: threading.Event) -> Any:
        """A context in which this is the only relay of its lanes; waits until it is, or stop is set."""
        ...

    def claim(self, limit: int, *, after: int, under_way: Sequence[int], held: Sequence[tuple[str, str]]) -> list[Row]:
        """The next unpublished rows in id order, beyond ``after``, without those under way or of held lanes."""
        ...

    def mark(self, ids: Sequence[int]) -> None:
        """Record as published, in this order, and give each its place in the commit-ordered log."""
        ...

    def note(self, errors: dict[int, str]) -> None:
        """Record why rows stay unpublished."""
        ...

    def give_sign(self) -> None:
        """Let the database know that this relay is alive, although it has nothing to ask."""
        ...

    def watch(self) -> None:
        """From now on this relay comes by by itself; nobody needs to wake it."""
        ...

    def wait(self, timeout_s: float) -> None:
        """Return when something may have been committed, or after the time."""
        ...


class _Outbox:
    def __init__(self, mechanism: Mechanism, partition: int = 0) -> None:
        self._mechanism, self._partition = mechanism, partition
        self._partitions = mechanism.relay_partitions
        self._slots = slots_of(partition, self._partitions)

    def _execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        return self._mechanism.execute(sql, params)

    def claim(self, limit: int, *, after: int, under_way: Sequence[int], held: Sequence[tuple[str, str]]) -> list[Row]:
        """The next unpublished rows in id order, beyond ``after``, without those under way or of held lanes."""
        sql: str = _CLAIM
        params: list[Any] = [after]
        if self._partitions > 1:
            sql, params = f"{sql} {_OF_PARTITION}", [*params, self._partitions, self._partition]
        if under_way:
            more = [("id", "int")], [(n,) for n in under_way]
            sql, params = self._narrow(sql, params, _NOT_UNDER_WAY, *more)
        if held:
            sql, params = self._narrow(sql, params, _NOT_HELD, [("stream", "text"), ("subject", "text")], held)
        return [Row(*row) for row in self._execute(f"{sql} ORDER BY id LIMIT ?", [*params, limit]).fetchall()]

    def _narrow(
        self, sql: str, params: list[Any], condition: str, columns: list[tuple[str, str]], rows: Sequence[Sequence[Any]]
    ) -> tuple[str, list[Any]]:
        narrowed, values = with_rows(self._mechanism, f"{sql} {condition}", columns, rows)
        return narrowed, params + values

    def mark(self, ids: Sequence[int]) -> None:
        """Record as published, in this order, and give each its place in the commit-ordered log."""
        if not ids:
            return
        statement = (
            "UPDATE outbox SET published_at = ?, position = log.last + v.place, error = NULL"
            " FROM {rows}, (SELECT coalesce(max(position), 0) AS last FROM outbox) AS log WHERE outbox.id = v.id"
        )
        places = enumerate(ids, 1)
        sql, values = with_rows(self._mechanism, statement, [("place", "int"), ("id", "int")], places)
        with self._numbering():
            self._execute(sql, [iso(self._mechanism.clock.now()), *values])

    def _numbering(self) -> AbstractContextManager[Any]:
        """A context in which nobody else gives positions."""
        return nullcontext()

    def note(self, errors: dict[int, str]) -> None:
        """Record why rows stay unpublished."""
        rows = [(row_id, text[:_ERROR_CHARACTERS_MAX]) for row_id, text in errors.items()]
        statement = "UPDATE outbox SET error = v.error FROM {rows} WHERE outbox.id = v.id"
        self._execute(*with_rows(self._mechanism, statement, [("id", "int"), ("error", "text")], rows))


class PostgresOutbox(_Outbox):
    """On PostgreSQL: one session of its own holds the leader's locks, listens, claims and marks.

    Because the same session does all of it, a relay that lost its locks cannot mark any more: both end together.
    """

    def __init__(self, mechanism: Mechanism, partition: int = 0) -> None:
        super().__init__(mechanism, partition)
        self._session: psycopg.Connection[Any] | None = None
        self._resting = False

    @contextmanager
    def leading(self, stop: threading.Event) -> Iterator[bool]:
        """Hold the advisory locks of all slots of this partition."""
        with open_session(self._mechanism, f"relay {self._partition + 1} of {self._partitions}") as session:
            # A network that swallows what is said, and answers for us that we are there, fools the keepalives.
            session.execute(f"SET idle_session_timeout = '{SILENCE_S}s'")
            self._session, self._resting = session, False
            try:
                yield self._take_lead(stop)
            finally:
                self._session = None

    def _take_lead(self, stop: threading.Event) -> bool:
        while not self._lock_slots():
            if stop.wait(_STANDBY_S * random.uniform(0.5, 1.5)):  # noqa: S311 spreading, not secrecy
                return False
        self._execute(f"LISTEN {NOTIFY_CHANNEL}")
        return True

    def _lock_slots(self) -> bool:
        keys = "{" + ",".join(str(leader_key(slot)) for slot in self._slots) + "}"
        tried = "SELECT count(*) FROM unnest(CAST(? AS bigint[])) AS k WHERE pg_try_advisory_lock(k)"
        if self._execute(tried, (keys,)).fetchone()[0] == len(self._slots):
            return True
        self._execute("SELECT pg_advisory_unlock_all()")
        return False

    @contextmanager
    def _numbering(self) -> Iterator[None]:
        if self._partitions == 1:
            # Whoever holds every slot is alone.
            yield
            return
        # The lock comes first, so that what follows it sees every position given before; it is held to the commit, so
        # that positions become visible in their order.
        with self._open_session().transaction():
            self._execute("SELECT pg_advisory_xact_lock(?)", (POSITION_KEY,))
            yield

    def _open_session(self) -> psycopg.Connection[Any]:
        if self._session is None:
            raise RuntimeError("the outbox is read and marked only while leading")
        return self._session

    def _execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        return self._open_session().execute(sql.replace("?", "%s"), params)

    def give_sign(self) -> None:
        """Keep the session from ending for silence."""
        self._execute("SELECT 1")

    def watch(self) -> None:
        """Let commits pass without a NOTIFY, which would make them queue up."""
        if self._resting:
            self._execute("SELECT pg_advisory_unlock(?)", (resting_key(self._partition),))
            self._resting = False

    def wait(self, timeout_s: float) -> None:
        """Return at the next NOTIFY, also one that came since the last wait; at first at once, for one more look.

        From the moment at which the lock of the resting relay is held, whoever commits an event sends word. It is not
        to be had while somebody who has not committed yet counts on our being awake.
        """
        if self._resting:
            for _ in self._open_session().notifies(timeout=timeout_s, stop_after=1):
                pass
            return
        self._resting = self._execute("SELECT pg_try_advisory_lock(?)", (resting_key(self._partition),)).fetchone()[0]
        if not self._resting:
            time.sleep(_IN_FLIGHT_S)


class SqliteOutbox(_Outbox):
    """On SQLite: one process, so a lock of the process elects the leader and a condition wakes it."""

    @contextmanager
    def leading(self, stop: threading.Event) -> Iterator[bool]:
        """Hold the process's lock for this file's relay."""
        with _sqlite_guard:
            lock = _sqlite_leaders.setdefault(str(self._mechanism.database.database), threading.Lock())
        while not lock.acquire(timeout=_STANDBY_S):
            if stop.is_set():
                yield False
                return
        try:
            self._mechanism.ensure_connected()
            yield True
        finally:
            lock.release()

    def give_sign(self) -> None:
        """Nothing to do: who is in the same process cannot vanish from it."""

    def watch(self) -> None:
        """Nothing to do: telling costs nothing within one process."""

    def wait(self, timeout_s: float) -> None:
        """Return when a unit of work of this process committed."""
        self._mechanism.wakeup.wait(timeout_s)


def outbox_of(mechanism: Mechanism, partition: int = 0) -> Outbox:
    """One relay's part of the outbox of a service, in the way of its database."""
    return PostgresOutbox(mechanism, partition) if mechanism.postgresql else SqliteOutbox(mechanism, partition)


def open_session(mechanism: Mechanism, purpose: str) -> psycopg.Connection[Any]:
    """A PostgreSQL session outside the pool, each statement its own transaction, named for whoever looks at them."""
    database = mechanism.database
    return psycopg.connect(
        dbname=database.database,
        autocommit=True,
        application_name=f"gongzheng {mechanism.service} {purpose}",
        # A machine that vanished without a word must not keep the leader's lock: noticed within about 25 s.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        **_keepalives_of_the_server(dict(database.connect_params)),
    )


def _keepalives_of_the_server(params: dict[str, Any]) -> dict[str, Any]:
    options = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    return params | {"options": f"{params.get('options', '')} {options}".strip()}
