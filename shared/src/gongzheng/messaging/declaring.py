"""The topology at a broker: looked for, declared where it is missing, and changed to another number of partitions."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from gongzheng.messaging.amqp_connection import UNREACHABLE, addresses, parameters
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.topology import Topology, queue_of, spread_of

_NOT_FOUND, _LOCKED = 404, 405
_ALONE = "gongzheng.declaring"
_TRIES, _TRY_EVERY_S = 100, 0.1


def ensure_declared(
    urls: str, topology: Topology, *, exchange: str | None = None, queue: str | None = None, consumer: str | None = None
) -> None:
    """Look for what a service uses and, only where it is missing, declare the topology.

    The inbox of ``consumer``, the service itself, becomes as the table says. What others have declared for themselves
    keeps its partitions: how many they chose only they know. In production the definitions file has declared everything
    and the services may declare nothing.

    Raises:
        Outage: when the broker is away, or something is missing and this user may not declare it.
    """
    with _connected(urls) as connection:
        if not _is_there(connection, exchange, queue):
            _wait_to_be_alone(connection)
            declare(connection, _as_others_have_it(connection, topology, consumer), topology.follows)


def _as_others_have_it(connection: Any, topology: Topology, consumer: str | None) -> Topology:
    there = {name: _queues_from(connection, name, 1) for name in topology.follows if name != consumer}
    counts = {name: len(queues) for name, queues in there.items() if queues}
    return replace(topology, partitions={**topology.partitions, **counts})


def _wait_to_be_alone(connection: Any) -> None:
    """Until this connection ends nobody else declares: two who find something missing would each do it their way."""
    for _ in range(_TRIES):
        try:
            connection.channel().queue_declare(_ALONE, exclusive=True)
        except ChannelClosedByBroker as error:
            if error.reply_code != _LOCKED:
                raise
            connection.sleep(_TRY_EVERY_S)
        else:
            return
    raise Outage("somebody else has been declaring the topology for long")


def declare(connection: Any, topology: Topology, consumers: Iterable[str]) -> None:
    """Bring these consumers' inboxes to what the table says; what queues hold is kept, also in those left over."""
    channel = connection.channel()
    whose = sorted(consumers)
    topology.declare(channel, whose)
    for name in whose:
        for queue in left_over(connection, topology, name) if topology.partitions_of(name) > 1 else ():
            channel.queue_unbind(queue, spread_of(name), "1")


def left_over(connection: Any, topology: Topology, consumer: str) -> list[str]:
    """The queues that a larger number of partitions left behind: something may still be in them."""
    return _queues_from(connection, consumer, topology.partitions_of(consumer) + 1)


def _queues_from(connection: Any, consumer: str, first: int) -> list[str]:
    found: list[str] = []
    while _is_there(connection, queue=(name := queue_of(consumer, first + len(found)))):
        found.append(name)
    return found


def bring_about(urls: str, topology: Topology) -> list[str]:
    """Declare all of a topology as somebody who may; the queues that are left over.

    Raises:
        Outage: when the broker is away, or this user may not declare.
    """
    with _connected(urls) as connection:
        _wait_to_be_alone(connection)
        declare(connection, topology, topology.follows)
        return [queue for name in sorted(topology.follows) for queue in left_over(connection, topology, name)]


def find_left_over(urls: str, topology: Topology, consumer: str) -> list[str]:
    """As :func:`left_over`, on a connection of its own.

    Raises:
        Outage: when the broker is away.
    """
    with _connected(urls) as connection:
        return left_over(connection, topology, consumer)


def is_declared(urls: str, queue: str) -> bool:
    """Whether a queue is there.

    Raises:
        Outage: when the broker is away.
    """
    with _connected(urls) as connection:
        return _is_there(connection, queue=queue)


@contextmanager
def _connected(urls: str) -> Iterator[Any]:
    connection = _connect(urls)
    try:
        yield connection
    except ChannelClosedByBroker as error:
        raise Outage(f"the topology is not declared and may not be by this user: {error.reply_text}") from error
    except AMQPError as error:
        raise Outage(f"the broker went away: {type(error).__name__}") from error
    finally:
        if connection.is_open:
            connection.close()


def _connect(urls: str) -> Any:
    trouble = Outage("there is no address of the broker")
    for url in addresses(urls):
        try:
            return pika.BlockingConnection(parameters(url, "gongzheng topology"))
        except UNREACHABLE as error:
            trouble = Outage(f"the broker is away: {type(error).__name__}")
    raise trouble


def _is_there(connection: Any, exchange: str | None = None, queue: str | None = None) -> bool:
    channel = connection.channel()
    try:
        if exchange is not None:
            channel.exchange_declare(exchange, passive=True)
        if queue is not None:
            channel.queue_declare(queue, passive=True)
    except ChannelClosedByBroker as error:
        if error.reply_code != _NOT_FOUND:
            raise
        return False
    channel.close()
    return True
