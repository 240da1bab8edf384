"""Bringing published events to the transport once more: after a queue or a whole broker was lost with what it held."""

from collections.abc import Callable

from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.relay import BATCH, CONFIRM_TIMEOUT_S, Transport

_SELECT = (
    "SELECT position, id, event_id, type, stream, subject, body FROM outbox WHERE position > ?"
    " ORDER BY position LIMIT ?"
)


def republish(
    mechanism: Mechanism, transport: Transport, *, after: int = 0, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Send every published event after a position again, in the order of the log; returns how many were sent.

    Who has an event already recognises it, so this does no harm beyond the work. ``progress`` hears the last position
    that was confirmed: the place to go on from when this is interrupted.

    Raises:
        Outage: when the transport is away or refuses an event.
    """
    mechanism.ensure_connected()
    sent = 0
    while page := mechanism.execute(_SELECT, (after, BATCH)).fetchall():
        refused = transport.send([Row(*row[1:]) for row in page]).result(timeout=CONFIRM_TIMEOUT_S)
        if refused:
            raise Outage(f"{len(refused)} events after position {after} were refused: {next(iter(refused.values()))}")
        after = page[-1][0]
        sent += len(page)
        progress(after)
    return sent
