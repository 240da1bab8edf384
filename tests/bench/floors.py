"""The bare floors: psycopg and pika by hand, with none of the guarantees that the suite adds.

The same inserts, publishes and reads as on the suite's own path, in the same batch sizes, with the same waiting under
load (:class:`gongzheng.messaging.pace.Pace`); but no leader, no log position, no sequence, no contract, no signature,
no lane and no recovery from anything.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import pika
import psycopg
from pika.spec import Basic

from gongzheng.ids import new_id
from gongzheng.messaging import amqp, amqp_consumer
from gongzheng.messaging import relay as our_relay
from gongzheng.messaging.pace import Pace
from tests.bench.events import TYPE, Arrivals, act

QUEUE = "floor"
RELAY_BATCH = our_relay.BATCH
CONSUMER_BATCH = amqp_consumer.BATCH
PREFETCH = max(amqp_consumer.PREFETCH, 2 * CONSUMER_BATCH)
IN_FLIGHT = amqp.AmqpPublisher.depth
PUBLISHED = (
    "SELECT coalesce((SELECT min(id) - 1 FROM bare_outbox WHERE published_at IS NULL),"
    " (SELECT max(id) FROM bare_outbox), 0)"
)
RECEIVED = "SELECT count(*) FROM bare_inbox"
_LOOK_S = 0.1
_TABLES = """
CREATE TABLE bare_outbox (
    id bigserial PRIMARY KEY, event_id text NOT NULL, type text NOT NULL, subject text NOT NULL, body text NOT NULL,
    published_at timestamptz);
CREATE INDEX bare_unpublished ON bare_outbox (id) WHERE published_at IS NULL;
CREATE TABLE bare_inbox (event_id text PRIMARY KEY, type text NOT NULL, body text NOT NULL);
CREATE TABLE bare_act (
    ref text PRIMARY KEY, title text NOT NULL, state text NOT NULL, priority integer NOT NULL, owner text NOT NULL,
    due date NOT NULL, amount bigint NOT NULL, notes text NOT NULL)
"""


def prepare(dsn: str) -> None:
    """Make the tables."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in _TABLES.split(";"):
            connection.execute(statement)


def empty(dsn: str) -> None:
    """Remove every row."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("TRUNCATE bare_outbox, bare_inbox, bare_act RESTART IDENTITY")


def declare(amqp_url: str) -> None:
    """Make the quorum queue."""
    broker = pika.BlockingConnection(pika.URLParameters(amqp_url))
    broker.channel().queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    broker.close()


def preload(dsn: str, bodies: Sequence[tuple[str, str, str, str]]) -> None:
    """Fill the outbox with (event id, type, subject, body)."""
    statement = "COPY bare_outbox (event_id, type, subject, body) FROM STDIN"
    with psycopg.connect(dsn) as connection:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for body in bodies:
                copy.write_row(body)
        connection.execute("ANALYZE bare_outbox")


def produce(dsn: str, rate_per_s: float, stop: threading.Event) -> None:
    """Commit a business row, an outbox row and a NOTIFY, again and again; a rate of 0 means as fast as it goes."""
    arrivals = Arrivals(rate_per_s)
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        while not stop.is_set():
            arrivals.wait()
            ref = new_id()
            cursor.execute("INSERT INTO bare_act VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", tuple(act(ref).values()))
            cursor.execute(
                "INSERT INTO bare_outbox (event_id, type, subject, body) VALUES (%s, %s, %s, %s)",
                (ref, TYPE, ref, json.dumps({"id": ref, "type": TYPE, "subject": ref, "filling": _FILLING})),
            )
            cursor.execute("NOTIFY bare")
            connection.commit()


# As long as our signed envelope of the same event.
_FILLING = "x" * 560


class BareRelay:
    """Reads unpublished rows, publishes them with confirms counted in windows, and marks them; three batches deep."""

    def __init__(self, dsn: str, amqp_url: str, stop: threading.Event) -> None:
        self._database = psycopg.connect(dsn, autocommit=True)
        self._listener = psycopg.connect(dsn, autocommit=True)
        self._listener.execute("LISTEN bare")
        self._stop = stop
        self._last = 0
        self._sent = 0
        self._confirmed = 0
        self._early: set[int] = set()
        self._batches: deque[tuple[int, list[int]]] = deque()
        self._pace = Pace()
        self._waiting = False
        self._full = True
        self._channel: Any = None
        self._connection = pika.SelectConnection(
            pika.URLParameters(amqp_url), on_open_callback=lambda c: c.channel(on_open_callback=self._opened)
        )

    def run(self) -> None:
        """Publish and mark what there is and what comes, until told to stop."""
        self._connection.ioloop.start()
        self._database.close()
        self._listener.close()

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirm, callback=lambda _frame: self._fill())
        loop = self._connection.ioloop
        loop.add_handler(self._listener.fileno(), self._notified, loop.READ)
        self._look()

    def _look(self) -> None:
        if self._stop.is_set():
            self._connection.close()
            self._connection.ioloop.stop()
            return
        self._connection.ioloop.call_later(_LOOK_S, self._look)

    def _notified(self, _fd: int, _events: int) -> None:
        for _ in self._listener.notifies(timeout=0):
            pass
        if not self._batches:
            self._go_on()

    def _go_on(self) -> None:
        """At once after a full batch; else when a few more will have come."""
        linger_s = 0.0 if self._full else self._pace.linger_s
        if self._waiting:
            return
        if linger_s:
            self._waiting = True
            self._connection.ioloop.call_later(linger_s, self._fill)
        else:
            self._fill()

    def _fill(self) -> None:
        self._waiting = False
        while len(self._batches) < IN_FLIGHT:
            rows = self._database.execute(
                "SELECT id, event_id, type, body FROM bare_outbox WHERE published_at IS NULL AND id > %s"
                " ORDER BY id LIMIT %s",
                # From the start when nothing is under way: a row that committed late has a lower number.
                (self._last if self._batches else 0, RELAY_BATCH),
            ).fetchall()
            self._full = len(rows) == RELAY_BATCH
            if rows:
                self._publish(rows)
            if not self._full:
                break

    def _publish(self, rows: Sequence[Any]) -> None:
        self._last = rows[-1][0]
        for _id, event_id, type_, body in rows:
            properties = pika.BasicProperties(
                delivery_mode=2, content_type="application/json", message_id=event_id, type=type_
            )
            self._channel.basic_publish("", QUEUE, body.encode(), properties)
        self._sent += len(rows)
        self._batches.append((self._sent, [row[0] for row in rows]))

    def _confirm(self, frame: Any) -> None:
        method = frame.method
        if isinstance(method, Basic.Nack):
            raise RuntimeError("the broker refused a message")  # noqa: TRY004 a nack is no wrong type
        if method.multiple:
            self._confirmed = max(self._confirmed, method.delivery_tag)
        else:
            self._early.add(method.delivery_tag)
        while self._confirmed + 1 in self._early:
            self._confirmed += 1
            self._early.discard(self._confirmed)
        marked = False
        while self._batches and self._batches[0][0] <= self._confirmed:
            _, ids = self._batches.popleft()
            self._database.execute("UPDATE bare_outbox SET published_at = clock_timestamp() WHERE id = ANY(%s)", (ids,))
            self._pace.count(len(ids))
            marked = True
        if marked:
            self._go_on()


def relay(dsn: str, amqp_url: str, stop: threading.Event) -> None:
    """Run the bare relay until told to stop."""
    BareRelay(dsn, amqp_url, stop).run()


def consume(dsn: str, amqp_url: str, stop: threading.Event) -> None:
    """Insert into the bare inbox what comes, a commit and a multiple ack per batch, until told to stop."""
    broker = pika.BlockingConnection(pika.URLParameters(amqp_url))
    channel = broker.channel()
    channel.basic_qos(prefetch_count=PREFETCH)
    batch: list[tuple[str, str, str, int]] = []
    pace = Pace()

    def flush(cursor: psycopg.Cursor[Any]) -> None:
        cursor.execute(
            "INSERT INTO bare_inbox SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            ([b[0] for b in batch], [b[1] for b in batch], [b[2] for b in batch]),
        )
        cursor.connection.commit()
        channel.basic_ack(batch[-1][3], multiple=True)
        pace.count(len(batch))
        batch.clear()

    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:

        def take(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            batch.append((properties.message_id, properties.type, body.decode(), method.delivery_tag))
            if len(batch) >= CONSUMER_BATCH:
                flush(cursor)

        channel.basic_consume(QUEUE, take)
        while not stop.is_set():
            broker.process_data_events(time_limit=_LOOK_S)
            until = time.monotonic() + pace.linger_s
            while batch and (left_s := until - time.monotonic()) > 0:
                broker.process_data_events(time_limit=left_s)
            if batch:
                flush(cursor)
    broker.close()
