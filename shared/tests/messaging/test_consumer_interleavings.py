"""Whatever a transport does to the order and number of deliveries, each event takes effect once and in order."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzheng.clock import FixedClock
from gongzheng.messaging.inbox import RETRY_AFTER_S

from .conftest import NOW, Service, close, deliveries, lane_of, open_service

LANES, LENGTH = ("a", "b", "c"), 4
EVENTS = [(lane, n) for lane in LANES for n in range(1, LENGTH + 1)]


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[list[list[int]], set[tuple[str, int]]]:
    """Batches with every event at least once, in any order, some twice; and the events that fail at first."""
    twice = draw(st.lists(st.integers(1, len(EVENTS)), max_size=6))
    order = draw(st.permutations([*range(1, len(EVENTS) + 1), *twice]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=5)))
    batches = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    return batches, draw(st.sets(st.sampled_from(EVENTS), max_size=3))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest) -> Iterator[tuple[FixedClock, Service, Service]]:
    """The two services, once for all examples: opening databases would take longer than the examples."""
    clock = FixedClock(NOW)
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("cases", "fees")]
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server")
            urls = [server.url(server.create_database()) for _ in urls]
        producer_database, producer = open_service(urls[0], "cases", clock)
        consumer_database, consumer = open_service(urls[1], "fees", clock)
        for lane in LANES:
            producer.note(lane, *range(1, LENGTH + 1))
        yield clock, producer, consumer
        close(producer_database)
        close(consumer_database)


@pytest.mark.req("X-01", "X-02")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(interleavings())
def test_any_interleaving_takes_effect_exactly_once_and_in_order(
    services: tuple[FixedClock, Service, Service], drawn: tuple[list[list[int]], set[tuple[str, int]]]
) -> None:
    """Duplicates, reorderings, batches cut anywhere, handlers that fail at first: the effects are the same."""
    clock, producer, consumer = services
    batches, poison = drawn
    for table in ("effect", "inbox", "lane", "parked"):
        consumer.mechanism.execute(f"DELETE FROM {table}")  # noqa: S608 the four names above
    consumer.poison = set(poison)
    bodies = producer.bodies()

    for batch in batches:
        consumer.consumer.process(deliveries(bodies, *batch))
        in_order(consumer)
    consumer.poison = set()
    for wait_s in RETRY_AFTER_S[:3]:
        clock.advance(timedelta(seconds=wait_s))
        consumer.lanes.retry_due()
        in_order(consumer)

    for lane in LANES:
        assert list(range(1, LENGTH + 1)) == consumer.effects(lane)
    assert consumer.lanes.overview() == []


def in_order(consumer: Service) -> None:
    """At every moment each lane is a gapless beginning of its history, without repetition."""
    seen: dict[str, list[int]] = defaultdict(list)
    for lane in LANES:
        seen[lane] = consumer.effects(lane)
        assert list(range(1, len(seen[lane]) + 1)) == seen[lane], lane_of(lane)
