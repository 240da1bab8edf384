"""A broker of three nodes, of which the relay and the consumer lose some while events flow."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from gongzheng.clock import SystemClock
from gongzheng.messaging import amqp_connection
from gongzheng.messaging.amqp_connection import Nodes, addresses
from gongzheng.messaging.declaring import ensure_declared
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.topology import TOPOLOGY, queue_of
from tests.support.servers import RabbitCluster, RabbitServer

from .conftest import Service
from .test_amqp import assert_once_and_in_order, suite
from .test_relay import wait_for

pytestmark = [pytest.mark.req("X-01", "X-02")]
on_postgresql = pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
SUBJECTS = 20
PATIENCE_S = 180.0  # nodes of one broker start slowly on a machine that is busy
QUEUE = queue_of("fees")


@pytest.fixture
def clocked(make_service: Callable[..., Service]) -> Callable[..., Service]:
    """Services on the machine's own clock: what is parked comes due by itself."""
    return lambda name: make_service(name, clock=SystemClock())


@pytest.fixture
def vhost(rabbit_cluster: RabbitCluster) -> Iterator[str]:
    """An empty virtual host of this test's own; all nodes are there again afterwards."""
    name = rabbit_cluster.create_vhost()
    yield name
    for node in rabbit_cluster.nodes:
        if not node.is_running:
            node.launch()
    rabbit_cluster.await_ready()
    rabbit_cluster.delete_vhost(name)


def test_several_addresses_stand_in_one_setting() -> None:
    """Commas or white space lie between them; what a password is made of does not matter."""
    three = ["amqp://a:b,c@one:5672/%2F", "amqps://a:b,c@two/x", "amqp://a:b,c@three/"]
    assert addresses(",".join(three)) == addresses(" , ".join(three)) == addresses("\n".join(["", *three, ""])) == three
    assert addresses(three[0]) == three[:1]


def test_nodes_take_turns_and_a_round_ends_where_it_began() -> None:
    """So everybody waits only after all were tried; where a round begins is chance."""
    firsts = set()
    for _ in range(100):
        nodes = Nodes("amqp://one,amqp://two,amqp://three", "test")
        first = nodes.current.host
        firsts.add(first)
        tried = []
        while not nodes.turn():
            tried.append(nodes.current.host)
        assert nodes.current.host == first
        assert {first, *tried} == {"one", "two", "three"}
        assert len(tried) == 2
    assert firsts == {"one", "two", "three"}
    assert Nodes("amqp://one", "test").turn(), "where there is one node, every attempt is a round"


def test_a_node_that_takes_connections_and_stands_still_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks it hears of an outage, and does not die of it."""
    monkeypatch.setattr(amqp_connection, "_STACK_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Outage, match="AMQPConnectorStackTimeout"):
            ensure_declared(f"{url},{url}", TOPOLOGY)


@contextmanager
def under_load(cases: Service) -> Iterator[list[int]]:
    """Notes on :data:`SUBJECTS` cases, one after another, until left; how many each has got so far."""
    over, noted = threading.Event(), [0]

    def work() -> None:
        while not over.wait(0.2):
            for subject in range(SUBJECTS):
                cases.note(f"case-{subject}", noted[0])
            noted[0] += 1
        cases.mechanism.database.close()

    worker = threading.Thread(target=work, name="load")
    worker.start()
    try:
        yield noted
    finally:
        over.set()
        worker.join()


def _is_reached(count: Callable[[], int], wanted: int) -> bool:
    return count() >= wanted


def _node_of(cluster: RabbitCluster, vhost: str, purpose: str) -> RabbitServer:
    """The node to which the relay or the consumer is connected."""
    found: list[RabbitServer] = []

    def look() -> bool:
        names = {
            connection["node"]
            for connection in cluster.api("GET", f"/vhosts/{vhost}/connections")
            if connection.get("client_properties", {}).get("connection_name") == purpose
        }
        found[:] = [node for node in cluster.nodes if node.name in names and node.is_running]
        return len(found) == 1

    wait_for(look, PATIENCE_S)
    return found[0]


def _leader(cluster: RabbitCluster, vhost: str) -> RabbitServer:
    found: list[RabbitServer] = []

    def look() -> bool:
        leader = cluster.leader_of(QUEUE, vhost)
        found[:] = [leader] if leader is not None and leader.is_running else []
        return bool(found)

    wait_for(look, PATIENCE_S)
    return found[0]


@pytest.mark.real
@on_postgresql
def test_any_node_may_be_lost_under_load(
    clocked: Callable[..., Service], rabbit_cluster: RabbitCluster, vhost: str
) -> None:
    """The node of the relay, that of the consumer, the one that leads the queue: what remains goes on without it."""
    cases, fees = clocked("cases"), clocked("fees")

    def effects() -> int:
        return int(fees.scalar("SELECT count(*) FROM effect"))

    with suite(cases, fees, rabbit_cluster.url(vhost)) as worker, under_load(cases) as noted:
        wait_for(lambda: effects() > SUBJECTS, PATIENCE_S)
        members = rabbit_cluster.api("GET", f"/queues/{vhost}/{QUEUE}")["members"]
        assert len(members) == 3, "a queue is on every node"
        picks: list[Callable[[], RabbitServer]] = [
            lambda: _node_of(rabbit_cluster, vhost, "gongzheng cases relay"),
            lambda: _node_of(rabbit_cluster, vhost, "gongzheng fees consumer 1"),
            lambda: _leader(rabbit_cluster, vhost),
        ]
        for pick in picks:
            lost = pick()
            before = noted[0]
            lost.kill()
            # What is committed only now takes effect while the node is still away.
            wait_for(partial(_is_reached, effects, (before + 2) * SUBJECTS), PATIENCE_S)
            assert not lost.is_running
            assert worker.healthy
            lost.launch()
            rabbit_cluster.await_ready()
    with suite(cases, fees, rabbit_cluster.url(vhost)):
        wait_for(lambda: effects() == noted[0] * SUBJECTS, PATIENCE_S)
        wait_for(lambda: cases.scalar("SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0, PATIENCE_S)

    assert_once_and_in_order(fees, SUBJECTS, noted[0])
    assert fees.lanes.overview() == []


@pytest.mark.real
@on_postgresql
def test_without_a_majority_events_wait_in_the_outbox(
    clocked: Callable[..., Service], rabbit_cluster: RabbitCluster, vhost: str
) -> None:
    """Two of three nodes are lost: nothing is confirmed, hence nothing marked, and all goes on when one is back."""
    cases, fees = clocked("cases"), clocked("fees")
    with suite(cases, fees, rabbit_cluster.url(vhost)) as worker:
        cases.note("a", 1, 2)
        wait_for(lambda: fees.effects("a") == [1, 2], PATIENCE_S)
        first, second, _ = rabbit_cluster.nodes
        first.kill()
        second.kill()
        cases.note("a", 3, 4)
        confirmed = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"
        # Long enough for the relay to have found the last node and tried.
        assert not threading.Event().wait(3)
        assert worker.healthy, "an outage is waited out"
        assert cases.scalar(confirmed) == 2, "one node alone confirms nothing"
        first.launch()
        second.launch()
        wait_for(lambda: fees.effects("a") == [1, 2, 3, 4], PATIENCE_S)
        wait_for(lambda: cases.scalar(confirmed) == 4, PATIENCE_S)
    assert fees.calls == 4
