"""A service whose audit trail can be written, sealed and tampered with, on either database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gongzheng.clock import FixedClock
from gongzheng.contracts.registry import Registry
from gongzheng.db import mechanism
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import Actor, UnitOfWork
from gongzheng.messaging.envelope import Ed25519Signer

SIGNER = Ed25519Signer("cases-2026", bytes(range(32)))
KEYS = {SIGNER.key_id: SIGNER.public_bytes()}
OFFICER = Actor(subject="demo-decider", name="顾明衡", roles=frozenset({"cases.decider"}))


class Trail:
    """An audit trail under test."""

    def __init__(self, over: Mechanism, clock: FixedClock) -> None:
        self.mechanism, self.clock = over, clock

    def write(self, count: int) -> None:
        """Append so many rows, each in a unit of work of its own."""
        for number in range(count):
            with UnitOfWork(self.mechanism, actor=OFFICER) as uow:
                uow.audit("case.decide", f"case/{number}", outcome="penalty", fine_fen=100 * number)

    def run(self, sql: str, *params: object) -> list[tuple[object, ...]]:
        """Run one statement behind the mechanism's back."""
        cursor = self.mechanism.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(params=["sqlite", "postgresql"])
def trail(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trail]:
    """An empty trail of the service "cases"."""
    sqlite = f"sqlite:///{tmp_path}/test.db"
    database = open_database(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database"))
    database.connect()
    mechanism.create_tables(database)
    clock = FixedClock(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    source = "https://cases.example/"
    yield Trail(
        Mechanism(
            database=database,
            service="cases",
            source=source,
            event_types={},
            contracts=Registry([]),
            signer=SIGNER,
            clock=clock,
        ),
        clock,
    )
    database.close()
    getattr(database, "close_all", lambda: None)()
