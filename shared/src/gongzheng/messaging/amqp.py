"""The AMQP publisher: the relay's transport to RabbitMQ, with confirmations counted in windows."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import pika
from pika import spec

from gongzheng.messaging.amqp_connection import BrokerConnection
from gongzheng.messaging.declaring import ensure_declared
from gongzheng.messaging.envelope import CONTENT_TYPE
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.topology import LANE_HEADER, TOPOLOGY, Topology, exchange_of

_CHUNK = 100
_READY_TIMEOUT_S = 5.0
_PERSISTENT = 2


@dataclass
class _Batch:
    """Rows on their way. ``first_tag`` is the delivery tag of the first one, once it is sent."""

    rows: Sequence[Row]
    answer: "Future[dict[int, str]]" = field(default_factory=Future)
    first_tag: int = 0
    sent: int = 0
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def is_sent(self) -> bool:
        return self.sent == len(self.rows)

    @property
    def last_tag(self) -> int:
        return self.first_tag + len(self.rows) - 1


class AmqpPublisher:
    """Publishes one service's events to its exchange; a context manager.

    Every message is persistent and mandatory. A batch is answered when the broker has confirmed each of its messages,
    which for a quorum queue means that a majority of the nodes has it on disk. What the broker returned as unroutable
    or did not accept is answered as refused; a lost connection fails every batch that was under way.
    """

    depth = 3

    def __init__(self, url: str, service: str, *, topology: Topology = TOPOLOGY) -> None:
        self._exchange = exchange_of(service)
        self._guard = threading.Lock()
        self._ready = threading.Event()
        self._waiting: deque[_Batch] = deque()  # not yet taken up by the loop; guarded
        self._open: deque[_Batch] = deque()  # this and all below belong to the loop's thread
        self._channel: Any = None
        self._tag = 0
        self._confirmed = 0
        self._confirmed_beyond: set[int] = set()
        self._is_doubtful = False
        self._connection = BrokerConnection(
            url,
            f"gongzheng {service} relay",
            prepare=lambda: ensure_declared(url, topology, exchange=self._exchange),
            on_channel=self._on_channel,
            on_lost=self._on_lost,
        )

    def __enter__(self) -> Self:
        self._connection.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.stop()

    def is_blocked(self) -> bool:
        """Whether the broker, short of memory or disk, has asked publishers to wait."""
        return self._connection.blocked

    def start_over(self) -> None:
        """Open another connection; what was not confirmed on this one is answered as an outage."""
        self._connection.call(lambda: self._connection.fail("no confirmation came"))

    def send(self, rows: Sequence[Row]) -> "Future[dict[int, str]]":
        """Hand a batch to the connection's thread.

        Raises:
            Outage: when there is no connection and none came within 5 s.
            RuntimeError: when the connection's thread has died, which no waiting mends.
        """
        if not self._connection.is_alive:
            raise RuntimeError("the publisher's connection thread is not running")
        self._ready.wait(_READY_TIMEOUT_S)
        batch = _Batch(rows)
        with self._guard:
            if not self._ready.is_set():
                raise Outage("the broker is away")
            self._waiting.append(batch)
        self._connection.call(self._pump)
        return batch.answer

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        self._tag = self._confirmed = 0
        self._confirmed_beyond.clear()
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=self._on_ready)

    def _on_ready(self, _frame: Any) -> None:
        self._connection.established()
        with self._guard:
            self._ready.set()

    def _on_lost(self, reason: str) -> None:
        with self._guard:
            self._ready.clear()
            lost = [*self._open, *self._waiting]
            self._waiting.clear()
        self._open.clear()
        self._channel = None
        for batch in lost:
            batch.answer.set_exception(Outage(f"the connection was lost before all was confirmed: {reason}"))

    def _pump(self) -> None:
        """Send a chunk, then let the loop read confirmations and heartbeats before the next one."""
        if self._channel is None or not self._channel.is_open:
            return
        batch = self._next_batch()
        if batch is None:
            return
        if not batch.sent:
            batch.first_tag = self._tag + 1
        chunk = batch.rows[batch.sent : batch.sent + _CHUNK]
        for row in chunk:
            self._channel.basic_publish(
                self._exchange, row.routing_key, row.body.encode(), _properties(row), mandatory=True
            )
        self._tag += len(chunk)
        batch.sent += len(chunk)
        self._connection.call(self._pump)

    def _next_batch(self) -> _Batch | None:
        if self._open and not self._open[-1].is_sent:
            return self._open[-1]
        with self._guard:
            if not self._waiting:
                return None
            self._open.append(self._waiting.popleft())
        return self._open[-1]

    def _on_return(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        # The broker returns an unroutable message first and confirms it afterwards.
        self._refuse_where(lambda _tag, row: row.event_id == properties.message_id, f"returned: {method.reply_text}")

    def _on_confirm(self, frame: Any) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        if isinstance(frame.method, spec.Basic.Nack):
            self._is_doubtful = True
            low, beyond = self._confirmed, self._confirmed_beyond
            self._refuse_where(
                lambda t, _row: t == tag or (multiple and low < t < tag and t not in beyond),
                "not accepted by the broker",
            )
        if multiple:
            self._confirmed = max(self._confirmed, tag)
            self._confirmed_beyond = {t for t in self._confirmed_beyond if t > self._confirmed}
        else:
            self._confirmed_beyond.add(tag)
        while self._confirmed + 1 in self._confirmed_beyond:
            self._confirmed += 1
            self._confirmed_beyond.discard(self._confirmed)
        while self._open and self._open[0].is_sent and self._open[0].last_tag <= self._confirmed:
            batch = self._open.popleft()
            batch.answer.set_result(batch.refused)
        if self._is_doubtful and not self._open:
            # A channel that first met a queue between its old leader and the new one may refuse everything for as long
            # as the old one's node is away; another channel asks anew.
            self._is_doubtful = False
            self._connection.fail("the broker did not accept all")

    def _refuse_where(self, applies: Callable[[int, Row], bool], reason: str) -> None:
        for batch in self._open:
            for tag, row in enumerate(batch.rows[: batch.sent], batch.first_tag):
                if applies(tag, row):
                    batch.refused[row.id] = reason


def _properties(row: Row) -> Any:
    return pika.BasicProperties(
        delivery_mode=_PERSISTENT,
        content_type=CONTENT_TYPE,
        message_id=row.event_id,
        type=row.type,
        headers={LANE_HEADER: f"{row.stream}|{row.subject}"},
    )
