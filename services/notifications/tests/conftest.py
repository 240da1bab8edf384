"""A notifications service on SQLite or PostgreSQL, a clock that stands still, a mail sink, a webhook receiver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from gongzheng.clock import FixedClock
from gongzheng.contracts import registry
from gongzheng.db.migrate import migrate
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.ids import new_id
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Envelope
from gongzheng.runtime import Service
from gongzheng.testing import ApiClient, api_client, token_settings
from gongzheng_embedded.mailcatcher import MailCatcher
from notifications.adapters.mail import SmtpChannel, SmtpSettings
from notifications.adapters.unit_of_work import UnitOfWork
from notifications.adapters.webhook import Timeouts, WebhookCaller
from notifications.bootstrap import bootstrap
from notifications.settings import NotificationsSettings
from notifications.worker.pushing import Caller, Pusher
from notifications.worker.sending import Channel, Sender
from notifications.worker.timers import sweep
from tests.support.webhooks import WebhookReceiver

PARTY = {
    "party_id": "party-1",
    "name": "张三",
    "kind": "person",
    "email": "zhang.san@example.cn",
    "language": "zh",
}
CASE = "01K9ZT3V7Q8RXB0M2N4P6S8T0B"


@dataclass
class House:
    """One running service and what a test needs to talk to it."""

    service: Service
    clock: FixedClock
    relay: SmtpSettings
    _sequence: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = api_client(self.service.app, clock=self.clock)
        self.consumer = Consumer(self.service.mechanism, self.service.uow_factory, self.service.consumer_handlers)
        self.channel: Channel = SmtpChannel(self.relay, self.clock)
        self.caller: Caller = WebhookCaller(
            self.uow().policy.destinations, self.clock, timeouts=Timeouts(connect_s=1, silence_s=1, whole_s=2)
        )

    def user(self, *roles: str, subject: str | None = None) -> ApiClient:
        """Somebody with these roles."""
        return self.client.as_user(subject or f"user-{'-'.join(roles)}", *roles)

    @property
    def operator(self) -> ApiClient:
        """Whoever looks after deliveries."""
        return self.user("notifications.operator")

    @property
    def subscriber(self) -> ApiClient:
        """Another system."""
        return self.user("notifications.subscriber")

    def uow(self) -> UnitOfWork:
        """A unit of work of the service itself."""
        unit: UnitOfWork = self.service.uow_factory(SYSTEM)
        return unit

    def event(
        self, type_: str, subject: str = CASE, *, sequence: int | None = None, time: datetime | None = None, **data: Any
    ) -> Envelope:
        """An event as its contract's example has it, with these fields changed, numbered in its lane."""
        full = f"cn.gongzheng.{type_}.v1"
        contract = registry()[full]
        following = self._sequence.get((contract.stream, subject), 0) + 1
        self._sequence[contract.stream, subject] = max(following, sequence or 0)
        return Envelope(
            id=new_id(),
            type=full,
            source=f"https://{contract.service}.example",
            subject=subject,
            stream=contract.stream,
            sequence=sequence or following,
            time=time or self.clock.now(),
            data=registry().example(full) | data,
            dataclass_=contract.dataclass_,
        )

    def decision(self, **data: Any) -> Envelope:
        """A served decision for our party."""
        return self.event("cases.decision.served", **({"case_id": CASE, "party": PARTY} | data))

    def hear(self, *events: Envelope) -> None:
        """Let the consumer take events in, as the transport delivers them."""
        self.consumer.process([Delivery(body=event.to_json()) for event in events])

    def send_mail(self) -> int:
        """One run of the mail thread."""
        return Sender(self.uow, self.channel).run()

    def push(self, *, calls_max: int = 8) -> int:
        """One run of the webhook thread."""
        pusher = Pusher(self.uow, self.caller, calls_max=calls_max)
        try:
            return pusher.run()
        finally:
            pusher.close()

    def sweep(self) -> int:
        """One run of the sweep."""
        return sweep(self.uow)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    def published(self, type_: str | None = None) -> list[Envelope]:
        """What the service has said, in order."""
        rows = self.service.mechanism.execute("SELECT body FROM outbox ORDER BY id").fetchall()
        events = [Envelope.parse(row[0]) for row in rows]
        return [e for e in events if type_ is None or e.type == f"cn.gongzheng.notifications.{type_}.v1"]

    def rows(self, sql: str) -> list[Any]:
        """What a query gives."""
        return list(self.service.mechanism.execute(sql).fetchall())

    def subscribe(self, url: str, *types: str, who: ApiClient | None = None, **more: Any) -> dict[str, Any]:
        """Subscribe through the API; the answer, with the secret."""
        body = {"name": "Archive", "url": url, "types": list(types or ("*",)), **more}
        created: dict[str, Any] = (who or self.subscriber).post("/subscriptions", body).expect(201)
        return created


def settings_for(url: str, **changed: Any) -> NotificationsSettings:
    """Settings of a test service; webhooks may go to loopback."""
    given: dict[str, Any] = {
        "database_url": url,
        "public_url": "https://notifications.example",
        "signing_key": bytes(32),
        "smtp_url": "smtp://127.0.0.1:9",
        "mail_sender": "no-reply@gongzheng.example",
        "sealing_keys": {"k1": b"k" * 32},
        "webhook_allowed_networks": (ip_network("127.0.0.0/8"),),
        **token_settings(),
    }
    return NotificationsSettings(**(given | changed))


@pytest.fixture
def clock() -> FixedClock:
    """The present moment, standing still: the public library accepts signatures of the last five minutes only."""
    return FixedClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    """A mail server that keeps what it gets."""
    with MailCatcher(tmp_path / "mail") as catching:
        yield catching


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A receiver of webhooks on loopback."""
    with WebhookReceiver() as receiving:
        yield receiving


@pytest.fixture
def open_house(clock: FixedClock, catcher: MailCatcher) -> Iterator[Callable[..., House]]:
    """Opens a service over a database address, migrated; closed after the test."""
    opened: list[Service] = []

    def open_(url: str, **changed: Any) -> House:
        settings = settings_for(url, **changed)
        service = bootstrap(settings, clock=clock)
        opened.append(service)
        migrate(service.database, service.migrations)
        relay = SmtpSettings.from_url(
            f"smtp://127.0.0.1:{catcher.port}",
            sender=settings.mail_sender,
            sender_name=settings.mail_sender_name,
            message_domain=settings.message_domain,
        )
        return House(service, clock, relay)

    yield open_
    for service in opened:
        service.database.close()
        getattr(service.database, "close_all", lambda: None)()


@pytest.fixture
def house(open_house: Callable[..., House], tmp_path: Path) -> House:
    """A service on SQLite."""
    return open_house(f"sqlite:///{tmp_path}/notifications.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest, open_house: Callable[..., House], tmp_path: Path) -> House:
    """The same service on each of the two databases."""
    sqlite = f"sqlite:///{tmp_path}/notifications.db"
    return open_house(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database"))
