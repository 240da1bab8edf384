"""Reading the outbox as the service's event log: by position for feeds, by aggregate for whoever misses an event."""

from collections.abc import Iterator
from typing import NamedTuple

from gongzheng.db.mechanism import Mechanism

PAGE_MAX = 500


class Entry(NamedTuple):
    """One published event in the log: its position (commit-ordered, from 1, gapless) and its CloudEvents JSON."""

    position: int
    event_id: str
    type: str
    dataclass_: str
    body: str


def read(mechanism: Mechanism, *, after: int = 0, limit: int = PAGE_MAX) -> list[Entry]:
    """The published events after a position, in order, at most 500; the last position is the next cursor.

    A reader that goes on from the last position it saw never misses an event: positions are given one batch
    after the other, after the events' transactions committed.
    """
    rows = mechanism.execute(
        "SELECT position, event_id, type, dataclass, body FROM outbox WHERE position > ? ORDER BY position LIMIT ?",
        (after, min(limit, PAGE_MAX)),
    ).fetchall()
    return [Entry(*row) for row in rows]


def read_all(mechanism: Mechanism, *, after: int = 0) -> Iterator[Entry]:
    """Every published event after a position, page by page."""
    while page := read(mechanism, after=after):
        yield from page
        after = page[-1].position


def read_lane(mechanism: Mechanism, stream: str, subject: str, after: int = 0, limit: int = PAGE_MAX) -> list[str]:
    """The events of one aggregate after a sequence number, in order, as CloudEvents JSON, at most 500.

    Also those that the relay has not published yet: they are committed, which is all that an event needs to be true.
    """
    rows = mechanism.execute(
        "SELECT body FROM outbox WHERE stream = ? AND subject = ? AND sequence > ? ORDER BY sequence LIMIT ?",
        (stream, subject, after, min(limit, PAGE_MAX)),
    ).fetchall()
    return [row[0] for row in rows]


def last_position(mechanism: Mechanism) -> int:
    """The position of the newest published event; 0 when there is none."""
    return int(mechanism.execute("SELECT coalesce(max(position), 0) FROM outbox").fetchone()[0])
