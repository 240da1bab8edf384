"""The suite's own event pipeline, in processes of its own: producers, relay and consumer, wired as services are."""

import threading
from collections.abc import Sequence
from typing import Any

from peewee import Database

from cases.adapters import sql
from gongzheng.contracts import registry
from gongzheng.db import mechanism as tables
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.ids import new_id
from gongzheng.messaging.amqp import AmqpPublisher
from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.envelope import Ed25519Signer, Trust
from gongzheng.messaging.relay import Relay
from gongzheng.messaging.topology import Topology
from gongzheng.observability.logging import configure_logging
from tests.bench.events import TYPE, Arrivals, Reported, act, reported
from tests.bench.machine import peak_mib

SOURCE = "https://gongzheng.example/cases"
SIGNER = Ed25519Signer("1", b"bench-only-seed-of-32-bytes-long")
TOPOLOGY = Topology(streams={"cases": ("case",)}, follows={"fees": (("cases", "case"),)})
PUBLISHED = "SELECT coalesce(max(position), 0) FROM outbox"
RECEIVED = "SELECT count(*) FROM inbox"
_TRUNCATE = "TRUNCATE stream, outbox, inbox, lane, parked, audit, act"
_PER_COMMIT = 500


_ACT = (
    "CREATE TABLE act (ref text PRIMARY KEY, title text NOT NULL, state text NOT NULL, priority integer NOT NULL,"
    " owner text NOT NULL, due date NOT NULL, amount bigint NOT NULL, notes text NOT NULL)"
)
"""The business row of the producers; the same as the floor's ``bare_act``."""


def open_service(url: str, service: str) -> Mechanism:
    """A service's mechanism over a database."""
    configure_logging("WARNING")
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
    database.execute_sql(_ACT)
    close(database)


def empty(url: str) -> None:
    """Remove every event."""
    mechanism = open_service(url, "cases")
    mechanism.ensure_connected()
    mechanism.execute(_TRUNCATE)
    close(mechanism.database)


def preload(url: str, count: int, subjects: int) -> list[tuple[str, str, str, str]]:
    """Emit so many events about so many cases in turn; (event id, type, subject, body) of each, in order."""
    return emit_about(url, [f"01K9Z5V0T3H7Q2N8R6M4{number % subjects:06d}" for number in range(count)])


def emit_about(url: str, case_ids: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """Emit an event about each of these cases through the unit of work."""
    mechanism = open_service(url, "cases")
    mechanism.ensure_connected()
    last = mechanism.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]
    for start in range(0, len(case_ids), _PER_COMMIT):
        with UnitOfWork(mechanism) as uow:
            for case_id in case_ids[start : start + _PER_COMMIT]:
                uow.emit(case_id, reported(case_id))
    mechanism.execute("ANALYZE outbox")
    rows = mechanism.execute("SELECT event_id, type, subject, body FROM outbox WHERE id > ? ORDER BY id", (last,))
    bodies = [(row[0], row[1], row[2], row[3]) for row in rows.fetchall()]
    close(mechanism.database)
    return bodies


def produce(url: str, rate_per_s: float, stop: threading.Event) -> None:
    """Commit units of work with a business row and an event; a rate of 0 means as fast as it goes."""
    mechanism = open_service(url, "cases")
    arrivals = Arrivals(rate_per_s)
    while not stop.is_set():
        arrivals.wait()
        ref = new_id()
        with UnitOfWork(mechanism) as uow:
            # As the cases service reports a lead: a plain statement on the hot way, and the first event of a new case.
            sql.insert(mechanism, "act", act(ref))
            uow.emit(ref, reported(ref), first=True)
    close(mechanism.database)


def relay(url: str, amqp: str, stop: threading.Event) -> float:
    """Run the relay until told to stop; the most memory it held, in MiB."""
    mechanism = open_service(url, "cases")
    with AmqpPublisher(amqp, "cases", topology=TOPOLOGY) as publisher:
        Relay(mechanism, publisher).run(stop)
    close(mechanism.database)
    return peak_mib()


def consume(url: str, amqp: str, stop: threading.Event) -> float:
    """Run a consumer with an empty handler, contracts checked and signatures verified; its peak memory in MiB."""
    mechanism = open_service(url, "fees")
    trust = Trust({SOURCE: {"1": SIGNER.public_bytes()}})
    consumer = Consumer(mechanism, lambda actor: UnitOfWork(mechanism, actor=actor), {TYPE: _nothing}, trust=trust)
    AmqpConsumer(amqp, consumer, topology=TOPOLOGY).run(stop)
    close(mechanism.database)
    return peak_mib()


def _nothing(_uow: Any, _event: Any) -> None:
    """The empty handler: what is measured is the pipeline, not a service."""
