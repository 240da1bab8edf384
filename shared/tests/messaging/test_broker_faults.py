"""What a broker may do to publishers and consumers, staged on a real one: refuse, close, swallow, be away."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pika
import pytest
from pika import spec
from prometheus_client import REGISTRY

from gongzheng.clock import FixedClock
from gongzheng.messaging import amqp_connection
from gongzheng.messaging.amqp import AmqpPublisher, _Batch
from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.declaring import ensure_declared
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.topology import TOPOLOGY, Topology
from gongzheng.messaging.worker import Part, retry_part
from tests.support.proxy import CuttableProxy
from tests.support.servers import RabbitServer

from .conftest import NOW, Service
from .test_amqp import assert_once_and_in_order, at_work, relay_part, suite
from .test_relay import published, wait_for
from .test_topology import exported

pytestmark = [
    pytest.mark.real,
    pytest.mark.req("X-01", "X-02"),
    pytest.mark.parametrize("make_url", ["postgresql"], indirect=True),
]

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
