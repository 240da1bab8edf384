from datetime import timedelta
from typing import Any

import pytest

from gongzheng.clock import FixedClock
from gongzheng.messaging import lanes
from gongzheng.messaging.feed import read_lane
from gongzheng.messaging.inbox import GAP_GRACE_S, RETRY_AFTER_S
from gongzheng.messaging.parked import NoSuchLane

from .conftest import Service, deliveries, lane_of

pytestmark = pytest.mark.req("X-02")


def test_a_failed_event_is_retried_on_the_schedule_and_then_waits_for_an_operator(
    cases: Service, fees: Service, clock: FixedClock
) -> None:
    """5 s, 30 s, 2 min, 10 min, 1 h, 6 h, 24 h; never a moment early; then nothing by itself."""
    cases.note("a", 1)
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies()))

    for attempts, wait_s in enumerate(RETRY_AFTER_S, 1):
        assert attempts == fees.lanes.overview()[0].attempts
        clock.advance(timedelta(seconds=wait_s - 1))
        calls = fees.calls
        fees.lanes.retry_due()
        assert calls == fees.calls, "too early"
        clock.advance(timedelta(seconds=1))
        fees.lanes.retry_due()
        assert calls + 1 == fees.calls

    (waiting,) = fees.lanes.overview()
    assert (waiting.reason, waiting.next_attempt_at) == ("exhausted", None)
    clock.advance(timedelta(days=365))
    assert fees.lanes.retry_due() == 0


def test_a_mended_lane_is_redriven_in_order(cases: Service, fees: Service, clock: FixedClock) -> None:
    """The head's schedule decides for all that wait behind it; the effects come in sequence."""
    cases.note("a", 1, 2, 3, 4)
    fees.poison = {("a", 2)}
    fees.consumer.process(deliveries(cases.bodies()))
    fees.poison = set()

    clock.advance(timedelta(seconds=5))

    assert fees.lanes.retry_due() == 3
    assert fees.effects("a") == [1, 2, 3, 4]
    assert fees.lanes.overview() == []
    assert fees.scalar("SELECT parked FROM lane") == 0


def test_a_long_lane_is_redriven_in_rounds_and_none_is_forgotten_between_them(
    cases: Service, fees: Service, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between two rounds leaves the rest due."""
    monkeypatch.setattr(lanes, "_EVENTS_PER_ROUND_MAX", 2)
    cases.note("a", *range(1, 8))
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies()))
    fees.poison = set()
    clock.advance(timedelta(seconds=5))

    assert fees.lanes._redrive(lane_of("a"), None, None) == 2
    assert fees.lanes.retry_due() == 5

    assert fees.effects("a") == list(range(1, 8))
    assert fees.lanes.overview() == []


def test_a_lane_whose_time_is_carried_by_a_later_event_is_retried(
    cases: Service, fees: Service, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first to come early carries it, and those that came after it may stand before it."""
    monkeypatch.setattr(lanes, "_EVENTS_PER_ROUND_MAX", 2)
    cases.note("a", *range(1, 8))
    fees.feeds = {"cases": lambda stream, subject, after: read_lane(cases.mechanism, stream, subject, after)}
    fees.consumer.process(deliveries(cases.bodies(), 1, 7, 6, 5, 4, 3))

    clock.advance(timedelta(seconds=GAP_GRACE_S))
    fees.lanes.retry_due()

    assert fees.effects("a") == list(range(1, 8))


def test_a_redrive_stops_at_the_next_poison_and_gives_it_a_schedule_of_its_own(
    cases: Service, fees: Service, clock: FixedClock
) -> None:
    """What could take effect has; the attempts of one event are not counted against another."""
    cases.note("a", 1, 2, 3, 4)
    fees.poison = {("a", 1), ("a", 3)}
    fees.consumer.process(deliveries(cases.bodies()))
    fees.poison = {("a", 3)}

    clock.advance(timedelta(seconds=5))
    fees.lanes.retry_due()

    assert fees.effects("a") == [1, 2]
    (waiting,) = fees.lanes.overview()
    assert (waiting.sequence, waiting.attempts, waiting.waiting) == (3, 1, 2)


def test_new_events_pass_again_after_the_lane_was_redriven(cases: Service, fees: Service, clock: FixedClock) -> None:
    """A lane that was parked once is a lane like any other afterwards."""
    cases.note("a", 1, 2, 3)
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies(), 1, 2))
    fees.poison = set()
    clock.advance(timedelta(seconds=5))
    fees.lanes.retry_due()

    fees.consumer.process(deliveries(cases.bodies(), 3))

    assert fees.effects("a") == [1, 2, 3]


def test_missing_events_are_fetched_from_the_producers_feed_after_a_grace_time(
    cases: Service, fees: Service, clock: FixedClock
) -> None:
    """Not before: most gaps close by themselves."""
    cases.note("a", 1, 2, 3, 4)
    asked: list[tuple[str, str, int]] = []

    def feed(stream: str, subject: str, after: int) -> list[str]:
        asked.append((stream, subject, after))
        return read_lane(cases.mechanism, stream, subject, after)

    fees.feeds = {"cases": feed}
    fees.consumer.process(deliveries(cases.bodies(), 1, 4))

    fees.lanes.retry_due()
    assert asked == []
    clock.advance(timedelta(seconds=GAP_GRACE_S))
    fees.lanes.retry_due()

    assert asked == [("case", "a", 1)]
    assert fees.effects("a") == [1, 2, 3, 4]
    assert fees.lanes.overview() == []


def test_a_feed_that_fails_is_asked_again_on_the_schedule(cases: Service, fees: Service, clock: FixedClock) -> None:
    """The trouble is on record; nothing is given up."""
    cases.note("a", 1, 2, 3)

    def away(*_: Any) -> list[str]:
        raise ConnectionError("not reachable")

    fees.feeds = {"cases": away}
    fees.consumer.process(deliveries(cases.bodies(), 1, 3))
    clock.advance(timedelta(seconds=GAP_GRACE_S))
    fees.lanes.retry_due()

    (waiting,) = fees.lanes.overview()
    assert (waiting.reason, waiting.error) == ("gap", "feed: ConnectionError")
    fees.consumer.feeds["cases"] = lambda stream, subject, after: read_lane(cases.mechanism, stream, subject, after)
    clock.advance(timedelta(seconds=RETRY_AFTER_S[0]))
    fees.lanes.retry_due()
    assert fees.effects("a") == [1, 2, 3]


def test_a_consumer_that_joins_late_gets_the_history_first(cases: Service, fees: Service, clock: FixedClock) -> None:
    """Whole aggregates are followed: the first event seen is a gap when it is not number one."""
    cases.note("a", 1, 2, 3)
    fees.feeds = {"cases": lambda stream, subject, after: read_lane(cases.mechanism, stream, subject, after)}

    fees.consumer.process(deliveries(cases.bodies(), 3))
    clock.advance(timedelta(seconds=GAP_GRACE_S))
    fees.lanes.retry_due()

    assert fees.effects("a") == [1, 2, 3]


def test_nothing_that_does_not_wait_is_retried(fees: Service) -> None:
    """Nothing is decided by accident."""
    with pytest.raises(NoSuchLane):
        fees.lanes.retry(lane_of("a"))


def test_an_operator_retries_at_once_and_after_exhaustion(cases: Service, fees: Service, clock: FixedClock) -> None:
    """An exhausted lane goes on as soon as its cause is mended and somebody says so."""
    cases.note("a", 1, 2)
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies()))
    for wait_s in RETRY_AFTER_S:
        clock.advance(timedelta(seconds=wait_s))
        fees.lanes.retry_due()
    fees.poison = set()

    assert fees.lanes.retry(lane_of("a")) == 2

    assert fees.effects("a") == [1, 2]
