"""Whether business flows: nothing late in the outbox, nothing parked, and no silence where there should be none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ulid import ULID

from gongzheng.clock import LEGAL_ZONE, legal_date
from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.expectations import Expectation
from gongzheng.messaging import metrics

OPEN_HOUR, CLOSE_HOUR = 9, 17
OUTBOX_AGE_S_MAX = 300
_PAGE = 1000
_ULID_TIME_CHARACTERS = 10
_ULID_CHARACTERS = 26


def flow_report(mechanism: Mechanism, silence_s: int, expectations: Sequence[Expectation] = ()) -> dict[str, Any]:
    """Whether work flows, with the figures that say so.

    ``status`` is ok, silent (no event at all for ``silence_s`` of working time, or none of a stream that should have
    had one), parked (a lane waits for an operator or a retry) or late (an event waits in the outbox for more than five
    minutes). The pipeline's two ends: ``outbox_age_s``, committed here and not yet with the broker, and
    ``parked_age_s``, come from the broker and not yet in effect here. What lies in between is in the broker's queue.
    """
    mechanism.ensure_connected()
    backlog = metrics.measure(mechanism)
    last = _last_event(mechanism)
    now = mechanism.clock.now()
    silent = silent_streams(mechanism, expectations)
    status = "ok"
    if backlog.outbox_age_s > OUTBOX_AGE_S_MAX:
        status = "late"
    elif backlog.parked:
        status = "parked"
    elif silent or _silent_in_office_hours(now, last, timedelta(seconds=silence_s)):
        status = "silent"
    return {
        "status": status,
        "last_event_age_s": None if last is None else int((now - last).total_seconds()),
        "silent_streams": [expectation.name for expectation in silent],
        "parked_events": backlog.parked,
        "parked_age_s": int(backlog.parked_age_s),
        "exhausted_events": backlog.exhausted,
        "outbox_unpublished": backlog.unpublished,
        "outbox_age_s": int(backlog.outbox_age_s),
    }


def silent_streams(mechanism: Mechanism, expectations: Sequence[Expectation]) -> list[Expectation]:
    """Those that are not met: no such event was recorded (own streams) or took effect here (others') in time.

    For others' streams the moment of the event counts and not that of its effect: a consumer that is an hour behind
    is as good as deaf.
    """
    mechanism.ensure_connected()
    found = []
    for expectation in expectations:
        heard = _said_since if expectation.producer == mechanism.service else _heard_since
        now = mechanism.clock.now()
        if expectation.office and not _silent_in_office_hours(now, None, expectation.within):
            continue
        if not heard(mechanism, expectation, now - expectation.within):
            found.append(expectation)
    metrics.silent(mechanism.service, expectations, found)
    return found


def _said_since(mechanism: Mechanism, expectation: Expectation, moment: datetime) -> bool:
    """Newest first, so only as many rows are looked at as are younger than the moment."""
    before: int | None = None
    while True:
        rows = mechanism.execute(
            "SELECT id, stream, recorded_at FROM outbox WHERE id < ? ORDER BY id DESC LIMIT ?",
            (before if before is not None else 2**62, _PAGE),
        ).fetchall()
        for row_id, stream, recorded_at in rows:
            if recorded_at < iso(moment):
                return False
            if stream == expectation.stream:
                return True
            before = row_id
        if len(rows) < _PAGE:
            return False


def _heard_since(mechanism: Mechanism, expectation: Expectation, moment: datetime) -> bool:
    """Event ids begin with the moment at which they were made, and the inbox has an index on them."""
    first = str(ULID.from_datetime(moment))[:_ULID_TIME_CHARACTERS].ljust(_ULID_CHARACTERS, "0")
    row = mechanism.execute(
        "SELECT 1 FROM inbox WHERE event_id >= ? AND type LIKE ? AND lane LIKE ? LIMIT 1",
        (first, f"cn.gongzheng.{expectation.producer}.%", f"%|{expectation.stream}|%"),
    ).fetchone()
    return row is not None


def _silent_in_office_hours(now: datetime, last: datetime | None, longest: timedelta) -> bool:
    """Silence counts only in working hours, and only from their beginning."""
    local = now.astimezone(LEGAL_ZONE)
    if not OPEN_HOUR <= local.hour < CLOSE_HOUR or not _works(now):
        return False
    opened = local.replace(hour=OPEN_HOUR, minute=0, second=0, microsecond=0)
    return now - (max(opened, last) if last else opened) >= longest


def _works(now: datetime) -> bool:
    day = legal_date(now)
    try:
        from gongzheng.legaltime import default_calendar  # noqa: PLC0415 the tables load when first needed

        return bool(default_calendar().is_working_day(day))
    except (ImportError, LookupError):
        return day.isoweekday() < 6  # noqa: PLR2004 Monday to Friday, where no calendar says more


def _last_event(mechanism: Mechanism) -> datetime | None:
    # Ids begin with their moment and are indexed; a few, in case one came from a clock that runs ahead.
    newest = "SELECT max(received_at) FROM (SELECT received_at FROM inbox ORDER BY event_id DESC LIMIT 100) AS newest"
    sources = ("SELECT recorded_at FROM outbox ORDER BY id DESC LIMIT 1", newest)
    moments = [row[0] for sql in sources if (row := mechanism.execute(sql).fetchone()) and row[0]]
    return max((datetime.fromisoformat(text) for text in moments), default=None)
