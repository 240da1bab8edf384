"""The log of received events: appended in commit order, read by cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging.envelope import Envelope
from notifications.adapters import tables

# Any constant will do, as long as nothing else in the database locks it.
_LOCK = 0x66656564
_ROWS_PER_STATEMENT = 100


@dataclass(frozen=True, kw_only=True)
class LoggedEvent:
    """One event as it was received; ``body`` is its canonical CloudEvents JSON."""

    position: int
    event_id: str
    type: str
    dataclass_: str
    body: str


class PeeweeEventLog:
    """Events of the open transaction are written last, under a lock that is held until it commits.

    Numbers are therefore given in the order of commits, and a reader that follows them skips none that committed late.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._pending: list[tuple[Envelope, datetime]] = []

    def append(self, event: Envelope) -> None:
        """Keep an event for the end of the transaction."""
        self._pending.append((event, self._mechanism.clock.now()))

    def forget(self) -> None:
        """The transaction failed: what was kept for its end is not written."""
        self._pending.clear()

    def flush(self) -> None:
        """Write what was appended."""
        if not self._pending:
            return
        if self._mechanism.postgresql:
            self._mechanism.execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
        rows = [
            {
                "event_id": event.id,
                "type": event.type,
                "lane": event.lane,
                "dataclass": event.dataclass_,
                "body": event.to_json(),
                "received_at": moment,
            }
            for event, moment in self._pending
        ]
        for start in range(0, len(rows), _ROWS_PER_STATEMENT):
            tables.ReceivedEvent.insert_many(rows[start : start + _ROWS_PER_STATEMENT]).on_conflict_ignore().execute()
        self._pending.clear()


def read_log(after: int, *, limit: int) -> Sequence[LoggedEvent]:
    """Events after a position, oldest first."""
    row = tables.ReceivedEvent
    query = row.select().where(row.position > after).order_by(row.position).limit(limit)
    return [
        LoggedEvent(position=r.position, event_id=r.event_id, type=r.type, dataclass_=r.dataclass, body=r.body)
        for r in query
    ]


def position_of(event_id: str) -> int | None:
    """Where an event stands in the log."""
    row = tables.ReceivedEvent
    found = row.select(row.position).where(row.event_id == event_id).tuples().first()
    return int(found[0]) if found else None


def last_position() -> int:
    """The end of the log; 0 when it is empty."""
    row = tables.ReceivedEvent
    found = row.select(row.position).order_by(row.position.desc()).limit(1).tuples().first()
    return int(found[0]) if found else 0


def body_of(event_id: str) -> str | None:
    """One event as it was received."""
    row = tables.ReceivedEvent
    found = row.select(row.body).where(row.event_id == event_id).tuples().first()
    return str(found[0]) if found else None
