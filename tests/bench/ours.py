"""The suite's own event pipeline, prepared so that it can be measured beside the bare one."""

import threading
from typing import Any

from peewee import Database

from gongzheng.contracts import registry
from gongzheng.db import mechanism as tables
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.messaging.amqp import AmqpPublisher
from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.envelope import Ed25519Signer, Trust
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.topology import Topology
from tests.bench.events import TYPE, Reported, reported

SOURCE = "https://gongzheng.example/cases"
SIGNER = Ed25519Signer("1", b"bench-only-seed-of-32-bytes-long")
TOPOLOGY = Topology(streams={"cases": ("case",)}, follows={"fees": (("cases", "case"),)})
_TRUNCATE = "TRUNCATE stream, outbox, inbox, lane, parked, audit"
_PER_COMMIT = 500


def open_service(url: str, service: str) -> Mechanism:
    """A service's mechanism over a database."""
    return Mechanism(
        database=open_database(url),
        service=service,
        source=SOURCE,
        event_types={Reported: TYPE},
        contracts=registry(),
        signer=SIGNER,
    )


def close(database: Any) -> None:
    """Give every pooled connection back to the server."""
    database.close_all()


def prepare(url: str) -> None:
    """Make the tables."""
    database: Database = open_database(url)
    database.connect()
    tables.create_tables(database)
    close(database)


def empty(url: str) -> None:
    """Remove every event."""
    mechanism = open_service(url, "cases")
    mechanism.ensure_connected()
    mechanism.execute(_TRUNCATE)
    close(mechanism.database)


def preload(url: str, count: int, subjects: int) -> list[tuple[str, str, str, str]]:
    """Emit so many events through the unit of work; (event id, type, subject, body) of each."""
    mechanism = open_service(url, "cases")
    for start in range(0, count, _PER_COMMIT):
        with UnitOfWork(mechanism) as uow:
            for number in range(start, min(start + _PER_COMMIT, count)):
                event = reported(f"01K9Z5V0T3H7Q2N8R6M4{number % subjects:06d}")
                uow.emit(event.case_id, event)
    mechanism.execute("ANALYZE outbox")
    rows = mechanism.execute("SELECT event_id, type, subject, body FROM outbox ORDER BY id").fetchall()
    close(mechanism.database)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def relay(url: str, amqp: str, stop: threading.Event) -> None:
    """Run the relay until told to stop."""
    mechanism = open_service(url, "cases")
    with AmqpPublisher(amqp, "cases", topology=TOPOLOGY) as publisher:
        Relay(mechanism, publisher).run(stop)
    close(mechanism.database)


def consume(url: str, amqp: str, stop: threading.Event) -> None:
    """Run a consumer with an empty handler, contracts checked and signatures verified, until told to stop."""
    mechanism = open_service(url, "fees")
    trust = Trust({SOURCE: {"1": SIGNER.public_bytes()}})
    consumer = Consumer(mechanism, lambda actor: UnitOfWork(mechanism, actor=actor), {TYPE: _nothing}, trust=trust)
    AmqpConsumer(amqp, consumer, topology=TOPOLOGY).run(stop)
    close(mechanism.database)


def _nothing(_uow: Any, _event: Any) -> None:
    """The empty handler: what is measured is the pipeline, not a service."""
