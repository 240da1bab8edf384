"""One running oversight service, and what a test needs to talk to it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gongzheng.clock import FixedClock
from gongzheng.contracts import registry
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.lanes import Lanes
from gongzheng.runtime import Service
from gongzheng.testing import ApiClient, api_client, token_settings
from oversight.adapters.unit_of_work import OversightUnitOfWork
from oversight.settings import OversightSettings

# A Monday; 10:00 in Shanghai.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CASES_SOURCE, FEES_SOURCE = "https://cases.example", "https://fees.example"


@dataclass
class House:
    """One running service and what a test needs to talk to it."""

    service: Service
    clock: FixedClock
    url: str
    _sequence: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = api_client(self.service.app, clock=self.clock)
        self.consumer = Consumer(self.service.mechanism, self.service.uow_factory, self.service.consumer_handlers)

    def user(self, *roles: str, organisation_id: str | None = "org-oversight") -> ApiClient:
        """A person of oversight with these roles."""
        return self.client.as_user(f"user-{'-'.join(roles)}", *roles, organisation_id=organisation_id)

    @property
    def intake(self) -> ApiClient:
        """Somebody at the intake desk."""
        return self.user("oversight.intake")

    @property
    def lead(self) -> ApiClient:
        """The head of oversight."""
        return self.user("oversight.lead")

    def uow(self) -> OversightUnitOfWork:
        """A unit of work of the service itself."""
        unit: OversightUnitOfWork = self.service.uow_factory(SYSTEM)
        return unit

    def event(self, type_: str, subject: str, data: dict[str, Any], *, sequence: int | None = None) -> Envelope:
        """An event of another service, numbered in its lane."""
        service = type_.partition(".")[0]
        stream = {"cases": "case", "fees": "charge"}[service]
        following = self._sequence.get((stream, subject), 0) + 1
        self._sequence[stream, subject] = max(following, sequence or 0)
        number = sequence or following
        return Envelope(
            id=f"{type_}-{subject}-{number}",
            type=f"cn.gongzheng.{type_}.v1",
            source=CASES_SOURCE if service == "cases" else FEES_SOURCE,
            subject=subject,
            stream=stream,
            sequence=number,
            time=self.clock.now(),
            data=data,
            dataclass_=registry()[f"cn.gongzheng.{type_}.v1"].dataclass_,
        )

    def hear(self, *events: Envelope) -> None:
        """Let the consumer take events in, as the transport delivers them."""
        self.consumer.process([Delivery(body=event.to_json()) for event in events])

    def retry_lanes(self) -> None:
        """Let what waits in the lanes go on, as the worker does when its time has come."""
        self.clock.advance(timedelta(hours=2))
        Lanes(self.consumer).retry_due()

    def published(self, type_: str | None = None) -> list[Envelope]:
        """What the service has said, in order."""
        rows = self.service.mechanism.execute("SELECT body FROM outbox ORDER BY id").fetchall()
        events = [Envelope.parse(row[0]) for row in rows]
        return [event for event in events if type_ is None or event.type == f"cn.gongzheng.oversight.{type_}.v1"]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        found = self.service.mechanism.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 the test names the table
        return int(found[0])

    def run_timer(self, name: str) -> int:
        """Run one timer now."""
        return next(timer.run() for timer in self.service.timers if timer.name == name)


def settings_for(url: str, **changed: Any) -> OversightSettings:
    """Settings of a test service."""
    given: dict[str, Any] = {
        "database_url": url,
        "public_url": "https://oversight.example",
        "signing_key": bytes(32),
        "organisation_id": "org-oversight",
        "master_keys": {"m1": b"m" * 32},
        "code_key": b"c" * 32,
        **token_settings(),
    }
    return OversightSettings(**(given | changed))
