"""What the broker has that the table of the topology does not say, and the reverse, as far as somebody may look."""

import json
import ssl
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from gongzheng.messaging.amqp_connection import UNREACHABLE, addresses, parameters
from gongzheng.messaging.failures import Outage, describe
from gongzheng.messaging.topology import Topology, exchange_of, spread_of

TIMEOUT_S = 5
BYTES_MAX = 33_554_432
_NOT_FOUND, _ACCESS_REFUSED, _OTHERWISE = 404, 403, 406


def drift_by_management(management_url: str, amqp_url: str, service: str, topology: Topology) -> list[str]:
    """Everything that differs, by the broker's own export over its management interface; [] when all agrees.

    How many partitions other services have only they know: as many as the broker spreads their events over.

    Raises:
        OSError: when the interface cannot be reached or refuses.
        ValueError: when the address is none, or what it answers no definitions.
    """
    parts = urllib.parse.urlsplit(management_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the management address is http(s)://user:password@host:15672")
    vhost = vhost_of(amqp_url)
    path = f"{parts.path.rstrip('/')}/api/definitions/{urllib.parse.quote(vhost, safe='')}"
    where = urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))
    request = urllib.request.Request(where)  # noqa: S310 the scheme was just checked
    user, password = (urllib.parse.unquote(text or "") for text in (parts.username, parts.password))
    request.add_header("Authorization", f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}")
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=tls) as answer:  # noqa: S310 as above
        found = json.loads(answer.read(BYTES_MAX))
    # One virtual host's export does not repeat its name in each entry.
    kinds = ("exchanges", "queues", "bindings")
    reported = {kind: [entry | {"vhost": vhost} for entry in found[kind]] for kind in kinds}
    return _as_spread(topology, service, reported).differences(reported, vhost=vhost)


def _as_spread(topology: Topology, service: str, reported: Mapping[str, list[dict[str, Any]]]) -> Topology:
    for other in sorted(set(topology.follows) - {service}):
        spread = sum(binding["source"] == spread_of(other) for binding in reported["bindings"])
        topology = topology.with_partitions(other, max(spread, 1))
    return topology


def drift_by_looking(amqp_url: str, service: str, topology: Topology) -> list[str]:
    """What can be told as the service's own user: whether its exchange and queues are there, and as they should be.

    Bindings cannot be looked at this way. Arguments are compared by declaring what is there already once more, which
    changes nothing; a user who may not declare anything (as in production) is only told what is missing.

    Raises:
        Outage: when the broker is away.
    """
    names = {exchange_of(service), spread_of(service), *topology.queues(service)}
    found = []
    with _connected(amqp_url) as connection:
        for exchange in topology.exchanges():
            if exchange["name"] in names:
                found += _look(connection, "exchange", exchange)
        for queue in topology.queue_definitions():
            if queue["name"] in names:
                found += _look(connection, "queue", queue)
    return found


def queue_depths(amqp_url: str, service: str, topology: Topology) -> dict[str, int]:
    """How many messages are ready in each of a service's queues; what a consumer has been sent already does not count.

    Raises:
        Outage: when the broker is away or a queue is missing.
    """
    with _connected(amqp_url) as connection:
        channel = connection.channel()
        names = topology.queues(service)
        return {name: channel.queue_declare(name, passive=True).method.message_count for name in names}


def vhost_of(amqp_url: str) -> str:
    """The virtual host that an AMQP address names; of several addresses, the first one's."""
    path = urllib.parse.urlsplit(addresses(amqp_url)[0]).path
    return urllib.parse.unquote(path[1:]) if len(path) > 1 else "/"


@contextmanager
def _connected(amqp_url: str) -> Iterator[Any]:
    try:
        # Of several nodes the first that answers.
        connection = pika.BlockingConnection([parameters(url, "gongzheng doctor") for url in addresses(amqp_url)])
    except UNREACHABLE as error:
        raise Outage(f"the broker is away: {type(error).__name__}") from error
    try:
        yield connection
    except AMQPError as error:
        raise Outage(f"the broker could not be looked at: {describe(error)}") from error
    finally:
        if connection.is_open:
            connection.close()


def _look(connection: Any, kind: str, wanted: dict[str, Any]) -> list[str]:
    name = wanted["name"]
    if _refusal(connection, kind, wanted, passive=True) == _NOT_FOUND:
        return [f"missing: the {kind} {name}"]
    refusal = _refusal(connection, kind, wanted, passive=False)
    return [f"the {kind} {name} has other properties or arguments than the table"] if refusal == _OTHERWISE else []


def _refusal(connection: Any, kind: str, wanted: dict[str, Any], *, passive: bool) -> int | None:
    """The code with which the broker refuses a declaration; None when it does not, or only the right is lacking."""
    channel = connection.channel()
    arguments = wanted["arguments"]
    try:
        if kind == "exchange":
            channel.exchange_declare(
                wanted["name"], wanted["type"], passive=passive, durable=wanted["durable"], arguments=arguments
            )
        else:
            channel.queue_declare(wanted["name"], passive=passive, durable=wanted["durable"], arguments=arguments)
    except ChannelClosedByBroker as error:
        if error.reply_code not in (_NOT_FOUND, _ACCESS_REFUSED, _OTHERWISE):
            raise
        return None if error.reply_code == _ACCESS_REFUSED else error.reply_code
    channel.close()
    return None
