"""What the event mechanism counts, for Prometheus, and one look at how far behind it is."""

from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Counter, Gauge

from gongzheng.db.mechanism import Mechanism

_PUBLISHED = Counter("gongzheng_events_published", "Events that the relay had confirmed", ["service"])
_REFUSED = Counter("gongzheng_events_refused", "Events that the transport returned or refused", ["service"])
_RECEIVED = Counter("gongzheng_events_received", "Events that the consumer committed", ["service", "outcome"])
_UNPUBLISHED = Gauge("gongzheng_outbox_unpublished", "Events that wait for the relay", ["service"])
_OUTBOX_AGE_S = Gauge("gongzheng_outbox_age_seconds", "Age of the oldest event that waits for the relay", ["service"])
_PARKED = Gauge("gongzheng_parked_events", "Events that wait in parked lanes", ["service", "state"])
_LAG_S = Gauge("gongzheng_event_lag_seconds", "From an event's moment to its effect here, last batch", ["service"])
_UNPUBLISHED_COUNTED_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """How far behind one service's events are. Counts stop at 10,000; ``outbox_age_s`` is 0 when nothing waits."""

    unpublished: int
    outbox_age_s: float
    parked: int
    exhausted: int


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


def lag(service: str, seconds: float) -> None:
    """The last event of a batch took effect so long after its moment."""
    _LAG_S.labels(service).set(max(seconds, 0.0))


def measure(mechanism: Mechanism) -> Backlog:
    """Look at the tables and set the gauges; cheap enough for every few seconds."""
    waiting, oldest = mechanism.execute(
        "SELECT count(*), min(recorded_at) FROM (SELECT recorded_at FROM outbox WHERE published_at IS NULL"
        " ORDER BY id LIMIT ?) AS waiting",
        (_UNPUBLISHED_COUNTED_MAX,),
    ).fetchone()
    parked, exhausted = mechanism.execute(
        "SELECT count(*), coalesce(sum(CASE WHEN reason = 'exhausted' THEN 1 ELSE 0 END), 0) FROM parked"
    ).fetchone()
    age_s = (mechanism.clock.now() - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0
    found = Backlog(unpublished=waiting, outbox_age_s=max(age_s, 0.0), parked=parked, exhausted=int(exhausted))
    _UNPUBLISHED.labels(mechanism.service).set(found.unpublished)
    _OUTBOX_AGE_S.labels(mechanism.service).set(found.outbox_age_s)
    _PARKED.labels(mechanism.service, "waiting").set(found.parked - found.exhausted)
    _PARKED.labels(mechanism.service, "exhausted").set(found.exhausted)
    return found
