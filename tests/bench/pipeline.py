"""The event pipeline beside the bare one: the relay alone, and relay, broker and inbox draining a full outbox."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from tests.bench import floors, ours
from tests.bench.measure import Result, compare
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

EVENTS = 20_000
SUBJECTS = 2_000
_DEADLINE_S = 180
_fork_free = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Bench:
    """Two databases and a broker; each round gets a fresh virtual host."""

    postgres: PostgresServer
    rabbit: RabbitServer
    producer: str
    consumer: str

    @classmethod
    def prepare(cls, postgres: PostgresServer, rabbit: RabbitServer) -> "Bench":
        """Make both databases with the tables of the suite."""
        producer, consumer = (postgres.url(postgres.create_database()) for _ in range(2))
        for url in (producer, consumer):
            ours.prepare(url)
        return cls(postgres, rabbit, producer, consumer)

    def fresh_broker(self) -> str:
        """The address of an empty virtual host."""
        return self.rabbit.url(self.rabbit.create_vhost())


def bare_relay(bench: Bench) -> float:
    """Events per second of the bare relay."""
    amqp = _loaded_floor(bench)
    return EVENTS / floors.relay(bench.producer, amqp)


def our_relay(bench: Bench) -> float:
    """Events per second of the suite's relay."""
    amqp = _loaded_ours(bench)
    stop = threading.Event()
    thread = threading.Thread(target=ours.relay, args=(bench.producer, amqp, stop))
    rate = _rate(bench.producer, "SELECT coalesce(max(position), 0) FROM outbox", thread.start)
    stop.set()
    thread.join()
    return rate


def bare_drain(bench: Bench) -> float:
    """Events per second from the bare outbox to the bare inbox."""
    amqp = _loaded_floor(bench)
    parts = [
        _fork_free.Process(target=floors.consume, args=(bench.consumer, amqp, EVENTS)),
        _fork_free.Process(target=floors.relay, args=(bench.producer, amqp)),
    ]
    return _drained(bench, "SELECT count(*) FROM bare_inbox", parts, None)


def our_drain(bench: Bench) -> float:
    """Events per second from outbox to inbox: contracts checked, signatures verified, lanes, an empty handler."""
    amqp = _loaded_ours(bench)
    stop = _fork_free.Event()
    parts = [
        _fork_free.Process(target=ours.consume, args=(bench.consumer, amqp, stop)),
        _fork_free.Process(target=ours.relay, args=(bench.producer, amqp, stop)),
    ]
    return _drained(bench, "SELECT count(*) FROM inbox", parts, stop)


def measure(bench: Bench) -> list[Result]:
    """Both comparisons."""
    config = {"events": EVENTS, "subjects": SUBJECTS, "queue": "quorum, one node", "durable": True}
    batches = {"relay_batch": floors.RELAY_BATCH, "in_flight": floors.IN_FLIGHT}
    return [
        compare(
            "relay",
            unit="events/s",
            ours=lambda: our_relay(bench),
            floor=lambda: bare_relay(bench),
            config=config | batches,
        ),
        compare(
            "pipeline_drain",
            unit="events/s",
            ours=lambda: our_drain(bench),
            floor=lambda: bare_drain(bench),
            config=config | batches | {"floor_consumer_batch": floors.CONSUMER_BATCH},
        ),
    ]


def _loaded_floor(bench: Bench) -> str:
    amqp = bench.fresh_broker()
    bodies = ours_bodies(bench)
    for url in (bench.producer, bench.consumer):
        floors.prepare(url, amqp)
    floors.preload(bench.consumer, [])
    floors.preload(bench.producer, bodies)
    return amqp


def ours_bodies(bench: Bench) -> list[tuple[str, str, str, str]]:
    """The same signed envelopes for the floor as for the suite."""
    ours.empty(bench.producer)
    return ours.preload(bench.producer, EVENTS, SUBJECTS)


def _loaded_ours(bench: Bench) -> str:
    ours.empty(bench.consumer)
    ours_bodies(bench)
    return bench.fresh_broker()


def _drained(bench: Bench, counted: LiteralString, parts: list[Any], stop: Any) -> float:
    """Start the consumer, then the relay; the rate is taken over the middle, when both are at full speed."""

    def start() -> None:
        for part in parts:
            part.start()

    try:
        return _rate(bench.consumer, counted, start)
    finally:
        if stop is not None:
            stop.set()
        for part in parts:
            part.join(30)
            if part.is_alive():
                part.kill()


def _rate(url: str, counted: LiteralString, start: Callable[[], None]) -> float:
    """Events per second between a twentieth and all of the events, seen from outside; start-up is not counted."""
    with psycopg.connect(url, autocommit=True) as watcher:
        start()
        deadline = time.monotonic() + _DEADLINE_S
        first: tuple[float, int] | None = None
        while time.monotonic() < deadline:
            row = watcher.execute(counted).fetchone()
            seen, now = int(row[0]) if row else 0, time.perf_counter()
            if first is None and seen >= EVENTS // 20:
                first = (now, seen)
            if first is not None and seen >= EVENTS:
                return (seen - first[1]) / (now - first[0])
            time.sleep(0.01)
    raise RuntimeError(f"not all events arrived within {_DEADLINE_S} s")
