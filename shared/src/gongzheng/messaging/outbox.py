"""The outbox as the relay sees it: who leads, what is unpublished, what was confirmed."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, Protocol

import psycopg

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.db.unit_of_work import NOTIFY_CHANNEL
from gongzheng.messaging.rows import with_rows

_LEADER_LOCK = 0x676F6E67_72656C79  # "gongrely": one relay per database
_STANDBY_S = 0.5
_ERROR_CHARACTERS_MAX = 500
_CLAIM = "SELECT id, event_id, type, stream, subject, body FROM outbox WHERE published_at IS NULL AND id > ?"
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
        """A context in which this process is the only relay of the database; waits until it is, or stop is set."""
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

    def wait(self, timeout_s: float) -> None:
        """Return when something was committed, or after the time."""
        ...


class _Outbox:
    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._position = 0

    def _execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        return self._mechanism.execute(sql, params)

    def _read_position(self) -> None:
        self._position = int(self._execute("SELECT coalesce(max(position), 0) FROM outbox").fetchone()[0])

    def claim(self, limit: int, *, after: int, under_way: Sequence[int], held: Sequence[tuple[str, str]]) -> list[Row]:
        """The next unpublished rows in id order, beyond ``after``, without those under way or of held lanes."""
        sql: str = _CLAIM
        params: list[Any] = [after]
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
            "UPDATE outbox SET published_at = ?, position = v.position, error = NULL FROM {rows} WHERE outbox.id = v.id"
        )
        places = enumerate(ids, self._position + 1)
        sql, values = with_rows(self._mechanism, statement, [("position", "int"), ("id", "int")], places)
        self._execute(sql, [iso(self._mechanism.clock.now()), *values])
        self._position += len(ids)

    def note(self, errors: dict[int, str]) -> None:
        """Record why rows stay unpublished."""
        rows = [(row_id, text[:_ERROR_CHARACTERS_MAX]) for row_id, text in errors.items()]
        statement = "UPDATE outbox SET error = v.error FROM {rows} WHERE outbox.id = v.id"
        self._execute(*with_rows(self._mechanism, statement, [("id", "int"), ("error", "text")], rows))


class PostgresOutbox(_Outbox):
    """On PostgreSQL: one session of its own holds the leader's lock, listens, claims and marks.

    Because the same session does all of it, a relay that lost its lock cannot mark any more: both end together.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        super().__init__(mechanism)
        self._session: psycopg.Connection[Any] | None = None

    @contextmanager
    def leading(self, stop: threading.Event) -> Iterator[bool]:
        """Hold the advisory lock of the database's relay."""
        with open_session(self._mechanism, "relay") as session:
            self._session = session
            try:
                yield self._take_lead(stop)
            finally:
                self._session = None

    def _take_lead(self, stop: threading.Event) -> bool:
        while not self._execute("SELECT pg_try_advisory_lock(?)", (_LEADER_LOCK,)).fetchone()[0]:
            if stop.wait(_STANDBY_S):
                return False
        self._execute(f"LISTEN {NOTIFY_CHANNEL}")
        self._read_position()
        return True

    def _execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        if self._session is None:
            raise RuntimeError("the outbox is read and marked only while leading")
        return self._session.execute(sql.replace("?", "%s"), params)

    def wait(self, timeout_s: float) -> None:
        """Return at the next NOTIFY, also one that came since the last wait."""
        if self._session is not None:
            for _ in self._session.notifies(timeout=timeout_s, stop_after=1):
                pass


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
            self._read_position()
            yield True
        finally:
            lock.release()

    def wait(self, timeout_s: float) -> None:
        """Return when a unit of work of this process committed."""
        self._mechanism.wakeup.wait(timeout_s)


def outbox_of(mechanism: Mechanism) -> Outbox:
    """The outbox of a service, in the way of its database."""
    return PostgresOutbox(mechanism) if mechanism.postgresql else SqliteOutbox(mechanism)


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
