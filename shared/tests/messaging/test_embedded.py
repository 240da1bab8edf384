import threading
from collections.abc import Callable

import peewee
import pytest

from gongzheng.messaging import feed
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.embedded import EmbeddedBus
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.topology import Topology

from .conftest import NOTED, SEEN, Service
from .test_relay import published, running, wait_for

pytestmark = pytest.mark.req("X-11")
TOPOLOGY = Topology(
    streams={"cases": ("case",), "fees": ("obligation",)},
    follows={"fees": (("cases", "case"),), "notifications": (("cases", "case"), ("fees", "obligation"))},
)


@pytest.fixture
def notifications(make_service: Callable[..., Service]) -> Service:
    """A second follower, which counts every type it knows."""
    return make_service("notifications")


def bus_of(fees: Service, notifications: Service) -> EmbeddedBus:
    """Fees follows cases; notifications follows both."""
    everything = {NOTED: notifications.on_noted, SEEN: notifications.on_noted}
    everything_consumer = Consumer(notifications.mechanism, notifications.uow, everything)
    return EmbeddedBus({"fees": fees.consumer, "notifications": everything_consumer}, TOPOLOGY)


def test_an_event_and_what_it_causes_reach_their_followers(
    cases: Service, fees: Service, notifications: Service
) -> None:
    """Through outbox, relay and inbox of each service, as with a broker."""
    fees.emits = True
    bus = bus_of(fees, notifications)
    relays = [Relay(s.mechanism, bus.transport(s.mechanism.service)) for s in (cases, fees)]
    with running(*relays):
        cases.note("a", 1, 2)
        cases.note("b", 1)
        wait_for(lambda: len(notifications.effects()) == 6)

    assert sorted(fees.effects()) == [1, 1, 2]
    assert len(feed.read(fees.mechanism)) == 3


def test_a_row_is_marked_only_after_every_follower_committed_it(
    cases: Service, fees: Service, notifications: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower whose database is away keeps the row unpublished; the others do not see it twice."""
    bus = bus_of(fees, notifications)
    away = threading.Event()
    away.set()
    process = Consumer.process

    def sometimes(self: Consumer, batch: list[object]) -> None:
        if self.mechanism.service == "notifications" and away.is_set():
            raise Outage("disk is full")
        process(self, batch)  # type: ignore[arg-type]

    monkeypatch.setattr(Consumer, "process", sometimes)
    cases.note("a", 1)
    with running(Relay(cases.mechanism, bus.transport("cases"))):
        wait_for(lambda: fees.effects() == [1])
        assert published(cases) == []
        away.clear()
        wait_for(lambda: published(cases) == [("a", 1)])

    assert fees.effects() == [1]
    assert notifications.effects() == [1]


def test_a_stream_that_nobody_follows_keeps_its_rows_with_the_reason(cases: Service, fees: Service) -> None:
    """As the broker returns what is unroutable."""
    bus = EmbeddedBus({"fees": fees.consumer}, Topology(streams={"cases": ("case",)}, follows={"fees": ()}))
    cases.note("a", 1)
    with running(Relay(cases.mechanism, bus.transport("cases"))):
        wait_for(lambda: cases.scalar("SELECT error FROM outbox") is not None)

    assert published(cases) == []


def test_a_fault_of_our_own_is_not_taken_for_an_outage(
    cases: Service, fees: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It surfaces and ends the thread, and with it the process, instead of being retried for ever."""

    def broken(*_: object) -> None:
        raise peewee.ProgrammingError("no such column")

    monkeypatch.setattr(Consumer, "process", broken)
    bus = EmbeddedBus({"fees": fees.consumer}, TOPOLOGY)
    cases.note("a", 1)

    with pytest.raises(peewee.ProgrammingError):
        Relay(cases.mechanism, bus.transport("cases")).run(threading.Event())
