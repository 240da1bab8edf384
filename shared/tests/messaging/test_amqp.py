"""The relay and the consumer on a real broker and a real database, with faults staged between them."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pika
import pytest
from pika import spec
from prometheus_client import REGISTRY

from gongzheng.clock import FixedClock, SystemClock
from gongzheng.messaging import amqp_connection
from gongzheng.messaging.amqp import AmqpPublisher, _Batch
from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.consumer import Delivery
from gongzheng.messaging.declaring import ensure_declared
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.republish import republish
from gongzheng.messaging.topology import TOPOLOGY, Topology
from gongzheng.messaging.worker import Part, Worker, retry_part
from tests.support.proxy import CuttableProxy
from tests.support.servers import RabbitServer

from .conftest import NOW, Service
from .test_relay import published, wait_for
from .test_topology import exported

pytestmark = [
    pytest.mark.real,
    pytest.mark.req("X-01", "X-02"),
    pytest.mark.parametrize("make_url", ["postgresql"], indirect=True),
]


@pytest.fixture
def clocked(make_service: Callable[..., Service]) -> Callable[..., Service]:
    """Services on the machine's own clock: what is parked comes due by itself."""
    return lambda name: make_service(name, clock=SystemClock())


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


ONE_FOLLOWER = Topology(streams={"cases": ("case",)}, follows={"fees": (("cases", "case"),)})


def test_what_the_broker_does_not_accept_stays_unpublished_with_the_reason(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """A queue with a limit refuses (basic.nack): nothing of it is marked, and all goes out when there is room."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    limit = {"max-length": 5, "overflow": "reject-publish"}
    policy = {"pattern": "inbox", "definition": limit, "apply-to": "queues"}
    rabbit_server.api("PUT", f"/policies/{rabbit_vhost}/limit", policy)
    with AmqpPublisher(url, "cases", topology=ONE_FOLLOWER) as publisher, at_work(relay_part(cases, publisher)):
        lanes = 0
        while cases.scalar("SELECT max(error) FROM outbox") is None:
            assert lanes < 500, "the limit is a soft one, but not so soft"
            cases.note(f"case-{lanes}", 1)
            lanes += 1
            time.sleep(0.02)
        assert cases.scalar("SELECT max(error) FROM outbox") == "not accepted by the broker"
        assert len(published(cases)) < lanes
        consumer = AmqpConsumer(url, fees.consumer, topology=ONE_FOLLOWER)
        with at_work(Part("consumer", consumer.run), retry_part(fees.consumer)):
            wait_for(lambda: len(published(cases)) == lanes, 60)
            wait_for(lambda: fees.scalar("SELECT count(*) FROM effect") == lanes, 30)

    assert_once_and_in_order(fees, lanes, 1)
    assert cases.scalar("SELECT count(error) FROM outbox") == 0, "the reason goes with the trouble"


def test_an_exchange_that_is_deleted_is_declared_again_with_its_bindings(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """The broker closes the publisher's channel (404); what others had declared for themselves stays as they had it."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    ensure_declared(url, TOPOLOGY.with_partitions("fees", 2), queue="fees.inbox.2", consumer="fees")
    with suite(cases, fees, url):
        cases.note("a", 1)
        wait_for(lambda: published(cases) == [("a", 1)], 30)
        rabbit_server.api("DELETE", f"/exchanges/{rabbit_vhost}/cases.events")
        cases.note("a", 2)
        wait_for(lambda: published(cases) == [("a", 1), ("a", 2)], 30)

    found = TOPOLOGY.with_partitions("fees", 2).differences(exported(rabbit_server, rabbit_vhost), vhost=rabbit_vhost)
    assert found == []


def test_a_handler_that_outlasts_the_brokers_patience_takes_effect_once(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """``consumer_timeout``: the channel is closed and the batch comes again; what was committed is recognised."""
    cases, fees = clocked("cases"), clocked("fees")
    url = rabbit_server.url(rabbit_vhost)
    release = threading.Event()
    effects = fees.on_noted

    def slowly(uow: object, event: object) -> None:
        release.wait(60)
        effects(uow, event)  # type: ignore[arg-type]

    fees.on_noted = slowly  # type: ignore[method-assign]
    cases.note("a", 1, 2)
    with AmqpPublisher(url, "cases") as publisher, at_work(relay_part(cases, publisher)):
        wait_for(lambda: len(published(cases)) == 2, 30)
    with impatient(rabbit_server):
        consumer = AmqpConsumer(url, fees.consumer)
        with at_work(Part("consumer", consumer.run)):
            wait_for(lambda: consumer._generation > 0, 60)
            release.set()
            wait_for(lambda: len(fees.effects("a")) == 2, 30)
            wait_for(lambda: _ready(url, "fees.inbox.1") == 0, 30)
            fees.on_noted = effects  # type: ignore[method-assign]

    assert fees.effects("a") == [1, 2]
    assert _ready(url, "fees.inbox.1") == 0, "acknowledged at last: nothing came back when the consumer ended"


@contextmanager
def impatient(server: RabbitServer) -> Iterator[None]:
    """New channels are closed when an acknowledgement takes longer than a second."""
    usual = server.ctl(
        "eval",
        "{application:get_env(rabbit, consumer_timeout, 1800000),"
        "application:get_env(rabbit, channel_tick_interval, 60000)}.",
    )
    timeout, tick = usual.strip().strip("{}").split(",")
    set_both = (
        "application:set_env(rabbit, consumer_timeout, {}), application:set_env(rabbit, channel_tick_interval, {})."
    )
    server.ctl("eval", set_both.format(1000, 500))
    try:
        yield
    finally:
        server.ctl("eval", set_both.format(timeout, tick))


def _ready(url: str, queue: str) -> int:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
    finally:
        connection.close()


def test_thousands_that_gathered_while_the_broker_was_away_are_drained_in_order(
    clocked: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """As after an hour: the outbox is read in batches, so that what waits costs no memory."""
    cases, fees = clocked("cases"), clocked("fees")
    with suite(cases, fees, rabbit_server.url(rabbit_vhost)) as worker:
        cases.note("case-0", 0)
        wait_for(lambda: len(published(cases)) == 1, 30)
        rabbit_server.stop()
        for subject in range(20):
            cases.note(f"case-{subject}", *range(1 if subject == 0 else 0, 300))
        assert worker.healthy
        rabbit_server.start()
        wait_for(lambda: fees.scalar("SELECT count(*) FROM effect") == 6000, 90)
        wait_for(lambda: cases.scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0, 30)

    assert_once_and_in_order(fees, 20, 300)


def test_a_connection_that_swallows_everything_is_given_up(
    clocked: Callable[..., Service],
    rabbit_server: RabbitServer,
    rabbit_vhost: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody closes it; missing heartbeats tell (of one second here, of 20 s in service), and a new one is opened."""
    cases, fees = clocked("cases"), clocked("fees")
    usual = amqp_connection.parameters

    def hasty(url: str, purpose: str) -> pika.URLParameters:
        found = usual(url, purpose)
        found.heartbeat = 1
        return found

    monkeypatch.setattr(amqp_connection, "parameters", hasty)
    with CuttableProxy(rabbit_server.port) as proxy:
        url = rabbit_server.url(rabbit_vhost).replace(f":{rabbit_server.port}/", f":{proxy.port}/")
        with suite(cases, fees, url):
            cases.note("a", 1)
            wait_for(lambda: fees.effects("a") == [1], 30)
            proxy.delay_s = 30.0
            cases.note("a", 2)
            time.sleep(0.5)
            proxy.delay_s = 0.0  # for new connections; what is on its way on the old ones does not arrive in time
            wait_for(lambda: fees.effects("a") == [1, 2], 20)

    assert_once_and_in_order(fees, 1, 2)


def test_clocks_of_services_that_differ_by_a_day_change_nothing(
    make_service: Callable[..., Service], rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """Order is by sequence and by commit, never by time; and no lag is told that is less than none."""
    ahead, behind = FixedClock(NOW + timedelta(days=1)), FixedClock(NOW - timedelta(days=1))
    cases, fees = make_service("cases", clock=ahead), make_service("fees", clock=FixedClock(NOW))
    with suite(cases, fees, rabbit_server.url(rabbit_vhost)):
        cases.note("a", 1, 2)
        wait_for(lambda: len(fees.effects("a")) == 2, 30)
        assert REGISTRY.get_sample_value("gongzheng_event_lag_seconds", {"service": "fees"}) == 0.0
        ahead.set(behind.now())  # the clock jumps back by two days
        cases.note("a", 3)
        cases.note("b", 1)
        wait_for(lambda: len(fees.effects()) == 4, 30)

    assert fees.effects("a") == [1, 2, 3]
    assert published(cases) == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]
    assert REGISTRY.get_sample_value("gongzheng_event_lag_seconds", {"service": "fees"}) == 86_400.0


class TellingChannel:
    """A channel that keeps what is published and confirms in whatever order it is told."""

    is_open = True

    def __init__(self) -> None:
        self.published = 0

    def basic_publish(self, *_words: object, **_named: object) -> None:
        """Taken."""
        self.published += 1


@pytest.mark.parametrize("seed", range(20))
def test_confirmations_in_any_order_and_for_several_at_once_find_their_rows(
    clocked: Callable[..., Service], seed: int
) -> None:
    """Acknowledged or not, singly or up to a number, out of order: each batch is answered with what was refused."""
    cases, chance = clocked("cases"), random.Random(seed)  # noqa: S311 chance that can be repeated
    cases.note("a", *range(300))
    rows = [
        Row(*found)
        for found in cases.mechanism.execute(
            "SELECT id, event_id, type, stream, subject, body FROM outbox ORDER BY id"
        ).fetchall()
    ]
    publisher = AmqpPublisher("amqp://127.0.0.1:1/", "cases")
    channel = publisher._channel = TellingChannel()
    cuts = sorted(chance.sample(range(1, 300), 4))
    batches = [_Batch(rows[low:high]) for low, high in zip([0, *cuts], [*cuts, 300], strict=True)]
    publisher._waiting.extend(batches)
    while channel.published < 300:
        publisher._pump()
    refused, open_tags = set(), set(range(1, 301))
    while open_tags:
        tag = chance.choice(sorted(open_tags)[:40])
        multiple, accepted = chance.random() < 0.3, chance.random() < 0.8
        settled = {t for t in open_tags if t <= tag} if multiple else {tag}
        refused |= set() if accepted else settled
        open_tags -= settled
        kind = spec.Basic.Ack if accepted else spec.Basic.Nack
        publisher._on_confirm(SimpleNamespace(method=kind(delivery_tag=tag, multiple=multiple)))

    answers = [batch.answer.result(timeout=0) for batch in batches]
    assert {row_id for answer in answers for row_id in answer} == {rows[tag - 1].id for tag in refused}
