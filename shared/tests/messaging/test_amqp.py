"""The relay and the consumer on a real broker and a real database, with faults staged between them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pika
import pytest

from gongzheng.messaging.amqp import AmqpPublisher
from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.consumer import Delivery
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.republish import republish
from gongzheng.messaging.topology import TOPOLOGY, Topology
from gongzheng.messaging.worker import Part, Worker, retry_part
from tests.support.proxy import CuttableProxy
from tests.support.servers import RabbitServer

from .conftest import Service
from .test_relay import published, wait_for

pytestmark = [
    pytest.mark.real,
    pytest.mark.req("X-01", "X-02"),
    pytest.mark.parametrize("make_url", ["postgresql"], indirect=True),
]


def relay_part(service: Service, publisher: AmqpPublisher) -> Part:
    """The relay in a thread."""
    return Part("relay", Relay(service.mechanism, publisher).run)


@contextmanager
def at_work(*parts: Part) -> Iterator[Worker]:
    """The parts in threads of their own; none may die, and all stop in time."""
    worker = Worker(parts)
    worker.start()
    try:
        yield worker
    finally:
        assert worker.stop(), "a part died or did not stop"


@contextmanager
def suite(cases: Service, fees: Service, url: str, topology: Topology = TOPOLOGY) -> Iterator[Worker]:
    """Cases publishes, fees consumes and retries."""
    with ExitStack() as stack:
        publisher = stack.enter_context(AmqpPublisher(url, "cases", topology=topology))
        consumer = Part("consumer", AmqpConsumer(url, fees.consumer, topology=topology).run)
        yield stack.enter_context(at_work(relay_part(cases, publisher), consumer, retry_part(fees.consumer)))


def assert_once_and_in_order(fees: Service, subjects: int, length: int) -> None:
    """Every event of every subject took effect, once and in sequence."""
    rows = fees.mechanism.execute("SELECT lane, sequence FROM effect ORDER BY id").fetchall()
    seen: dict[str, list[int]] = {}
    for lane, sequence in rows:
        seen.setdefault(lane, []).append(sequence)
    assert len(seen) == subjects
    assert all(sequences == list(range(1, length + 1)) for sequences in seen.values())


def test_five_thousand_events_survive_a_cut_connection_midway(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Fifty aggregates of a hundred events; every connection to the broker is cut three times on the way."""
    cases, fees = clocked("cases"), clocked("fees")
    with CuttableProxy(rabbit_server.port) as proxy:
        url = rabbit_server.url(rabbit_vhost).replace(f":{rabbit_server.port}/", f":{proxy.port}/")
        with suite(cases, fees, url):
            for block in range(10):
                for subject in range(50):
                    cases.note(f"case-{subject}", *range(block * 10, block * 10 + 10))
                if block in (2, 5, 8):
                    assert proxy.cut() >= 1
            wait_for(lambda: fees.scalar("SELECT count(*) FROM effect") >= 5000, 60)
            wait_for(lambda: cases.scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0, 30)

    assert_once_and_in_order(fees, 50, 100)
    assert fees.lanes.overview() == []
    assert cases.scalar("SELECT max(position) FROM outbox") == 5000


def test_the_broker_may_stop_and_come_back(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """What is committed meanwhile waits in the outbox; what was confirmed before is still in the queue."""
    cases, fees = clocked("cases"), clocked("fees")
    with suite(cases, fees, rabbit_server.url(rabbit_vhost)) as worker:
        cases.note("a", 1, 2)
        wait_for(lambda: fees.effects("a") == [1, 2], 30)
        rabbit_server.stop()
        cases.note("a", 3, 4)
        time.sleep(0.5)
        assert worker.healthy, "an outage is waited out"
        rabbit_server.start()
        wait_for(lambda: fees.effects("a") == [1, 2, 3, 4], 60)


def test_the_broker_may_be_killed_with_messages_in_the_queue(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Confirmed means written: a crash of the broker loses nothing, with nobody there to publish again."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    cases.note("a", *range(1, 301))
    with AmqpPublisher(url, "cases") as publisher, at_work(relay_part(cases, publisher)):
        wait_for(lambda: len(published(cases)) == 300, 30)
    rabbit_server.kill()
    rabbit_server.start()

    with at_work(Part("consumer", AmqpConsumer(url, fees.consumer).run)):
        wait_for(lambda: len(fees.effects("a")) == 300, 30)

    assert_once_and_in_order(fees, 1, 300)


def test_a_broker_short_of_memory_is_waited_for(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """It asks publishers to wait; that is no fault, has no time limit, and nothing is lost by it."""
    cases = clocked("cases")
    with AmqpPublisher(rabbit_server.url(rabbit_vhost), "cases") as publisher, at_work(relay_part(cases, publisher)):
        cases.note("a", 1)
        wait_for(lambda: len(published(cases)) == 1, 30)
        rabbit_server.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
        try:
            cases.note("a", 2)
            wait_for(publisher.is_blocked, 30)
            assert published(cases) == [("a", 1)]
        finally:
            rabbit_server.ctl("set_vm_memory_high_watermark", "0.6")
        wait_for(lambda: len(published(cases)) == 2, 30)
        assert not publisher.is_blocked()


def test_the_database_may_drop_every_session(
    clocked: Callable[..., Service],
    rabbit_server: RabbitServer,
    rabbit_vhost: str,
    request: pytest.FixtureRequest,
) -> None:
    """Relay, consumer and retries connect again and go on; nothing is lost and nothing counts twice."""
    cases, fees = clocked("cases"), clocked("fees")
    server = request.getfixturevalue("postgres_server")
    with suite(cases, fees, rabbit_server.url(rabbit_vhost)):
        for n in range(1, 6):
            cases.note("a", n)
            wait_for(lambda expected=n: len(fees.effects("a")) == expected, 30)  # type: ignore[misc]
            for service in (cases, fees):
                service.mechanism.database.close()
                server.terminate_connections(service.mechanism.database.database)
                service.mechanism.database.connect()

    assert_once_and_in_order(fees, 1, 5)


def test_an_unroutable_event_stays_unpublished_with_the_reason(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """And is published as soon as somebody follows its stream."""
    cases = clocked("cases")
    url = rabbit_server.url(rabbit_vhost)
    nobody = Topology(streams={"cases": ("case",)}, follows={})
    with AmqpPublisher(url, "cases", topology=nobody) as publisher, at_work(relay_part(cases, publisher)):
        cases.note("a", 1, 2)
        wait_for(lambda: cases.scalar("SELECT max(error) FROM outbox") == "returned: NO_ROUTE")
        assert published(cases) == []
        connection = pika.BlockingConnection(pika.URLParameters(url))
        TOPOLOGY.declare(connection.channel())
        connection.close()
        wait_for(lambda: published(cases) == [("a", 1), ("a", 2)], 20)


def test_a_queue_that_is_deleted_is_declared_again(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """The consumer hears of it and reads on from the new one."""
    cases, fees = clocked("cases"), clocked("fees")
    with suite(cases, fees, rabbit_server.url(rabbit_vhost)):
        cases.note("a", 1)
        wait_for(lambda: fees.effects("a") == [1], 30)
        rabbit_server.api("DELETE", f"/queues/{rabbit_vhost}/fees.inbox.1")
        wait_for(lambda: _has_queue(rabbit_server, rabbit_vhost), 30)
        cases.note("a", 2)
        wait_for(lambda: fees.effects("a") == [1, 2], 30)


def test_what_a_lost_queue_held_is_published_again_on_request(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Nobody consumed it, nobody could know; whoever had some of it already does not count it twice."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    cases.note("a", 1, 2, 3)
    with AmqpPublisher(url, "cases") as publisher:
        with at_work(relay_part(cases, publisher)):
            wait_for(lambda: len(published(cases)) == 3, 30)
        fees.consumer.process([Delivery(cases.bodies()[0], origin="cases")])
        rabbit_server.api("DELETE", f"/queues/{rabbit_vhost}/fees.inbox.1")
        with at_work(Part("consumer", AmqpConsumer(url, fees.consumer).run)):
            wait_for(lambda: _has_queue(rabbit_server, rabbit_vhost), 30)
            assert republish(cases.mechanism, publisher) == 3
            wait_for(lambda: fees.effects("a") == [1, 2, 3], 30)
        assert republish(cases.mechanism, publisher, after=2) == 1


def _has_queue(server: RabbitServer, vhost: str) -> bool:
    bindings = server.api("GET", f"/definitions/{vhost}")["bindings"]
    return any(binding["destination"] == "fees.inbox.1" for binding in bindings)


def test_a_consumer_that_stops_leaves_the_rest_to_its_successor(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """It finishes and acknowledges the batch at hand; nothing is handled twice or forgotten."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    cases.note("a", *range(1, 1001))
    with AmqpPublisher(url, "cases") as publisher, at_work(relay_part(cases, publisher)):
        wait_for(lambda: len(published(cases)) == 1000, 30)
    for _ in range(3):
        with at_work(Part("consumer", AmqpConsumer(url, fees.consumer, batch=50).run)):
            wait_for(lambda: fees.calls > 0, 30)
    with at_work(Part("consumer", AmqpConsumer(url, fees.consumer).run)):
        wait_for(lambda: len(fees.effects("a")) == 1000, 30)

    assert_once_and_in_order(fees, 1, 1000)
    assert fees.calls == 1000


def test_a_long_handler_does_not_lose_the_connection(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Heartbeats flow in the other thread: with one every second, a handler of five seconds is no offence."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    release = threading.Event()
    effects = fees.on_noted

    def slowly(uow: object, event: object) -> None:
        release.wait(5)
        effects(uow, event)  # type: ignore[arg-type]

    fees.on_noted = slowly  # type: ignore[method-assign]
    consumer = AmqpConsumer(url, fees.consumer)
    consumer._connection._nodes.current.heartbeat = 1
    cases.note("a", 1)
    with AmqpPublisher(url, "cases") as publisher, at_work(relay_part(cases, publisher)):
        wait_for(lambda: len(published(cases)) == 1, 30)
    with at_work(Part("consumer", consumer.run)):
        wait_for(lambda: fees.effects("a") == [1], 30)
        assert consumer._generation == 0, "the connection was never lost"


def test_partitions_share_the_lanes_and_keep_each_in_order(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Three queues of one consumer: each lane meets one of them, and each gets some."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    topology = Topology(partitions={"fees": 3})
    for subject in range(30):
        cases.note(f"case-{subject}", 1, 2, 3)
    with AmqpPublisher(url, "cases", topology=topology) as publisher, at_work(relay_part(cases, publisher)):
        wait_for(lambda: len(published(cases)) == 90, 30)
    consumers = [AmqpConsumer(url, fees.consumer, partition=n, topology=topology) for n in (1, 2, 3)]
    with at_work(*(Part(f"consumer-{n}", one.run) for n, one in enumerate(consumers))):
        wait_for(lambda: fees.scalar("SELECT count(*) FROM effect") == 90, 30)

    assert_once_and_in_order(fees, 30, 3)
    assert all(one._pace._rate_per_s > 0 for one in consumers), "every partition had work"


def test_of_two_consumers_of_a_queue_one_works_and_the_other_takes_over(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Single active consumer: two workers of a service never compete for one lane."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    with ExitStack() as stack:
        publisher = stack.enter_context(AmqpPublisher(url, "cases"))
        stack.enter_context(at_work(relay_part(cases, publisher)))
        stack.enter_context(at_work(Part("second", AmqpConsumer(url, fees.consumer).run)))
        with at_work(Part("first", AmqpConsumer(url, fees.consumer).run)):
            cases.note("a", 1)
            wait_for(lambda: fees.effects("a") == [1], 30)
        cases.note("a", 2)
        wait_for(lambda: fees.effects("a") == [1, 2], 30)

    assert fees.calls == 2
