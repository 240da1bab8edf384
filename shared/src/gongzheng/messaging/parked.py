"""What waits in a consumer's database, as an operator sees it."""

from dataclasses import dataclass

from gongzheng.db.mechanism import Mechanism


@dataclass(frozen=True, kw_only=True)
class ParkedLane:
    """One lane that waits, as an operator sees it. ``sequence`` and what follows describe its first waiting event."""

    lane: str
    waiting: int
    sequence: int
    event_id: str | None
    type: str | None
    reason: str
    error: str | None
    attempts: int
    parked_at: str
    next_attempt_at: str | None


@dataclass(frozen=True, kw_only=True)
class ParkedEvent:
    """One waiting event with its text."""

    sequence: int
    event_id: str | None
    type: str | None
    reason: str
    error: str | None
    attempts: int
    next_attempt_at: str | None
    body: str


class NoSuchLane(LookupError):
    """Nothing waits in a lane of this name."""


def overview(mechanism: Mechanism, limit: int = 100) -> list[ParkedLane]:
    """The lanes that wait, those that wait longest first."""
    rows = mechanism.execute(
        "SELECT p.lane, w.waiting, p.sequence, p.event_id, p.type, p.reason, p.error, p.attempts, p.parked_at,"
        " p.next_attempt_at FROM (SELECT lane, count(*) AS waiting, min(sequence) AS head FROM parked"
        " WHERE reason <> 'skipped' GROUP BY lane) AS w"
        " JOIN parked AS p ON p.lane = w.lane AND p.sequence = w.head ORDER BY p.parked_at LIMIT ?",
        (limit,),
    ).fetchall()
    names = tuple(ParkedLane.__dataclass_fields__)
    return [ParkedLane(**dict(zip(names, row, strict=True))) for row in rows]


def waiting(mechanism: Mechanism, lane: str, limit: int) -> list[ParkedEvent]:
    """The first events that wait in a lane, in order."""
    rows = mechanism.execute(
        "SELECT sequence, event_id, type, reason, error, attempts, next_attempt_at, body FROM parked"
        " WHERE lane = ? AND reason <> 'skipped' ORDER BY sequence LIMIT ?",
        (lane, limit),
    ).fetchall()
    names = tuple(ParkedEvent.__dataclass_fields__)
    return [ParkedEvent(**dict(zip(names, row, strict=True))) for row in rows]
