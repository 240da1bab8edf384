"""Events that arrive again or in another order: taken from an outbox and published as their producer would."""

import random
from contextlib import suppress
from typing import Any, NamedTuple

import pika
import psycopg

from gongzheng.messaging.amqp_connection import UNREACHABLE, addresses
from gongzheng.messaging.envelope import CONTENT_TYPE
from gongzheng.messaging.outbox import routing_key
from gongzheng.messaging.topology import LANE_HEADER, exchange_of

TIMEOUT_S = 5


class Event(NamedTuple):
    """A row of an outbox."""

    event_id: str
    type: str
    stream: str
    subject: str
    body: str
    published_at: str | None


_SELECT = "SELECT event_id, type, stream, subject, body, published_at FROM outbox"


def older_events(database: str, count: int, seed: int) -> list[Event]:
    """Events drawn from the whole outbox, in any order."""
    chance = random.Random(seed)  # noqa: S311 chance that can be repeated, not a secret
    with psycopg.connect(database, connect_timeout=TIMEOUT_S) as connection:
        last = connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
        ids = chance.choices(range(1, last[0] + 1), k=count) if last and last[0] else []
        rows = connection.execute(f"{_SELECT} WHERE id = ANY(%s) ORDER BY id", (ids,)).fetchall()
    return _shuffled(rows, chance)


def waiting_events(database: str, count: int, seed: int) -> list[Event]:
    """The newest events, in any order; those among them that no relay has published yet arrive early."""
    chance = random.Random(seed)  # noqa: S311 chance that can be repeated, not a secret
    with psycopg.connect(database, connect_timeout=TIMEOUT_S) as connection:
        rows = connection.execute(f"{_SELECT} ORDER BY id DESC LIMIT %s", (count,)).fetchall()
    return _shuffled(rows, chance)


def scattered_events(database: str, count: int, seed: int) -> list[Event]:
    """Half of those, so that others are missing between them."""
    events = waiting_events(database, count, seed)
    return events[: len(events) // 2 + 1]


def _shuffled(rows: list[tuple[str, ...]], chance: random.Random) -> list[Event]:
    events = [Event(*row) for row in rows]
    chance.shuffle(events)
    return events


def publish(brokers: str, producer: str, events: list[Event]) -> None:
    """Publish to the producer's exchange, confirmed, at the first node that is there.

    ``brokers`` are the nodes' addresses with the producer's own rights.
    """
    connection = _connect(brokers)
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        for event in events:
            properties = pika.BasicProperties(
                delivery_mode=2,
                content_type=CONTENT_TYPE,
                message_id=event.event_id,
                type=event.type,
                headers={LANE_HEADER: f"{event.stream}|{event.subject}"},
            )
            key = routing_key(event.stream, event.type)
            channel.basic_publish(exchange_of(producer), key, event.body.encode(), properties, mandatory=True)
    finally:
        if connection.is_open:
            connection.close()


def _connect(brokers: str) -> Any:
    *others, last = addresses(brokers)
    for address in others:
        with suppress(*UNREACHABLE):
            return pika.BlockingConnection(_parameters(address))
    return pika.BlockingConnection(_parameters(last))


def _parameters(address: str) -> pika.URLParameters:
    found = pika.URLParameters(address)
    found.socket_timeout = found.stack_timeout = found.blocked_connection_timeout = TIMEOUT_S
    found.connection_attempts = 1
    found.heartbeat = TIMEOUT_S  # a node that stands still is noticed
    return found
