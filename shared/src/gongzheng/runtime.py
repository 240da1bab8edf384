"""A service put together, and what its processes run: the application, and the worker's threads beside it."""

import json
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from peewee import Database

from gongzheng.audit.sealer import Sealer
from gongzheng.db.mechanism import Mechanism
from gongzheng.http import idempotency, throttle
from gongzheng.messaging import metrics
from gongzheng.messaging.consumer import Consumer, Feed
from gongzheng.messaging.envelope import Trust
from gongzheng.messaging.flow import silent_streams
from gongzheng.messaging.keys import trusted_keys
from gongzheng.messaging.projection import Projection
from gongzheng.messaging.relay import Relay, Transport
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng.messaging.worker import Part, Worker, retry_part
from gongzheng.messaging.worker_http import WorkerHttp
from gongzheng.observability.logging import configure_logging
from gongzheng.settings import SettingsError
from gongzheng.timers import Timer, Timers

FEED_TIMEOUT_S = 10
FEED_BYTES_MAX = 8_388_608
SWEEP_EVERY_S = 3600
SEAL_EVERY_S = 5
SPARE_CONNECTIONS = 6

UowFactory = Callable[..., Any]
Handler = Callable[[Any, Any], None]


@dataclass(kw_only=True)
class Service:
    """One service, wired by its ``bootstrap``.

    ``uow_factory(actor, cause=None)`` makes a unit of work; ``consumer_handlers`` maps event types to handlers
    ``(uow, envelope)``; ``bindings`` are the whole streams it follows, as (producer, stream); ``migrations`` is the
    package of its migrations; ``projections`` are what ``gongzheng replay`` can make again. ``loops`` are further
    threads of the worker by name, beside the timers: each works until the event given to it is set, and never ends
    before.
    """

    name: str
    database: Database
    mechanism: Mechanism
    app: Flask
    uow_factory: UowFactory
    settings: Any
    migrations: str
    consumer_handlers: Mapping[str, Handler] = field(default_factory=dict)
    bindings: Sequence[tuple[str, str]] = ()
    timers: Sequence[Timer] = ()
    projections: Sequence[Projection] = ()
    loops: Mapping[str, Callable[[threading.Event], None]] = field(default_factory=dict)


def wsgi(bootstrap_from_env: Callable[[], Service]) -> Flask:
    """The application for gunicorn: wired from the environment, with the process's logging configured."""
    service = bootstrap_from_env()
    configure_logging(service.settings.log_level)
    return service.app


def consumer_of(service: Service, feeds: Mapping[str, Feed] | None = None) -> Consumer:
    """The consumer of a service, with the keys it trusts and the feeds it may ask for events that went missing.

    Raises:
        SettingsError: when no producers' keys are given and events come from outside this process.
    """
    settings = service.settings
    if not settings.trusted_keys and not settings.embedded:
        raise SettingsError(
            f"{service.name.upper()}_TRUSTED_KEYS is not set: without the producers' public keys a forged event would"
            " be believed."
        )
    return Consumer(
        service.mechanism,
        service.uow_factory,
        service.consumer_handlers,
        feeds if feeds is not None else feeds_of(settings),
        trust=trust_from(settings.trusted_keys),
    )


def timers_of(service: Service) -> list[Timer]:
    """The service's own timers and those of the mechanism: sweeping and the sealing of the audit trail."""
    mechanism = service.mechanism
    common = [
        Timer("idempotency-sweep", SWEEP_EVERY_S, lambda: idempotency.sweep(mechanism)),
        Timer("throttle-sweep", SWEEP_EVERY_S, lambda: throttle.sweep(mechanism)),
        Timer("audit-seal", SEAL_EVERY_S, Sealer(mechanism).seal),
    ]
    return [*service.timers, *common]


def timer_part(service: Service) -> Part:
    """The thread that runs the timers that are due."""
    timers = Timers(service.mechanism, timers_of(service))
    return Part(f"timers-{service.name}", timers.run_until)


def loop_parts(service: Service) -> list[Part]:
    """The service's own threads."""
    return [Part(f"{name}-{service.name}", run) for name, run in service.loops.items()]


def relay_part(service: Service, transport: Transport) -> Part:
    """The thread that publishes the outbox."""
    return Part(f"relay-{service.name}", Relay(service.mechanism, transport).run)


def worker_of(service: Service, *, only: Sequence[str] = ()) -> Worker:
    """Everything that a service does beside its API, or only the parts named: relay, consumer, timers.

    Raises:
        SettingsError: when a part needs the broker and no address of it is set.
    """
    wanted = set(only) or {"relay", "consumer", "timers"}
    parts: list[Part] = []
    if wanted & {"relay", "consumer"}:
        if not service.settings.amqp_url:
            raise SettingsError(
                f"{service.name.upper()}_AMQP_URL is not set: the relay and the consumer need the broker; "
                "--only timers runs without it."
            )
        parts += _broker_parts(service, wanted)
    if "timers" in wanted:
        parts += [timer_part(service), *loop_parts(service)]
    return Worker(parts)


def _broker_parts(service: Service, wanted: set[str]) -> list[Part]:
    from gongzheng.messaging.amqp import AmqpPublisher  # noqa: PLC0415 the broker's client: in real deployments only
    from gongzheng.messaging.partitions import PartitionedConsumer  # noqa: PLC0415 as above

    parts: list[Part] = []
    url = service.settings.amqp_url
    topology = TOPOLOGY.with_partitions(service.name, service.settings.partitions)

    def publish(partition: int, stop: threading.Event) -> None:
        with AmqpPublisher(url, service.name, topology=topology) as publisher:
            Relay(service.mechanism, publisher, partition=partition).run(stop)

    if "relay" in wanted:
        count = service.mechanism.relay_partitions
        parts += [Part(f"relay-{service.name}-{n + 1}", partial(publish, n)) for n in range(count)]
    if "consumer" in wanted:
        _check_connections(service)
        consumer = consumer_of(service)
        reading = PartitionedConsumer(url, consumer, topology=topology)
        parts += [Part(f"consumer-{service.name}", reading.run), retry_part(consumer)]
    return parts


def _check_connections(service: Service) -> None:
    """Each partition's thread holds a connection: with too few of them some would wait for ever."""
    needed = service.settings.partitions + SPARE_CONNECTIONS
    if service.settings.database_connections_max < needed:
        name = service.name.upper()
        raise SettingsError(
            f"{name}_DATABASE_CONNECTIONS_MAX must be at least {needed} for {name}_PARTITIONS ="
            f" {service.settings.partitions}: one for each, and {SPARE_CONNECTIONS} for everything else."
        )


def worker_http(service: Service, worker: Worker, bind: str, port: int) -> WorkerHttp:
    """The worker's own port: whether its parts and its database are well, and figures looked at when they are asked.

    Raises:
        OSError: when the address is taken or not ours.
    """
    mechanism, settings = service.mechanism, service.settings

    def ready() -> None:
        with _connection_of_this_request(mechanism):
            mechanism.execute("SELECT 1").fetchone()

    def measure() -> None:
        with _connection_of_this_request(mechanism):
            metrics.measure(mechanism)
            silent_streams(mechanism, settings.expect_events)

    refresh: dict[str, Callable[[], object]] = {"database": measure}
    if settings.amqp_url:
        from gongzheng.messaging.drift import queue_depths  # noqa: PLC0415 the broker's client

        topology = TOPOLOGY.with_partitions(service.name, settings.partitions)
        refresh["broker"] = lambda: metrics.queued(
            service.name, queue_depths(settings.amqp_url, service.name, topology)
        )
    return WorkerHttp(bind, port, live=lambda: worker.healthy, ready=ready, refresh=refresh)


@contextmanager
def _connection_of_this_request(mechanism: Mechanism) -> Iterator[None]:
    """Each request has a thread of its own, which ends and must not take a connection with it."""
    mechanism.ensure_connected()
    try:
        yield
    finally:
        mechanism.database.close()


def trust_from(path: str) -> Trust | None:
    """The producers' public keys from a file, see :mod:`gongzheng.messaging.keys`. An empty path trusts everybody.

    Raises:
        SettingsError: when the file cannot be read or is no such file.
    """
    return Trust.of(trusted_keys(path)) if path else None


def feeds_of(settings: Any) -> dict[str, Feed]:
    """The producers' feeds over HTTP, from ``feeds`` (service → address) and ``feed_token_file``."""
    return {name: http_feed(url, settings.feed_token_file) for name, url in (settings.feeds or {}).items()}


def http_feed(base_url: str, token_file: str) -> Feed:
    """A producer's ``/api/v1/events`` as a feed; the token is read at each use, so that it may be renewed under us."""
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError(f"{base_url} is not the address of a feed.")

    def read(stream: str, subject: str, after: int) -> list[str]:
        query = urllib.parse.urlencode({"stream": stream, "subject": subject, "from_sequence": after + 1, "limit": 100})
        request = urllib.request.Request(f"{base_url.rstrip('/')}/api/v1/events?{query}")  # noqa: S310 checked above
        if token_file:
            request.add_header("Authorization", f"Bearer {Path(token_file).read_text(encoding='utf-8').strip()}")
        with urllib.request.urlopen(request, timeout=FEED_TIMEOUT_S) as answer:  # noqa: S310 checked above
            page = json.loads(answer.read(FEED_BYTES_MAX))
        return [json.dumps(item, ensure_ascii=False) for item in page["items"]]

    return read
