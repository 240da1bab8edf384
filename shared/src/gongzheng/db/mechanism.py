"""The tables that every service's database carries for the mechanism, and the object that binds them to a service.

Moments are ISO 8601 text in UTC with microseconds, so that both databases sort and compare them alike.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from peewee import Database

from gongzheng.clock import Clock, SystemClock
from gongzheng.contracts import Registry, registry
from gongzheng.db.connect import ensure_connected, is_postgresql
from gongzheng.messaging.envelope import Signer

_TABLES = """
CREATE TABLE stream (
    name text NOT NULL, subject text NOT NULL, sequence bigint NOT NULL,
    PRIMARY KEY (name, subject)
);
CREATE TABLE outbox (
    id {serial},
    event_id text NOT NULL, type text NOT NULL, stream text NOT NULL, subject text NOT NULL,
    sequence bigint NOT NULL, dataclass text NOT NULL, body text NOT NULL, recorded_at text NOT NULL,
    slot smallint NOT NULL DEFAULT 0, published_at text, position bigint UNIQUE, error text,
    UNIQUE (stream, subject, sequence)
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE TABLE inbox (
    event_id text PRIMARY KEY, lane text NOT NULL, sequence bigint NOT NULL, type text NOT NULL,
    received_at text NOT NULL
);
CREATE TABLE lane (
    lane text PRIMARY KEY, last_sequence bigint NOT NULL, parked integer NOT NULL DEFAULT 0
);
CREATE TABLE parked (
    id {serial},
    lane text NOT NULL, sequence bigint NOT NULL, event_id text, type text, body text NOT NULL,
    reason text NOT NULL, error text, attempts integer NOT NULL DEFAULT 0,
    parked_at text NOT NULL, next_attempt_at text,
    UNIQUE (lane, sequence)
);
CREATE INDEX parked_due ON parked (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE TABLE skip_request (
    lane text PRIMARY KEY, last_sequence bigint NOT NULL, sequence bigint NOT NULL, event_id text,
    reason text NOT NULL, requested_by text NOT NULL, requested_by_name text NOT NULL, requested_at text NOT NULL
);
CREATE TABLE audit (
    id {serial},
    at text NOT NULL, actor text NOT NULL, actor_name text NOT NULL, roles text NOT NULL,
    action text NOT NULL, resource text NOT NULL, facts text NOT NULL, request_id text,
    position bigint UNIQUE, prev_hash text, hash text
);
CREATE INDEX audit_unsealed ON audit (id) WHERE position IS NULL;
CREATE INDEX audit_resource ON audit (resource);
CREATE TABLE audit_checkpoint (
    position bigint PRIMARY KEY, hash text NOT NULL, sealed_at text NOT NULL, key_id text NOT NULL,
    signature text NOT NULL
);
CREATE TABLE idempotency (
    caller text NOT NULL, route text NOT NULL, key text NOT NULL, body_hash text NOT NULL,
    status integer, headers text, body text, created_at text NOT NULL,
    PRIMARY KEY (caller, route, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
CREATE TABLE throttle (
    bucket text NOT NULL, window_start bigint NOT NULL, hits integer NOT NULL,
    PRIMARY KEY (bucket, window_start)
);
CREATE TABLE timer (
    name text PRIMARY KEY, last_run_at text NOT NULL
)
"""

TABLE_NAMES = (
    "stream", "outbox", "inbox", "lane", "parked", "skip_request", "audit", "audit_checkpoint", "idempotency",
    "throttle", "timer",
)  # fmt: skip


def create_tables(database: Database) -> None:
    """Create the tables of the mechanism; the first migration of each service calls this."""
    serial = "bigserial PRIMARY KEY" if is_postgresql(database) else "integer PRIMARY KEY AUTOINCREMENT"
    for statement in _TABLES.format(serial=serial).split(";"):
        database.execute_sql(statement.strip())


def iso(moment: datetime) -> str:
    """A moment as the tables of the mechanism keep it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Wakeup:
    """Tells the relay of this process that something was committed (where no NOTIFY can)."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Something was committed."""
        self._event.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until something was committed, at most so long; True when it was."""
        came = self._event.wait(timeout_s)
        self._event.clear()
        return came


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """What the mechanism needs to know of one service.

    ``event_types`` maps the service's event classes to their wire types; ``source`` is the producing organisation's
    service URI, the CloudEvents source of all that is published here. ``relay_partitions`` relays share the outbox.
    """

    database: Database
    service: str
    source: str
    event_types: Mapping[type, str]
    signer: Signer | None = None
    clock: Clock = field(default_factory=SystemClock)
    contracts: Registry = field(default_factory=registry)
    wakeup: Wakeup = field(default_factory=Wakeup)
    relay_partitions: int = 1

    @property
    def postgresql(self) -> bool:
        """Whether the service runs on PostgreSQL."""
        return is_postgresql(self.database)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement written with ``?`` for its parameters; the cursor is returned."""
        return self.database.execute_sql(sql.replace("?", "%s") if self.postgresql else sql, tuple(params))

    def execute_together(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> None:
        """Run statements whose results nobody needs and none of which sees what another one of them wrote.

        On PostgreSQL they are one statement with one round trip, which is what a short statement costs most for.
        """
        if len(statements) > 1 and self.postgresql:
            *parts, (last, last_params) = statements
            named = ", ".join(f"part_{number} AS ({sql})" for number, (sql, _) in enumerate(parts))
            params = [value for _, values in parts for value in values]
            self.execute(f"WITH {named} {last}", [*params, *last_params])
            return
        for sql, values in statements:
            self.execute(sql, values)

    def ensure_connected(self) -> None:
        """Give this thread a working connection."""
        ensure_connected(self.database)
