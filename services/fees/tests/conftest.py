"""A fees service on SQLite or PostgreSQL, a clock that stands still, a bank that signs, and events of cases."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.bootstrap import bootstrap
from fees.handlers.verify_ledger import Verification, verify_ledger
from fees.settings import FeesSettings
from gongzheng.clock import FixedClock
from gongzheng.contracts import registry
from gongzheng.db.migrate import migrate
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.ids import new_id
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Envelope
from gongzheng.runtime import Service
from gongzheng.testing import Answer, ApiClient, api_client, token_settings

# A Monday; 10:00 in Shanghai.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CASES_SOURCE = "https://cases.example"
IMPORT_ID = "01K9ZT3V7Q8RXB0M2N4P6S8T1A"


def served(**changed: Any) -> dict[str, Any]:
    """The data of a decision.served event: a fine of ¥10,000 with surcharge, due on 30 November 2026."""
    data = registry().example("cn.gongzheng.cases.decision.served.v1") | {
        "case_id": new_id(),
        "decision_id": new_id(),
        "document_number": f"江市监罚字〔2026〕{next(_numbers)}号",
        "fine_fen": 1_000_000,
        "confiscation_fen": 0,
        "decided_on": "2026-11-13",
        "served_on": "2026-11-15",
        "effective_on": "2026-11-15",
        "payment_due_on": "2026-11-30",
    }
    return data | changed


def imported(**changed: Any) -> dict[str, Any]:
    """The data of a case.imported event: 115.00 decided, 60.00 surcharge, 94.98 interest, 154.98 waived, 100 paid."""
    data = registry().example("cn.gongzheng.cases.case.imported.v1") | {
        "case_id": new_id(),
        "import_id": IMPORT_ID,
        "source_reference": str(next(_numbers)),
        "decided_fen": 11_500,
        "surcharge_fen": 6_000,
        "interest_fen": 9_498,
        "waived_fen": 15_498,
        "paid_fen": 10_000,
    }
    data |= changed
    owed = data["decided_fen"] + data["surcharge_fen"] + data["interest_fen"] - data["waived_fen"] - data["paid_fen"]
    return data | {"balance_fen": changed.get("balance_fen", owed)}


_numbers = count(1)


@dataclass
class Bank:
    """A collecting agent that signs with the shared secret that the service gave it."""

    client: ApiClient
    clock: FixedClock
    agent_id: str
    key_id: str
    secret: bytes
    _references: Any = field(default_factory=lambda: count(1))

    def notice(self, code: str, amount_fen: int, **changed: Any) -> dict[str, Any]:
        """The body of a notice, paid now unless it says otherwise."""
        return {
            "payment_code": code,
            "amount_fen": amount_fen,
            "currency": "CNY",
            "paid_at": self.clock.now().isoformat(),
            "bank_reference": f"REF{next(self._references):06d}",
        } | changed

    def sign(self, body: bytes, *, at: datetime | None = None) -> dict[str, str]:
        """The headers that make a body this bank's."""
        stamp = str(int((at or self.clock.now()).timestamp()))
        signature = hmac.digest(self.secret, stamp.encode() + b"." + body, "sha256")
        return {
            "Gongzheng-Agent": self.agent_id,
            "Gongzheng-Key": self.key_id,
            "Gongzheng-Timestamp": stamp,
            "Gongzheng-Signature": base64.b64encode(signature).decode(),
        }

    def send(self, notice: dict[str, Any], *, key: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a notice, signed; ``headers`` replace what signing made."""
        body = json.dumps(notice, default=str).encode()
        sent = self.sign(body) | {"Content-Type": "application/json", "Idempotency-Key": key or new_id()}
        return self.client.transport("POST", "/api/v1/payment-notices", sent | (headers or {}), body)

    def pay(self, code: str, amount_fen: int, **changed: Any) -> Any:
        """Tell of a payment; the answer's body."""
        return self.send(self.notice(code, amount_fen, **changed)).expect(201)


@dataclass
class House:
    """One running service and what a test needs to talk to it."""

    service: Service
    clock: FixedClock
    url: str
    _sequence: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = api_client(self.service.app, clock=self.clock)
        self.consumer = Consumer(
            self.service.mechanism, self.service.uow_factory, self.service.consumer_handlers, error_texts=True
        )

    def user(self, *roles: str) -> ApiClient:
        """A person with these roles."""
        return self.client.as_user(f"user-{'-'.join(roles)}", *roles)

    @property
    def accountant(self) -> ApiClient:
        """Somebody in the accounts department."""
        return self.user("fees.accountant")

    @property
    def auditor(self) -> ApiClient:
        """Somebody who may read and change nothing."""
        return self.user("auditor")

    def uow(self) -> FeesUnitOfWork:
        """A unit of work of the service itself."""
        unit: FeesUnitOfWork = self.service.uow_factory(SYSTEM)
        return unit

    def event(
        self, type_: str, data: dict[str, Any], *, sequence: int | None = None, event_id: str | None = None
    ) -> Envelope:
        """An event of cases, numbered in its lane."""
        case_id = data["case_id"]
        number = sequence or self._sequence.get(case_id, 0) + 1
        self._sequence[case_id] = max(number, self._sequence.get(case_id, 0))
        return Envelope(
            id=event_id or new_id(),
            type=f"cn.gongzheng.cases.{type_}.v1",
            source=CASES_SOURCE,
            subject=case_id,
            stream="case",
            sequence=number,
            time=self.clock.now(),
            data=data,
        )

    def hear(self, *events: Envelope) -> None:
        """Let the consumer take events in, as the transport delivers them."""
        self.consumer.process([Delivery(body=event.to_json()) for event in events])

    def owe(self, **changed: Any) -> dict[str, Any]:
        """Serve a decision; the obligation that came of it, as the API shows it."""
        data = served(**changed)
        self.hear(self.event("decision.served", data))
        found = self.auditor.get("/obligations", case_id=data["case_id"]).expect(200)["items"]
        obligation: dict[str, Any] = found[0]
        return obligation

    def obligation(self, obligation_id: str) -> dict[str, Any]:
        """A debt as of today."""
        shown: dict[str, Any] = self.auditor.get(f"/obligations/{obligation_id}").expect(200)
        return shown

    def bank(self, **changed: Any) -> Bank:
        """A registered collecting agent."""
        number = next(_numbers)
        given = {
            "name_zh": "江州银行",
            "name_en": "Bank of Jiangzhou",
            "agreement_reference": f"JZ-{number}",
            "agreement_from": "2020-01-01",
        }
        made = self.accountant.post("/collecting-agents", given | changed).expect(201)
        secret = base64.b64decode(made["key"].get("secret", ""))
        return Bank(self.client, self.clock, made["agent_id"], made["key"]["key_id"], secret)

    def load(self, first: int = 1, last: int = 100_000, year: str = "26") -> Any:
        """Load receipt numbers."""
        given = {"region": "32", "category": "05", "kind": "01", "year": year, "first": first, "last": last}
        return self.accountant.post("/receipt-segments", given).expect(201)

    def published(self, *types: str) -> list[Envelope]:
        """What the service has said, in order."""
        rows = self.service.mechanism.execute("SELECT body FROM outbox ORDER BY id").fetchall()
        wanted = {f"cn.gongzheng.fees.{name}.v1" for name in types}
        return [event for row in rows if (event := Envelope.parse(row[0])).type in wanted or not types]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.service.mechanism.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 the test names the table

    def run_timers(self) -> dict[str, int]:
        """Run every timer now."""
        return {timer.name: timer.run() for timer in self.service.timers}

    def verify(self) -> Verification:
        """Verify the books."""
        with self.uow() as uow:
            return verify_ledger(uow)

    def on(self, day: str, hour: int = 10) -> None:
        """Put the clock to an hour of a day in Shanghai."""
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        self.clock.set(midnight + timedelta(hours=hour - 8))


def settings_for(url: str, **changed: Any) -> FeesSettings:
    """Settings of a test service."""
    given: dict[str, Any] = {
        "database_url": url,
        "public_url": "https://fees.example",
        "signing_key": bytes(range(32)),
        "database_connections_max": 64,
        **token_settings(),
    }
    return FeesSettings(**(given | changed))


@pytest.fixture
def make() -> type[Any]:
    """Makers of event data."""

    class Make:
        """Makers of event data."""

        served = staticmethod(served)
        imported = staticmethod(imported)

    return Make


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 23 November 2026, ten in the morning in Shanghai."""
    return FixedClock(NOW)


@pytest.fixture
def open_house(clock: FixedClock) -> Iterator[Callable[..., House]]:
    """Opens a service over a database address, migrated; closed after the test."""
    opened: list[Service] = []

    def open_(url: str, **changed: Any) -> House:
        service = bootstrap(settings_for(url, **changed), clock=clock)
        opened.append(service)
        migrate(service.database, service.migrations)
        return House(service, clock, url)

    yield open_
    for service in opened:
        close_all = getattr(service.database, "close_all", None)
        if close_all is not None:
            close_all()
        with closing(service.database):
            pass


@pytest.fixture
def house(open_house: Callable[..., House], tmp_path: Path) -> House:
    """A service on SQLite."""
    return open_house(f"sqlite:///{tmp_path}/fees.db")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def any_house(request: pytest.FixtureRequest, open_house: Callable[..., House], tmp_path: Path) -> House:
    """The same service on each of the two databases."""
    sqlite = f"sqlite:///{tmp_path}/fees.db"
    return open_house(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database"))


@pytest.fixture
def postgres_house(postgres_database: str, open_house: Callable[..., House]) -> House:
    """A service on PostgreSQL."""
    return open_house(postgres_database)
