"""The tables behind the consumer: lanes and their last sequence, the events that took effect, and those that wait."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.messaging.envelope import SEQUENCE_MAX, Envelope
from gongzheng.messaging.failures import Outage, is_lock_timeout
from gongzheng.messaging.rows import with_rows

RETRY_AFTER_S = (5, 30, 120, 600, 3_600, 21_600, 86_400)
"""Waits after the first, second, … failure of an event; after the last one it waits for an operator."""
GAP_GRACE_S = 5
"""How long a missing event may still come by itself before it is fetched from its producer's feed."""

FAILED, GAP, BEHIND, EXHAUSTED, SKIPPED = "failed", "gap", "behind", "exhausted", "skipped"
CONTRACT, UNDECODABLE, SIGNATURE, ORIGIN, CONFLICT = "contract", "undecodable", "signature", "origin", "conflict"
REASONS = (FAILED, GAP, BEHIND, EXHAUSTED, CONTRACT, UNDECODABLE, SIGNATURE, ORIGIN, CONFLICT)
"""Why an event waits."""
QUARANTINE = "quarantine|"
_BASE64 = "base64:"
_PARKED = (
    "lane",
    "sequence",
    "event_id",
    "type",
    "body",
    "reason",
    "error",
    "attempts",
    "parked_at",
    "next_attempt_at",
)


class LaneMoved(RuntimeError):
    """Two consumers worked on one lane at the same time; whoever notices starts again from what is there now."""


@dataclass(slots=True)
class Lane:
    """One lane as this transaction sees it: the last sequence that took effect, and whether later ones wait.

    ``before`` is what ``last`` was when it was read; ``known`` whether the lane was there at all.
    """

    name: str
    last: int = 0
    parked: int = 0
    before: int = 0
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """An event that waits. ``event_id`` and ``type`` are None where the bytes could not be read."""

    lane: str
    sequence: int
    body: str
    reason: str
    event_id: str | None = None
    type: str | None = None
    error: str | None = None
    attempts: int = 0
    next_attempt_at: str | None = None


def next_attempt(now: datetime, attempts: int) -> str | None:
    """When an event that failed so many times is tried again; None when only an operator may."""
    if attempts > len(RETRY_AFTER_S):
        return None
    return iso(now + timedelta(seconds=RETRY_AFTER_S[attempts - 1]))


def quarantine_lane(body: str) -> str:
    """Bytes that belong to no lane we may believe get one of their own; the same bytes get the same one."""
    return QUARANTINE + hashlib.sha256(body.encode()).hexdigest()[:32]


def storable(body: bytes | str) -> str:
    """Any bytes as text that both databases take, without loss."""
    raw = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = "\x00"
    return text if "\x00" not in text else _BASE64 + base64.b64encode(raw).decode()


def _columns(*names: str) -> list[tuple[str, str]]:
    return [(name, "int" if name in ("sequence", "attempts") else "text") for name in names]


class Inbox:
    """Reads and writes inside whatever transaction is open; commits nothing."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._lock = " ORDER BY lane.lane FOR UPDATE OF lane" if mechanism.postgresql else ""

    def _now(self) -> str:
        return iso(self._mechanism.clock.now())

    def _rows(self, statement: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> Any:
        return self._mechanism.execute(*with_rows(self._mechanism, statement, columns, rows))

    def read(self, names: Iterable[str], *, lock: bool) -> dict[str, Lane]:
        """The lanes of these names; with ``lock`` held until the transaction ends.

        They are locked in sorted order, so that two consumers cannot wait for each other in a ring.
        """
        lanes = {name: Lane(name) for name in names}
        statement = "SELECT lane.lane, last_sequence, parked FROM lane JOIN {rows} ON lane.lane = v.lane"
        if lock:
            statement += self._lock
        for name, last, parked in self._rows(statement, [("lane", "text")], [(n,) for n in sorted(lanes)]).fetchall():
            lanes[name] = Lane(name, last, parked, last, known=True)
        return lanes

    def lock(self, names: Iterable[str]) -> dict[str, Lane]:
        """The lanes of these names, held until the transaction ends; those that are new are made first.

        Raises:
            Outage: when somebody else holds one of them for too long.
        """
        try:
            return self._lock_now(names)
        except peewee.OperationalError as error:
            if is_lock_timeout(error):
                raise Outage("a lane is busy for long") from error
            raise

    def _lock_now(self, names: Iterable[str]) -> dict[str, Lane]:
        wanted = sorted(set(names))
        statement = (
            "INSERT INTO lane (lane, last_sequence) SELECT v.lane, 0 FROM {rows} WHERE true"
            " ON CONFLICT (lane) DO NOTHING"
        )
        self._rows(statement, [("lane", "text")], [(name,) for name in wanted])
        return self.read(wanted, lock=True)

    def record(self, events: Sequence[Envelope]) -> set[str]:
        """Put events on record as having taken effect; the ids of those that were not on record before."""
        statement = (
            "INSERT INTO inbox (event_id, lane, sequence, type, received_at)"
            " SELECT v.event_id, v.lane, v.sequence, v.type, ? FROM {rows} WHERE true"
            " ON CONFLICT (event_id) DO NOTHING RETURNING event_id"
        )
        rows = [(e.id, e.lane, e.sequence, e.type) for e in events]
        sql, values = with_rows(self._mechanism, statement, _columns("event_id", "lane", "sequence", "type"), rows)
        return {row[0] for row in self._mechanism.execute(sql, [self._now(), *values]).fetchall()}

    def save(self, lanes: Sequence[Lane]) -> None:
        """Write how far lanes have come since they were read.

        Raises:
            LaneMoved: when somebody else moved one of them meanwhile; what was done on that ground must be undone.
        """
        columns = [("lane", "text"), ("last", "int"), ("before", "int")]
        known = [(lane.name, lane.last, lane.before) for lane in lanes if lane.known]
        new = [(lane.name, lane.last) for lane in lanes if not lane.known]
        moved = 0
        if known:
            statement = (
                "UPDATE lane SET last_sequence = v.last FROM {rows}"
                " WHERE lane.lane = v.lane AND lane.last_sequence = v.before"
            )
            moved += self._rows(statement, columns, known).rowcount
        if new:
            statement = (
                "INSERT INTO lane (lane, last_sequence) SELECT v.lane, v.last FROM {rows} WHERE true"
                " ON CONFLICT (lane) DO NOTHING"
            )
            moved += self._rows(statement, columns[:2], new).rowcount
        if moved != len(lanes):
            raise LaneMoved

    def park(self, waiting: Sequence[Parked]) -> None:
        """Keep events for later; one that waits already is kept once."""
        now = self._now()
        picked = ", ".join(f"v.{name}" for name in _PARKED)
        statement = (
            f"INSERT INTO parked ({', '.join(_PARKED)}) SELECT {picked} FROM {{rows}} WHERE true"  # noqa: S608 constants
            " ON CONFLICT (lane, sequence) DO NOTHING"
        )
        rows = [
            (p.lane, p.sequence, p.event_id, p.type, p.body, p.reason, p.error, p.attempts, now, p.next_attempt_at)
            for p in waiting
        ]
        self._rows(statement, _columns(*_PARKED), rows)
        self.count({p.lane for p in waiting if not p.lane.startswith(QUARANTINE)})

    def count(self, lanes: Iterable[str]) -> None:
        """Set how many events wait in each of these lanes."""
        statement = (
            "INSERT INTO lane (lane, last_sequence, parked) SELECT v.lane, 0, (SELECT count(*) FROM parked"
            " WHERE parked.lane = v.lane AND parked.reason <> 'skipped') FROM {rows} WHERE true"
            " ON CONFLICT (lane) DO UPDATE SET parked = excluded.parked"
        )
        self._rows(statement, [("lane", "text")], [(name,) for name in sorted(lanes)])

    def hasten(self, lanes: Sequence[Lane], *, across_gaps: bool = False) -> bool:
        """Make due now what waits first in each of these lanes; whether anything did.

        Where something is missing before it, only with ``across_gaps``.
        """
        statement = (
            "UPDATE parked SET next_attempt_at = ? FROM {rows}"
            " WHERE parked.lane = v.lane AND parked.sequence <= v.last + 1"
            " AND parked.reason <> 'skipped' AND parked.sequence = (SELECT min(head.sequence) FROM parked AS head"
            " WHERE head.lane = v.lane AND head.reason <> 'skipped') RETURNING parked.id"
        )
        rows = [(lane.name, SEQUENCE_MAX if across_gaps else lane.last) for lane in lanes]
        sql, values = with_rows(self._mechanism, statement, [("lane", "text"), ("last", "int")], rows)
        return bool(self._mechanism.execute(sql, [self._now(), *values]).fetchall())

    def strangers(self, events: Sequence[Envelope]) -> set[str]:
        """The ids among these that neither took effect nor wait nor were skipped, although their numbers are taken."""
        statement = (
            "SELECT v.event_id FROM {rows} WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.event_id = v.event_id)"
            " AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.lane = v.lane AND parked.sequence = v.sequence"
            " AND parked.event_id = v.event_id)"
        )
        rows = [(event.id, event.lane, event.sequence) for event in events]
        return {row[0] for row in self._rows(statement, _columns("event_id", "lane", "sequence"), rows).fetchall()}

    def is_parked(self, lane: str, sequence: int) -> bool:
        """Whether this very event waits already."""
        sql = "SELECT 1 FROM parked WHERE lane = ? AND sequence = ?"
        return self._mechanism.execute(sql, (lane, sequence)).fetchone() is not None
