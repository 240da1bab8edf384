import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pika
import pika.exceptions
import pytest

from gongzheng.cli import run
from gongzheng.contracts import registry
from gongzheng.messaging.declaring import ensure_declared
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.topology import STREAMS, TOPOLOGY, Topology, exchange_of, queue_of
from tests.support.servers import RabbitServer


def declare(server: RabbitServer, vhost: str, topology: Topology = TOPOLOGY) -> None:
    """Declare a topology in a virtual host, as its administrator."""
    connection = pika.BlockingConnection(pika.URLParameters(server.url(vhost)))
    topology.declare(connection.channel())
    connection.close()


def exported(server: RabbitServer, vhost: str) -> dict[str, Any]:
    """What the broker reports for one virtual host, in the form of the whole node's export."""
    found: dict[str, Any] = server.api("GET", f"/definitions/{vhost}")
    return {kind: [e | {"vhost": vhost} for e in found[kind]] for kind in ("exchanges", "queues", "bindings")}


@pytest.mark.req("X-01")
def test_every_stream_is_followed_by_somebody() -> None:
    """An event that nobody follows would come back from the broker and stay unpublished."""
    assert TOPOLOGY.unfollowed() == []


@pytest.mark.req("X-03")
def test_every_contract_belongs_to_a_stream_of_its_producer() -> None:
    """A schema whose stream is not in the table could never be routed."""
    contracts = registry()
    stray = [type_ for type_ in contracts.types() if contracts.stream(type_) not in STREAMS[contracts[type_].service]]
    assert stray == []


def test_notifications_follows_everything() -> None:
    """Its subscribers may ask for any event."""
    assert set(TOPOLOGY.follows["notifications"]) == {(p, s) for p, streams in STREAMS.items() for s in streams}


@pytest.mark.real
@pytest.mark.req("X-01", "X-06")
@pytest.mark.parametrize("partitions", [{}, {"notifications": 3}], ids=["one queue each", "partitioned"])
def test_the_broker_reports_what_the_table_says(
    rabbit_server: RabbitServer, rabbit_vhost: str, partitions: dict[str, int]
) -> None:
    """Declared twice, compared with the broker's own export: nothing missing, nothing more."""
    topology = Topology(partitions=partitions)
    declare(rabbit_server, rabbit_vhost, topology)
    declare(rabbit_server, rabbit_vhost, topology)

    assert topology.differences(exported(rabbit_server, rabbit_vhost), vhost=rabbit_vhost) == []


@pytest.mark.real
def test_a_broker_that_differs_from_the_table_is_told_apart(rabbit_server: RabbitServer, rabbit_vhost: str) -> None:
    """A missing binding and a queue that does not belong there are each named."""
    declare(rabbit_server, rabbit_vhost)
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_server.url(rabbit_vhost)))
    channel = connection.channel()
    channel.queue_unbind("fees.inbox.1", "cases.events", "case.#")
    channel.queue_declare("stray", durable=True)
    connection.close()

    unexpected, missing = TOPOLOGY.differences(exported(rabbit_server, rabbit_vhost), vhost=rabbit_vhost)

    assert missing.startswith("missing in bindings: ")
    assert "source=cases.events, destination=fees.inbox.1" in missing
    assert unexpected.startswith("unexpected in queues: name=stray")


def test_what_newer_brokers_report_besides_is_no_difference() -> None:
    """RabbitMQ 4 repeats a queue's type and exports the exchange of its own log."""
    reported = TOPOLOGY.definitions()
    reported["queues"] = [queue | {"type": "quorum"} for queue in reported["queues"]]
    log = {"name": "amq.rabbitmq.log", "type": "topic", "durable": True, "auto_delete": False, "internal": True}
    reported["exchanges"] = [*reported["exchanges"], log | {"vhost": "/", "arguments": {}}]

    assert TOPOLOGY.differences(reported) == []


@pytest.fixture
def restricted(rabbit_server: RabbitServer, rabbit_vhost: str) -> str:
    """The definitions file imported, with a user per service that has exactly the rights of the table."""
    definitions = TOPOLOGY.definitions(vhost=rabbit_vhost)
    for service in STREAMS:
        rabbit_server.api("PUT", f"/users/{service}", {"password": f"{service}-secret", "tags": ""})
    rabbit_server.api("POST", "/definitions", definitions)
    return rabbit_vhost


def channel_of(server: RabbitServer, vhost: str, user: str) -> Any:
    """A channel of one service's own user."""
    url = server.url(vhost, user, f"{user}-secret")
    return pika.BlockingConnection(pika.URLParameters(url)).channel()


@pytest.mark.real
@pytest.mark.req("X-06")
def test_a_service_may_write_only_its_own_exchange_and_read_only_its_own_queue(
    rabbit_server: RabbitServer, restricted: str
) -> None:
    """Everything else is refused by the broker, whatever the service's code tries."""
    refusals: dict[str, Callable[[Any], object]] = {
        "write another exchange": lambda ch: ch.basic_publish("cases.events", "case.x", b""),
        "write a queue directly": lambda ch: ch.basic_publish("", "fees.inbox.1", b""),
        "read another queue": lambda ch: ch.basic_consume("oversight.inbox.1", lambda *_: None),
        "declare": lambda ch: ch.queue_declare("more", durable=True),
        "bind": lambda ch: ch.queue_bind("fees.inbox.1", "oversight.events", "#"),
        "purge another queue": lambda ch: ch.queue_purge("cases.inbox.1"),
    }
    for what, attempt in refusals.items():
        channel = channel_of(rabbit_server, restricted, "fees")
        channel.confirm_delivery()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refused:
            attempt(channel)
        assert refused.value.reply_code == 403, what
        channel.connection.close()

    channel = channel_of(rabbit_server, restricted, "fees")
    channel.confirm_delivery()
    channel.basic_publish("fees.events", "obligation.created.v1", b"{}", mandatory=True)
    channel.basic_consume("fees.inbox.1", lambda *_: None)
    channel.connection.close()


@pytest.mark.real
@pytest.mark.req("X-06")
def test_a_service_that_may_declare_nothing_finds_what_the_definitions_file_declared(
    rabbit_server: RabbitServer, restricted: str
) -> None:
    """And waits, with a sentence that says why, when it is not there."""
    url = rabbit_server.url(restricted, "fees", "fees-secret")
    ensure_declared(url, TOPOLOGY, exchange=exchange_of("fees"), queue=queue_of("fees"))
    rabbit_server.api("DELETE", f"/queues/{restricted}/fees.inbox.1")

    with pytest.raises(Outage, match="may not be by this user"):
        ensure_declared(url, TOPOLOGY, queue=queue_of("fees"))


@pytest.mark.real
def test_who_may_declare_does_so_on_first_use(rabbit_server: RabbitServer, rabbit_vhost: str) -> None:
    """On a developer's broker nobody has to prepare anything."""
    ensure_declared(rabbit_server.url(rabbit_vhost), TOPOLOGY, queue=queue_of("fees"))

    assert TOPOLOGY.differences(exported(rabbit_server, rabbit_vhost), vhost=rabbit_vhost) == []


@pytest.mark.real
@pytest.mark.req("X-01")
@pytest.mark.parametrize(("before", "after", "left"), [(1, 3, []), (3, 2, ["fees.inbox.3"]), (3, 1, ["2", "3"])])
def test_an_operator_changes_the_number_of_partitions(
    rabbit_server: RabbitServer,
    rabbit_vhost: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    before: int,
    after: int,
    left: list[str],
) -> None:
    """The broker becomes what the table says; queues that are left over are unbound, named and kept."""
    declare(rabbit_server, rabbit_vhost, TOPOLOGY.with_partitions("fees", before))
    url, export, wanted = rabbit_server.url(rabbit_vhost), tmp_path / "export.json", f"--partitions=fees={after}"
    compare = ["topology", "compare", wanted, "--vhost", rabbit_vhost, str(export)]

    def compared() -> int:
        export.write_text(json.dumps(exported(rabbit_server, rabbit_vhost)), encoding="utf-8")
        return run(compare)

    assert compared() == 1
    capsys.readouterr()
    assert run(["topology", "apply", "--broker", url, wanted]) == 0
    told = capsys.readouterr().out
    assert f"fees: {after} partition(s)" in told
    assert told.count("left over") == len(left)
    assert all(f"{name}; once" in told for name in left)
    assert compared() == (1 if left else 0), "a queue that is left over is a difference"
    for name in left:
        rabbit_server.api("DELETE", f"/queues/{rabbit_vhost}/fees.inbox.{name[-1]}")
    assert compared() == 0


@pytest.mark.parametrize("wrong", ["fees", "fees=0", "fees=65", "nobody=2", "fees=two"])
def test_partitions_that_make_no_sense_are_told_in_one_sentence(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is done at the broker."""
    assert run(["topology", "apply", "--broker", "amqp://127.0.0.1:1/", "--partitions", wrong]) == 2
    assert f"{wrong!r} is not SERVICE=N" in capsys.readouterr().err


def test_a_table_with_partitions_is_printed_as_a_definitions_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By what the environment says of each service."""
    monkeypatch.setenv("NOTIFICATIONS_PARTITIONS", "2")
    assert run(["topology", "show"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert TOPOLOGY.with_partitions("notifications", 2).differences(printed) == []


@pytest.mark.real
@pytest.mark.req("X-01")
def test_what_another_service_chose_for_itself_is_not_undone(rabbit_server: RabbitServer, rabbit_vhost: str) -> None:
    """A service knows its own partitions only; what it declares leaves those of others as they are."""
    url = rabbit_server.url(rabbit_vhost)
    ensure_declared(url, TOPOLOGY.with_partitions("fees", 3), queue="fees.inbox.3", consumer="fees")
    rabbit_server.api("DELETE", f"/queues/{rabbit_vhost}/cases.inbox.1")
    ensure_declared(url, TOPOLOGY.with_partitions("cases", 2), queue="cases.inbox.2", consumer="cases")

    both = TOPOLOGY.with_partitions("fees", 3).with_partitions("cases", 2)
    assert both.differences(exported(rabbit_server, rabbit_vhost), vhost=rabbit_vhost) == []
