"""The unit of work: state, outbox and audit rows in one transaction, and nothing else commits."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from types import TracebackType
from typing import Any, Self

from gongzheng.clock import legal_date
from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.rows import with_rows
from gongzheng.messaging.slots import partition_of, resting_key, slot_of
from gongzheng.observability.tracing import current_traceparent

NOTIFY_CHANNEL = "outbox"
Statement = tuple[str, Sequence[Any]]
_STREAM = (("name", "text"), ("subject", "text"), ("sequence", "int"))
_OUTBOX = (
    ("event_id", "text"), ("type", "text"), ("stream", "text"), ("subject", "text"), ("sequence", "int"),
    ("dataclass", "text"), ("body", "text"), ("recorded_at", "text"), ("slot", "int"),
)  # fmt: skip
_AUDIT = (
    ("at", "text"), ("actor", "text"), ("actor_name", "text"), ("roles", "text"), ("action", "text"),
    ("resource", "text"), ("facts", "text"), ("request_id", "text"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: the token's subject, or the service itself."""

    subject: str
    name: str
    roles: frozenset[str] = frozenset()
    organisation_id: str | None = None
    agent: bool = False


SYSTEM = Actor(subject="system", name="system", agent=True)


_PLAIN = frozenset({str, int, bool, type(None)})


def payload(value: object) -> Any:  # noqa: PLR0911 one line per kind of value reads best
    """An event, or a part of one, as JSON values: dates to ISO text, enums to their values, tuples to lists."""
    if type(value) in _PLAIN:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: payload(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(k): payload(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [payload(v) for v in value]
    return value


class UnitOfWork:
    """One transaction of one actor.

    Re-entrant: only leaving the outermost ``with`` block commits, and only when no exception passes; then the events
    and audit rows of the whole block are written with it. Services add their repositories in a subclass.
    """

    def __init__(self, mechanism: Mechanism, *, actor: Actor = SYSTEM, cause: Envelope | None = None) -> None:
        self.mechanism, self.actor, self.cause = mechanism, actor, cause
        self.request_id: str | None = None
        self.now = mechanism.clock.now()
        self._depth = 0
        self._transaction: Any = None
        self._events: list[tuple[str, str, str, str, Any, Envelope | None]] = []
        self._audit: list[tuple[str, str, str]] = []
        self._begun: set[tuple[str, str]] = set()
        self._last: list[Statement] = []
        self._wrote_events = False

    @property
    def today(self) -> date:
        """The legal date of this unit of work."""
        return legal_date(self.now)

    def __enter__(self) -> Self:
        if self._depth == 0:
            self.mechanism.ensure_connected()
            # SQLite would otherwise take the write lock late and fail instead of waiting for it.
            kind = () if self.mechanism.postgresql else ("IMMEDIATE",)
            self._transaction = self.mechanism.database.atomic(*kind)
            self._transaction.__enter__()
            self.now = self.mechanism.clock.now()
        self._depth += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        transaction, self._transaction = self._transaction, None
        if kind is not None:
            self._forget()
            transaction.__exit__(kind, error, traceback)
            return
        try:
            self.flush()
        except BaseException as failed:
            self._forget()
            transaction.__exit__(type(failed), failed, failed.__traceback__)
            raise
        transaction.__exit__(None, None, None)
        if self._wrote_events:
            self._wrote_events = False
            self.mechanism.wakeup.set()

    def emit(self, subject: str, event: object, *, first: bool = False) -> None:
        """Say that something happened to the aggregate ``subject``; it is published if and only if this commits.

        ``first``: the aggregate begins in this unit of work, so its events can be numbered without asking. Said of one
        that has events already, nothing commits.

        Raises:
            ContractViolation: when the event's fields do not fit its contract.
            KeyError: when the event class has no registered type.
        """
        type_ = self.mechanism.event_types[type(event)]
        contract, data = self.mechanism.contracts[type_], payload(event)
        self.mechanism.contracts.check(type_, data)
        # The cause of this moment: a consumer that shares one unit of work among a batch changes it per event.
        self._events.append((contract.stream, subject, type_, contract.dataclass_, data, self.cause))
        if first:
            self._begun.add((contract.stream, subject))

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put on record what the actor did or saw: ids only, never personal data."""
        self._audit.append((action, resource, json.dumps(facts, ensure_ascii=False, sort_keys=True)))

    def write_last(self, sql: str, params: Sequence[Any]) -> None:
        """Let a statement go with the events and audit rows at the end; nobody may look for its effect before that."""
        self._last.append((sql, params))

    def flush(self) -> None:
        """Write what was emitted, audited and left for the end so far into the open transaction, all at once."""
        statements = [*self._last]
        if self._audit:
            statements.append(self._audit_rows())
        if self._events:
            statements += self._event_rows()
            if self.mechanism.postgresql:
                statements.append(self._word_to_the_relay())
            self._wrote_events = True
        self.mechanism.execute_together(statements)
        self._forget_written()

    def _forget_written(self) -> None:
        self._events.clear()
        self._audit.clear()
        self._begun.clear()
        self._last.clear()

    def _forget(self) -> None:
        self._forget_written()
        self._wrote_events = False

    def _word_to_the_relay(self) -> Statement:
        """Wake the relay if it rests. One that is awake comes by anyway, and NOTIFY lets commits queue up.

        A relay rests under an exclusive lock, which it does not get while anybody holds the lock that is taken here
        until the commit: either it hears of this commit, or it looks once more after it.
        """
        partitions = self.mechanism.relay_partitions
        touched = {partition_of(slot_of(stream, subject), partitions) for stream, subject, *_ in self._events}
        rests = " OR ".join(["NOT pg_try_advisory_xact_lock_shared(?)"] * len(touched))
        keys = [resting_key(partition) for partition in sorted(touched)]
        return f"SELECT pg_notify('{NOTIFY_CHANNEL}', '') WHERE {rests}", keys

    def _event_rows(self) -> list[Statement]:
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for stream, subject, *_ in self._events:
            counts[stream, subject] += 1
        following = self._reserve({lane: counts[lane] for lane in sorted(counts.keys() - self._begun)})
        following |= dict.fromkeys(self._begun, 1)
        rows: list[Sequence[Any]] = []
        signer, recorded_at = self.mechanism.signer, iso(self.now)
        for stream, subject, type_, dataclass_, data, cause in self._events:
            sequence = following[stream, subject]
            following[stream, subject] += 1
            envelope = self._envelope(stream, subject, type_, dataclass_, data, sequence, cause)
            body = envelope.to_signed_json(signer) if signer else envelope.to_json()
            slot = slot_of(stream, subject)
            rows.append((envelope.id, type_, stream, subject, sequence, dataclass_, body, recorded_at, slot))
        begun = [(*lane, counts[lane]) for lane in sorted(self._begun)]
        return [*([self._put("stream", _STREAM, begun)] if begun else []), self._put("outbox", _OUTBOX, rows)]

    def _reserve(self, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """The first of so many sequence numbers of each lane; the rows stay locked to the end, so none is skipped.

        They are asked for in sorted order, so that two units of work that touch the same streams cannot wait for each
        other in a ring.
        """
        if not counts:
            return {}
        wanted = [(*lane, count) for lane, count in counts.items()]
        insert, params = self._put("stream", _STREAM, wanted)
        rows = self.mechanism.execute(
            f"{insert} ON CONFLICT (name, subject) DO UPDATE SET sequence = stream.sequence + excluded.sequence"
            " RETURNING name, subject, sequence",
            params,
        ).fetchall()
        return {(name, subject): int(last) - counts[name, subject] + 1 for name, subject, last in rows}

    def _put(self, table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> Statement:
        """The statement that enters rows: the same text however many they are, so that it is prepared once."""
        names = ", ".join(name for name, _ in columns)
        if len(rows) == 1:
            marks = ", ".join(["?"] * len(columns))
            return f"INSERT INTO {table} ({names}) VALUES ({marks})", rows[0]  # noqa: S608 names and marks
        # SQLite reads ON CONFLICT behind FROM as part of a join unless a WHERE stands between.
        select = f"INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}} WHERE true"  # noqa: S608 as above
        return with_rows(self.mechanism, select, columns, rows)

    def _envelope(
        self, stream: str, subject: str, type_: str, dataclass_: str, data: Any, sequence: int, cause: Envelope | None
    ) -> Envelope:
        event_id = new_id()
        return Envelope(
            id=event_id,
            type=type_,
            source=self.mechanism.source,
            subject=subject,
            stream=stream,
            sequence=sequence,
            time=self.now,
            data=data,
            causation_id=cause.id if cause else None,
            correlation_id=(cause.correlation_id or cause.id) if cause else event_id,
            traceparent=(cause.traceparent if cause else None) or current_traceparent(),
            dataclass_=dataclass_,
        )

    def _audit_rows(self) -> Statement:
        who = (self.actor.subject, self.actor.name, " ".join(sorted(self.actor.roles)))
        moment = iso(self.now)
        rows = [(moment, *who, action, resource, facts, self.request_id) for action, resource, facts in self._audit]
        return self._put("audit", _AUDIT, rows)
