"""What the event mechanism counts, for Prometheus, and one look at how far behind it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Counter, Gauge

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.expectations import Expectation
from gongzheng.messaging import inbox
from gongzheng.messaging.envelope import Envelope

_PUBLISHED = Counter("gongzheng_events_published", "Events that the relay had confirmed", ["service"])
_REFUSED = Counter("gongzheng_events_refused", "Events that the transport returned or refused", ["service"])
_RECEIVED = Counter("gongzheng_events_received", "Events that the consumer committed", ["service", "outcome"])
_LAG_S = Gauge("gongzheng_event_lag_seconds", "From an event's moment to its effect here, last batch", ["service"])
_STREAM_LAG_S = Gauge(
    "gongzheng_stream_lag_seconds",
    "From an event's moment to its effect here, last event of the stream",
    ["service", "producer", "stream"],
)
_LAST_BATCH = Gauge("gongzheng_last_batch_timestamp_seconds", "When the last batch was committed", ["service"])


def _read(name: str, what: str, *labels: str) -> Gauge:
    # From the database: what any process saw last is true for all of them.
    return Gauge(f"gongzheng_{name}", what, ["service", *labels], multiprocess_mode="mostrecent")


_UNPUBLISHED = _read("outbox_unpublished", "Events that wait for the relay")
_OUTBOX_AGE_S = _read("outbox_age_seconds", "Age of the oldest event that waits for the relay")
_LEADERS = _read("relay_leaders", "Relays that lead, in whatever process, one per partition; PostgreSQL only")
_PARKED = _read("parked_events", "Events that wait in parked lanes", "state")
_PARKED_BY_REASON = _read("parked_by_reason", "Events that wait in parked lanes", "reason")
_PARKED_AGE_S = _read("parked_age_seconds", "Age of the oldest event that waits in a parked lane")
_RETRIES_DUE = _read("retries_due", "Parked lanes whose time has come")
_SILENT = _read("stream_silent", "1 where a stream is silent for longer than is expected", "producer", "stream")
_QUEUE = _read("queue_messages", "Messages ready in the service's own queue at the broker", "queue")
_UNPUBLISHED_COUNTED_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How far behind one service's events are. ``unpublished`` stops at 10,000; ages are 0 when nothing waits."""

    unpublished: int
    outbox_age_s: float
    parked: int
    exhausted: int
    parked_age_s: float = 0.0
    retries_due: int = 0


def published(service: str, events: int) -> None:
    """The relay had so many confirmed."""
    _PUBLISHED.labels(service).inc(events)


def refused(service: str, events: int) -> None:
    """The transport refused so many."""
    _REFUSED.labels(service).inc(events)


def received(service: str, outcome: str, events: int) -> None:
    """The consumer committed so many with one outcome: handled, duplicate or parked."""
    if events:
        _RECEIVED.labels(service, outcome).inc(events)


def took(service: str, events: Sequence[Envelope], now: datetime) -> None:
    """A batch was committed: how long after their moments its events took effect."""
    _LAST_BATCH.labels(service).set(now.timestamp())
    _LAG_S.labels(service).set(max((now - events[-1].time).total_seconds(), 0.0))
    for (producer, stream), moment in {(event.service, event.stream): event.time for event in events}.items():
        _STREAM_LAG_S.labels(service, producer, stream).set(max((now - moment).total_seconds(), 0.0))


def silent(service: str, expected: Sequence[Expectation], found: Sequence[Expectation]) -> None:
    """Of the streams in which something is expected these are silent."""
    for expectation in expected:
        _SILENT.labels(service, expectation.producer, expectation.stream).set(expectation in found)


def queued(service: str, depths: Mapping[str, int]) -> None:
    """The broker has so many messages ready in each of the service's queues."""
    for queue, messages in depths.items():
        _QUEUE.labels(service, queue).set(messages)


def measure(mechanism: Mechanism) -> Backlog:
    """Look at the tables and set the gauges; cheap enough for every few seconds."""
    now, service = mechanism.clock.now(), mechanism.service
    waiting, oldest = mechanism.execute(
        "SELECT count(*), min(recorded_at) FROM (SELECT recorded_at FROM outbox WHERE published_at IS NULL"
        " ORDER BY id LIMIT ?) AS waiting",
        (_UNPUBLISHED_COUNTED_MAX,),
    ).fetchone()
    parked = mechanism.execute(
        "SELECT reason, count(*), min(parked_at) FROM parked WHERE reason <> 'skipped' GROUP BY reason"
    ).fetchall()
    (due,) = mechanism.execute("SELECT count(*) FROM parked WHERE next_attempt_at <= ?", (iso(now),)).fetchone()
    by_reason = {reason: count for reason, count, _ in parked}
    found = Backlog(
        unpublished=waiting,
        outbox_age_s=_age_s(now, oldest),
        parked=sum(by_reason.values()),
        exhausted=by_reason.get(inbox.EXHAUSTED, 0),
        parked_age_s=_age_s(now, min((since for *_, since in parked), default=None)),
        retries_due=due,
    )
    _UNPUBLISHED.labels(service).set(found.unpublished)
    _OUTBOX_AGE_S.labels(service).set(found.outbox_age_s)
    _PARKED.labels(service, "waiting").set(found.parked - found.exhausted)
    _PARKED.labels(service, "exhausted").set(found.exhausted)
    for reason in inbox.REASONS:
        _PARKED_BY_REASON.labels(service, reason).set(by_reason.get(reason, 0))
    _PARKED_AGE_S.labels(service).set(found.parked_age_s)
    _RETRIES_DUE.labels(service).set(found.retries_due)
    if mechanism.postgresql:
        _LEADERS.labels(service).set(_leaders(mechanism))
    return found


def _leaders(mechanism: Mechanism) -> int:
    """How many relays hold their locks, by the name that their sessions carry: one per partition of the outbox."""
    row = mechanism.execute(
        "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
        " AND granted AND datname = current_database() AND starts_with(application_name, ?)",
        (f"gongzheng {mechanism.service} relay",),
    ).fetchone()
    return int(row[0])


def _age_s(now: datetime, since: str | None) -> float:
    return max((now - datetime.fromisoformat(since)).total_seconds(), 0.0) if since else 0.0
