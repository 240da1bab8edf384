"""What delivering counts for Prometheus, and one look at what waits."""

from prometheus_client import Counter, Gauge

from gongzheng.db.mechanism import Mechanism, iso
from notifications.domain.outcome import Outcome

_ATTEMPTS = Counter("gongzheng_notification_attempts", "Attempts to send or deliver", ["channel", "outcome"])
_MESSAGES = Gauge("gongzheng_notification_messages", "Messages that wait or have failed", ["state"])
_PARKED = Gauge("gongzheng_webhook_lanes_parked", "Lanes of subscriptions that wait for a person")
_OVERDUE_S = Gauge("gongzheng_notification_overdue_seconds", "Age of the message that has been due longest")
_COUNTED_MAX = 10_000
_STATES = ("waiting", "due", "sending", "failed")


def attempted(channel: str, outcome: Outcome) -> None:
    """One attempt ended: accepted, temporary, permanent or unknown."""
    _ATTEMPTS.labels(channel, outcome.kind.value).inc()


def measure(mechanism: Mechanism) -> int:
    """Look at the tables and set the gauges; counts stop at 10,000. How many messages have failed."""
    mechanism.ensure_connected()
    counts = {state: _count(mechanism, "message", state) for state in _STATES}
    for state, count in counts.items():
        _MESSAGES.labels(state).set(count)
    _PARKED.set(_count(mechanism, "subscription_lane", "parked"))
    now = mechanism.clock.now()
    oldest = mechanism.execute(
        "SELECT min(due_at) FROM message WHERE state = 'due' AND due_at <= ?", (iso(now),)
    ).fetchone()[0]
    _OVERDUE_S.set(0.0 if oldest is None else (now - type(now).fromisoformat(oldest)).total_seconds())
    return counts["failed"]


def _count(mechanism: Mechanism, table: str, state: str) -> int:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE state = ? LIMIT ?) AS found"  # noqa: S608 our own names
    return int(mechanism.execute(sql, (state, _COUNTED_MAX)).fetchone()[0])
