"""Two services on databases of either kind: one that publishes notes, one that follows them and keeps what it saw."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from gongzheng.clock import Clock, FixedClock, SystemClock
from gongzheng.contracts.registry import Registry, load_contract
from gongzheng.db import mechanism as tables
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import Actor, UnitOfWork
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.lanes import Lanes

NOTED = "cn.gongzheng.cases.case.noted.v1"
SEEN = "cn.gongzheng.fees.obligation.seen.v1"
SOURCE = "https://cases.example/"
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def _schema(stream: str) -> str:
    return f"""{{
      "title": "noted", "x-stream": "{stream}", "x-dataclass": "internal", "type": "object",
      "properties": {{"n": {{"type": "integer", "minimum": 0}}}}, "required": ["n"], "additionalProperties": false,
      "examples": [{{"n": 1}}]
    }}"""


CONTRACTS = Registry([load_contract(NOTED, _schema("case")), load_contract(SEEN, _schema("obligation"))])


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Something was noted on a case."""

    n: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A note was seen, which is an event of its own."""

    n: int


class Fault(Exception):
    """A handler refuses; the code is what an operator will see."""

    code = "no-such-thing"


@dataclass
class Service:
    """One service on one database, with a handler that writes down what took effect and fails where told to."""

    mechanism: Mechanism
    poison: set[tuple[str, int]] = field(default_factory=set)
    emits: bool = False
    feeds: dict[str, Any] = field(default_factory=dict)
    calls: int = 0

    def uow(self, actor: Actor | None = None) -> UnitOfWork:
        """A fresh unit of work."""
        return UnitOfWork(self.mechanism, actor=actor) if actor else UnitOfWork(self.mechanism)

    def note(self, subject: str, *numbers: int) -> None:
        """Publish notes on one case in one transaction."""
        with self.uow() as uow:
            for n in numbers:
                uow.emit(subject, Noted(n=n))

    def on_noted(self, uow: UnitOfWork, event: Envelope) -> None:
        """Write the effect first and fail afterwards, so that a test sees whether it was rolled back."""
        self.calls += 1
        self.mechanism.execute(
            "INSERT INTO effect (lane, sequence, event_id, n) VALUES (?, ?, ?, ?)",
            (event.lane, event.sequence, event.id, event.data["n"]),
        )
        if self.emits:
            uow.emit(event.subject, Seen(n=event.data["n"]))
        if (event.subject, event.sequence) in self.poison:
            raise Fault(f"personal words about {event.subject}")

    @property
    def consumer(self) -> Consumer:
        """The consumer of this service; the same one each time."""
        if not hasattr(self, "_consumer"):
            self._consumer = Consumer(self.mechanism, self.uow, {NOTED: self.on_noted}, self.feeds)
        return self._consumer

    @property
    def lanes(self) -> Lanes:
        """The lanes that wait here."""
        return Lanes(self.consumer)

    def effects(self, subject: str | None = None) -> list[int]:
        """The sequence numbers that took effect, in the order in which they did; of one case or of all."""
        rows = self.mechanism.execute("SELECT lane, sequence FROM effect ORDER BY id").fetchall()
        return [sequence for lane, sequence in rows if subject is None or lane == lane_of(subject)]

    def bodies(self) -> list[str]:
        """Every event of the outbox, published or not, in the order of its sequence per case."""
        rows = self.mechanism.execute("SELECT body FROM outbox ORDER BY stream, subject, sequence").fetchall()
        return [row[0] for row in rows]

    def scalar(self, sql: str, *params: Any) -> Any:
        """The first column of the first row."""
        return self.mechanism.execute(sql, params).fetchone()[0]


def lane_of(subject: str) -> str:
    """The lane of a case of the publishing service."""
    return f"{SOURCE}|case|{subject}"


def deliveries(bodies: list[str], *numbers: int) -> list[Delivery]:
    """Some of the bodies, counted from 1, as a transport would bring them."""
    picked = [bodies[n - 1] for n in numbers] if numbers else bodies
    return [Delivery(body, origin="cases") for body in picked]


EFFECT_TABLE = "CREATE TABLE effect (id {serial}, lane text, sequence bigint, event_id text, n bigint)"


def open_service(url: str, name: str, clock: Clock, **options: Any) -> tuple[Database, Service]:
    """A service with its tables on a fresh database."""
    database, service = service_on(url, name, clock, **options)
    tables.create_tables(database)
    serial = "bigserial PRIMARY KEY" if url.startswith("postgresql") else "integer PRIMARY KEY AUTOINCREMENT"
    database.execute_sql(EFFECT_TABLE.format(serial=serial))
    return database, service


def service_on(url: str, name: str, clock: Clock, **options: Any) -> tuple[Database, Service]:
    """A service on a database that has its tables already."""
    database = open_database(url)
    database.connect()
    mechanism = Mechanism(
        database=database,
        service=name,
        source=SOURCE if name == "cases" else f"https://{name}.example/",
        event_types={Noted: NOTED, Seen: SEEN},
        contracts=CONTRACTS,
        clock=clock,
        **options,
    )
    return database, Service(mechanism)


@pytest.fixture
def clock() -> FixedClock:
    """The moment, until a test moves it."""
    return FixedClock(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Addresses of fresh databases of either kind."""
    names: list[str] = []

    def make() -> str:
        if request.param == "sqlite":
            names.append("")
            return f"sqlite:///{tmp_path}/{len(names)}.db"
        server = request.getfixturevalue("postgres_server")
        names.append(server.create_database())
        return str(server.url(names[-1]))

    yield make
    for name in filter(None, names):
        request.getfixturevalue("postgres_server").drop_database(name)


@pytest.fixture
def make_service(make_url: Callable[[], str], clock: FixedClock) -> Iterator[Callable[..., Service]]:
    """Services on fresh databases of either kind."""
    with ExitStack() as stack:

        def make(name: str = "cases", **options: Any) -> Service:
            options.setdefault("clock", clock)
            database, service = open_service(make_url(), name, **options)
            stack.callback(close, database)
            return service

        yield make


def close(database: Database) -> None:
    """Close this thread's connection and the pool's."""
    database.close()
    getattr(database, "close_all", lambda: None)()


@pytest.fixture
def cases(make_service: Callable[..., Service]) -> Service:
    """The publishing service."""
    return make_service("cases")


@pytest.fixture
def fees(make_service: Callable[..., Service]) -> Service:
    """The following service."""
    return make_service("fees")


@pytest.fixture
def clocked(make_service: Callable[..., Service]) -> Callable[..., Service]:
    """Services on the machine's own clock: what is parked comes due by itself."""
    return lambda name: make_service(name, clock=SystemClock())
