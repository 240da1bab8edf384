"""The bare floors: psycopg and pika by hand, with none of the guarantees that the suite adds.

Each does the same inserts, publishes and reads as the suite's own path, in the same batch sizes.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import pika
import psycopg
from pika.spec import Basic

QUEUE = "floor"
RELAY_BATCH = 500
CONSUMER_BATCH = 200
IN_FLIGHT = 3

TABLES = """
CREATE TABLE IF NOT EXISTS bare_outbox (
    id bigserial PRIMARY KEY, event_id text NOT NULL, type text NOT NULL, subject text NOT NULL, body text NOT NULL,
    published_at timestamptz);
CREATE INDEX IF NOT EXISTS bare_unpublished ON bare_outbox (id) WHERE published_at IS NULL;
CREATE TABLE IF NOT EXISTS bare_inbox (event_id text PRIMARY KEY, type text NOT NULL, body text NOT NULL)
"""


def prepare(dsn: str, amqp: str) -> None:
    """Make the tables and an empty quorum queue."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in TABLES.split(";"):
            connection.execute(statement)
    broker = pika.BlockingConnection(pika.URLParameters(amqp))
    channel = broker.channel()
    channel.queue_delete(QUEUE)
    channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    broker.close()


def preload(dsn: str, bodies: Sequence[tuple[str, str, str, str]]) -> None:
    """Fill the bare outbox with (event id, type, subject, body) and empty the bare inbox."""
    with psycopg.connect(dsn) as connection:
        connection.execute("TRUNCATE bare_outbox, bare_inbox")
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY bare_outbox (event_id, type, subject, body) FROM STDIN") as copy,
        ):
            for body in bodies:
                copy.write_row(body)
        connection.commit()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE bare_outbox")


class BareRelay:
    """Reads unpublished rows, publishes them with confirms counted in windows, and marks them; three batches deep."""

    def __init__(self, dsn: str, amqp: str) -> None:
        self._database = psycopg.connect(dsn, autocommit=True)
        self._amqp = amqp
        self._last = 0
        self._sent = 0
        self._confirmed = 0
        self._early: set[int] = set()
        self._batches: deque[tuple[int, list[int]]] = deque()
        self._channel: Any = None
        self._connection: Any = None
        self._done_at: float | None = None

    def drain(self) -> float:
        """Publish and mark everything that is there; the seconds it took."""
        self._connection = pika.SelectConnection(
            pika.URLParameters(self._amqp), on_open_callback=lambda c: c.channel(on_open_callback=self._opened)
        )
        start = time.perf_counter()
        self._connection.ioloop.start()
        self._database.close()
        assert self._done_at is not None
        return self._done_at - start

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.confirm_delivery(self._confirm, callback=lambda _frame: self._fill())

    def _fill(self) -> None:
        while len(self._batches) < IN_FLIGHT:
            rows = self._database.execute(
                "SELECT id, event_id, type, body FROM bare_outbox WHERE published_at IS NULL AND id > %s"
                " ORDER BY id LIMIT %s",
                (self._last, RELAY_BATCH),
            ).fetchall()
            if not rows:
                break
            self._last = rows[-1][0]
            for _id, event_id, type_, body in rows:
                properties = pika.BasicProperties(
                    delivery_mode=2, content_type="application/json", message_id=event_id, type=type_
                )
                self._channel.basic_publish("", QUEUE, body.encode(), properties)
            self._sent += len(rows)
            self._batches.append((self._sent, [row[0] for row in rows]))
        if not self._batches:
            self._done_at = time.perf_counter()
            self._connection.close()
            self._connection.ioloop.stop()

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
            marked = True
        if marked:
            self._fill()


def relay(dsn: str, amqp: str) -> float:
    """Drain the bare outbox; the seconds it took."""
    return BareRelay(dsn, amqp).drain()


def consume(dsn: str, amqp: str, total: int) -> float:
    """Insert so many messages into the bare inbox, a commit and a multiple ack per batch; the moment of the last."""
    broker = pika.BlockingConnection(pika.URLParameters(amqp))
    channel = broker.channel()
    channel.basic_qos(prefetch_count=2 * CONSUMER_BATCH)
    batch: list[tuple[str, str, str, int]] = []
    seen = 0

    def flush(cursor: psycopg.Cursor[Any]) -> None:
        nonlocal seen
        if not batch:
            return
        cursor.execute(
            "INSERT INTO bare_inbox SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            ([b[0] for b in batch], [b[1] for b in batch], [b[2] for b in batch]),
        )
        cursor.connection.commit()
        channel.basic_ack(batch[-1][3], multiple=True)
        seen += len(batch)
        batch.clear()

    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:

        def take(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
            batch.append((properties.message_id, properties.type, body.decode(), method.delivery_tag))
            if len(batch) >= CONSUMER_BATCH:
                flush(cursor)

        channel.basic_consume(QUEUE, take)
        while seen < total:
            broker.process_data_events(time_limit=0.05)
            flush(cursor)
        finished = time.perf_counter()
    broker.close()
    return finished
