"""The in-process bus: the same outbox, relay, inbox and lanes as with a broker, with a function call in its place.

A row is marked as published only when every consumer that follows its stream has committed it to its own inbox, so a
process that is killed at any moment goes on where it was.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

import structlog

from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.failures import Outage, describe, is_outage
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.topology import TOPOLOGY, Topology

log = structlog.get_logger()


class EmbeddedBus:
    """Connects the services of one process; each takes its transport from :meth:`transport`."""

    def __init__(self, consumers: Mapping[str, Consumer] | None = None, topology: Topology = TOPOLOGY) -> None:
        self._consumers: dict[str, Consumer] = {}
        # SQLite has one writer per file. Waiting here is fair; waiting for the file's lock is not.
        self._locks: dict[str, threading.Lock] = {}
        self._topology = topology
        for service, consumer in (consumers or {}).items():
            self.connect(service, consumer)

    def connect(self, service: str, consumer: Consumer) -> None:
        """Let a service follow the streams that the topology gives it."""
        self._consumers[service] = consumer
        self._locks[service] = threading.Lock()

    def transport(self, producer: str) -> "EmbeddedTransport":
        """What the relay of a producer publishes to."""
        return EmbeddedTransport(self, producer)

    def deliver(self, producer: str, rows: Sequence[Row]) -> dict[int, str]:
        """Bring rows to every follower and return when all have committed them; the rows that nobody follows, refused.

        Raises:
            Outage: when a consumer's database is away; some followers may have committed, which does no harm.
        """
        streams = {row.stream for row in rows}
        followers = {stream: self._topology.followers(producer, stream) for stream in streams}
        for service, consumer in self._consumers.items():
            batch = [Delivery(row.body, origin=producer) for row in rows if service in followers[row.stream]]
            if batch:
                with self._locks[service]:
                    _process(service, consumer, batch)
        return {row.id: "nobody follows this stream" for row in rows if not followers[row.stream]}


class EmbeddedTransport:
    """The transport of one producer's relay."""

    depth = 1

    def __init__(self, bus: EmbeddedBus, producer: str) -> None:
        self._bus, self._producer = bus, producer

    def send(self, rows: Sequence[Row]) -> "Future[dict[int, str]]":
        """Deliver at once; the answer is ready on return."""
        answer: Future[dict[int, str]] = Future()
        answer.set_result(self._bus.deliver(self._producer, rows))
        return answer

    def is_blocked(self) -> bool:
        """A function call never asks to wait."""
        return False

    def start_over(self) -> None:
        """Nothing to do: a function call has answered."""


def _process(service: str, consumer: Consumer, batch: list[Delivery]) -> None:
    try:
        consumer.process(batch)
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("consumer_outage", service=service, error=describe(error))
        raise Outage(f"{service} cannot take events now") from error
