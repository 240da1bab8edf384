"""A service of two event types on either database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from peewee import Database

from gongzheng.clock import FixedClock
from gongzheng.contracts.registry import Registry, load_contract
from gongzheng.db import mechanism
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging.envelope import Ed25519Signer


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Something was opened."""

    thing_id: str
    size: int


SCHEMA = """{
  "title": "opened", "x-stream": "thing", "x-dataclass": "internal", "type": "object",
  "properties": {"thing_id": {"type": "string"}, "size": {"type": "integer", "minimum": 0}},
  "required": ["thing_id", "size"], "additionalProperties": false,
  "examples": [{"thing_id": "a", "size": 1}]
}"""
OPENED = "cn.gongzheng.cases.thing.opened.v1"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind with the tables of the mechanism."""
    sqlite = f"sqlite:///{tmp_path}/test.db"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    opened = open_database(url)
    opened.connect()
    mechanism.create_tables(opened)
    yield opened
    opened.close()
    getattr(opened, "close_all", lambda: None)()


@pytest.fixture
def make_mechanism() -> Callable[[Database], Mechanism]:
    """A mechanism over a database, with one event type and a signing key."""

    def make(over: Database) -> Mechanism:
        return Mechanism(
            database=over,
            service="cases",
            source="https://cases.example/",
            event_types={Opened: OPENED},
            contracts=Registry([load_contract(OPENED, SCHEMA)]),
            signer=Ed25519Signer("k1", bytes(32)),
            clock=FixedClock(NOW),
        )

    return make
