"""The AMQP consumer: one thread talks to the broker, so that heartbeats flow; another one does the database's work."""

import queue
import threading
import time
from functools import partial
from typing import Any

import structlog

from gongzheng.messaging.amqp_connection import BrokerConnection
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.declaring import ensure_declared, is_declared
from gongzheng.messaging.failures import Outage, describe, is_outage
from gongzheng.messaging.pace import Backoff, Pace
from gongzheng.messaging.topology import TOPOLOGY, Topology, queue_of

log = structlog.get_logger()

PREFETCH = 500
BATCH = 500
_LOOK_S = 0.25
_LINGER_MAX_S = 0.002  # relays publish what they gathered at once: the rest of it is here in a moment, more is not
_EXCHANGE_SUFFIX = ".events"


class AmqpConsumer:
    """Reads one partition's queue and lets batches take effect.

    A batch is acknowledged after its commit, all at once, and only on the connection that delivered it: tags of an
    older connection mean nothing to a newer one. What was committed but not acknowledged comes again and is recognised.

    Of several consumers of a queue the broker lets one work, the one that came first, and the next one when that is
    gone. ``working_since`` (monotonic) says since when this one does; None while it waits in line or nothing came yet.
    A partition beyond those of the table is read while its queue is there, and then ``gone``.
    """

    def __init__(
        self, url: str, consumer: Consumer, *, partition: int = 1, topology: Topology = TOPOLOGY, batch: int = BATCH
    ) -> None:
        self._url, self._consumer, self._topology, self._batch = url, consumer, topology, batch
        self._service = consumer.mechanism.service
        self._queue = queue_of(self._service, partition)
        self._left_over = partition > topology.partitions_of(self._service)
        self.gone = False
        self.working_since: float | None = None
        self._handing_over = threading.Event()
        self._arrived: queue.SimpleQueue[tuple[int, Delivery]] = queue.SimpleQueue()
        self._generation = 0
        self._channel: Any = None
        self._pace = Pace(_LINGER_MAX_S)
        self._connection = BrokerConnection(
            url,
            f"gongzheng {self._service} consumer {partition}",
            prepare=self._prepare,
            on_channel=self._on_channel,
            on_lost=self._on_lost,
        )

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; then finish and acknowledge the batch at hand."""
        self._connection.start()
        try:
            while not stop.is_set() and not self.gone:
                if not self._connection.is_alive:
                    raise RuntimeError("the consumer's connection thread is not running")
                generation, batch = self._gather(stop)
                if batch and self._process(generation, batch, stop):
                    self._connection.call(partial(self._acknowledge, generation, batch[-1].tag))
                    self._pace.count(len(batch))
                if self._handing_over.is_set():
                    self._handing_over.clear()
                    self._connection.call(partial(self._connection.fail, "handed over to another worker"))
        finally:
            self._connection.stop()

    def hand_over(self) -> None:
        """After the batch at hand let the next one in line have the queue, and wait in line again."""
        self._handing_over.set()

    def _prepare(self) -> None:
        if not self._left_over:
            ensure_declared(self._url, self._topology, queue=self._queue, consumer=self._service)
        elif not is_declared(self._url, self._queue):
            self.gone = True
            raise Outage("the queue was left over and is gone")

    def _gather(self, stop: threading.Event) -> tuple[int, list[Delivery]]:
        """What one connection delivered, up to a batch; under load a few milliseconds are given to make it larger."""
        batch: list[Delivery] = []
        generation = self._generation
        try:
            generation, first = self._arrived.get(timeout=_LOOK_S)
            batch.append(first)
            if self._arrived.qsize() < self._batch and (linger_s := self._pace.linger_s):
                stop.wait(linger_s)
            while len(batch) < self._batch:
                delivered_in, delivery = self._arrived.get_nowait()
                if delivered_in != generation:
                    # The connection was lost in between: what the old one delivered comes again on the new one.
                    generation, batch = delivered_in, []
                batch.append(delivery)
        except queue.Empty:
            pass
        return generation, batch

    def _process(self, generation: int, batch: list[Delivery], stop: threading.Event) -> bool:
        """Let a batch take effect; in an outage of the database again and again, until somebody else has the batch."""
        backoff = Backoff()
        while generation == self._generation:
            trouble = self._try(batch)
            if trouble is None:
                return True
            if stop.is_set():
                return False
            log.warning("consumer_outage", service=self._service, error=describe(trouble, with_text=True))
            backoff.wait(stop)
        return False

    def _try(self, batch: list[Delivery]) -> Exception | None:
        try:
            self._consumer.process(batch)
        except Exception as error:
            if not is_outage(error):
                raise
            return error
        return None

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_cancel_callback(lambda _frame: self._connection.fail("the broker cancelled the consumer"))
        # As many as one batch takes: the next batch is on its way while this one is committed.
        channel.basic_qos(prefetch_count=max(PREFETCH, 2 * self._batch), callback=self._on_qos)

    def _on_qos(self, _frame: Any) -> None:
        self._channel.basic_consume(
            self._queue, partial(self._on_message, self._generation), callback=lambda _frame: self._on_consuming()
        )

    def _on_consuming(self) -> None:
        self._connection.established()
        log.info("consumer_reading", service=self._service, queue=self._queue)

    def _on_message(self, generation: int, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        if self.working_since is None:
            self.working_since = time.monotonic()
        origin = method.exchange.removesuffix(_EXCHANGE_SUFFIX)
        self._arrived.put((generation, Delivery(body, origin, method.delivery_tag)))

    def _acknowledge(self, generation: int, tag: int) -> None:
        if generation == self._generation and self._channel is not None and self._channel.is_open:
            self._channel.basic_ack(tag, multiple=True)

    def _on_lost(self, _reason: str) -> None:
        self._generation += 1
        self._channel = self.working_since = None
