"""A broker that is otherwise than the table is told apart, with the management interface and without it."""

from types import SimpleNamespace
from typing import Any

import pika
import pytest

from gongzheng.commands.doctor import _drift
from gongzheng.messaging.drift import vhost_of
from gongzheng.messaging.topology import TOPOLOGY
from tests.support.servers import RabbitServer

from .test_topology import channel_of, declare, restricted

__all__ = ["restricted"]
pytestmark = [pytest.mark.real, pytest.mark.req("X-01", "X-08")]


class Broker:
    """One virtual host, and what the doctor says of it for the service fees."""

    def __init__(self, server: RabbitServer, vhost: str, url: str | None = None) -> None:
        self.server, self.vhost, self.url = server, vhost, url or server.url(vhost)
        self.management = f"http://{server.user}:{server.password}@127.0.0.1:{server.http_port}"

    def findings(self, *, management: str | None = None, partitions: int = 1, setting: str = "") -> list[str]:
        """The sentences."""
        settings = SimpleNamespace(amqp_url=self.url, partitions=partitions, management_url=setting)
        service: Any = SimpleNamespace(name="fees", settings=settings)
        return list(_drift(service, management))

    def channel(self) -> Any:
        """A channel of the administrator's."""
        return pika.BlockingConnection(pika.URLParameters(self.server.url(self.vhost))).channel()


@pytest.fixture
def broker(rabbit_server: RabbitServer, rabbit_vhost: str) -> Broker:
    """A broker that is as the table says."""
    declare(rabbit_server, rabbit_vhost)
    return Broker(rabbit_server, rabbit_vhost)


def test_a_broker_as_the_table_says_is_no_finding(broker: Broker) -> None:
    """Neither way of looking finds anything, nor changes anything."""
    assert broker.findings() == []
    assert broker.findings(management=broker.management) == []
    assert broker.findings(setting=broker.management) == []


def test_bindings_are_compared_through_the_management_interface(broker: Broker) -> None:
    """One too few, one too many; they cannot be seen over AMQP."""
    channel = broker.channel()
    channel.queue_unbind("fees.inbox.1", "cases.events", "case.#")
    channel.queue_bind("fees.inbox.1", "oversight.events", "filing.#")
    channel.connection.close()

    unseen = broker.findings()
    missing, unexpected = broker.findings(management=broker.management)

    assert unseen == []
    assert missing.startswith("missing in bindings: source=cases.events, destination=fees.inbox.1")
    assert unexpected.startswith("unexpected in bindings: source=oversight.events, destination=fees.inbox.1")


def test_a_queue_with_other_arguments_is_found_both_ways(broker: Broker) -> None:
    """Without single active consumers two of them would break the order."""
    channel = broker.channel()
    channel.queue_delete("fees.inbox.1")
    channel.queue_declare("fees.inbox.1", durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind("fees.inbox.1", "cases.events", "case.#")
    channel.connection.close()

    (looked,) = broker.findings()
    missing, unexpected = broker.findings(management=broker.management)

    assert looked == "the queue fees.inbox.1 has other properties or arguments than the table."
    assert "x-single-active-consumer=True" in missing
    assert unexpected.startswith("unexpected in queues: name=fees.inbox.1")


def test_what_is_missing_is_found_and_not_made(broker: Broker) -> None:
    """The doctor looks and does not mend."""
    channel = broker.channel()
    channel.queue_delete("fees.inbox.1")
    channel.exchange_delete("fees.events")
    channel.connection.close()
    for _ in range(2):
        assert broker.findings() == ["missing: the exchange fees.events.", "missing: the queue fees.inbox.1."]
    assert any("missing in queues: name=fees.inbox.1" in text for text in broker.findings(management=broker.management))


def test_a_service_with_its_own_rights_only_is_told_what_is_missing(
    rabbit_server: RabbitServer, restricted: str
) -> None:
    """As in production: it may declare nothing, so arguments stay unknown, and that is no finding."""
    broker = Broker(rabbit_server, restricted, rabbit_server.url(restricted, "fees", "fees-secret"))
    assert broker.findings() == []
    channel_of(rabbit_server, restricted, "fees").connection.close()
    rabbit_server.api("DELETE", f"/queues/{restricted}/fees.inbox.1")
    assert broker.findings() == ["missing: the queue fees.inbox.1."]


def test_as_many_partitions_as_others_have_are_as_they_should_be(
    rabbit_server: RabbitServer, rabbit_vhost: str
) -> None:
    """How many queues another service spreads its events over is its own affair; our own number is compared."""
    declare(rabbit_server, rabbit_vhost, TOPOLOGY.with_partitions("notifications", 3).with_partitions("fees", 2))
    broker = Broker(rabbit_server, rabbit_vhost)
    assert broker.findings(management=broker.management, partitions=2) == []
    assert broker.findings(partitions=2) == []
    assert broker.findings(partitions=3) == ["missing: the queue fees.inbox.3."]
    assert any("fees.inbox.2" in text for text in broker.findings(management=broker.management, partitions=1))


def test_a_management_interface_that_does_not_answer_is_one_sentence(broker: Broker) -> None:
    """Wrong password, wrong port, no address."""
    for url in (
        broker.management.replace("guest:guest", "guest:wrong"),
        "http://guest:guest@127.0.0.1:1",
        "amqp://127.0.0.1",
    ):
        (only,) = broker.findings(management=url)
        assert only.startswith("the broker's topology cannot be compared (")
        assert "guest" not in only


def test_the_virtual_host_is_read_from_the_address() -> None:
    """As the client reads it."""
    assert vhost_of("amqp://u:p@host:5672/") == vhost_of("amqp://host") == "/"
    assert vhost_of("amqp://host/%2F") == "/"
    assert vhost_of("amqp://host/gongzheng,amqp://other/gongzheng") == "gongzheng"
