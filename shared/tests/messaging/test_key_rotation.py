"""The rotation of docs/operations.md, step by step over real HTTP: nothing is lost, nothing slips in."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from gongzheng.cli import run
from gongzheng.clock import FixedClock
from gongzheng.http import HttpSettings, create_app
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.messaging.inbox import GAP_GRACE_S
from gongzheng.messaging.keys import PublicKey
from gongzheng.runtime import http_feed, trust_from
from gongzheng.testing import api_client, token_settings

from .conftest import NOTED, SOURCE, Service, deliveries, lane_of

pytestmark = pytest.mark.req("X-03")
OLD, NEW = Ed25519Signer("2025", b"o" * 32), Ed25519Signer("2026", b"n" * 32)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Quiet."""


class Producer:
    """The service cases with its API at a real address; restarted with other keys as an operator does it."""

    def __init__(self, service: Service, trusted: Path, clock: FixedClock) -> None:
        self.service, self.trusted, self.clock, self.address = service, trusted, clock, ""
        self._running: Any = None

    def restart(self, signer: Ed25519Signer) -> None:
        """Stop the API and start it with this signing key."""
        self.stop()
        self.service.mechanism = replace(self.service.mechanism, signer=signer)
        app = create_app(
            "cases",
            mechanism=self.service.mechanism,
            blueprints=[],
            refusals=(),
            settings=HttpSettings(**token_settings(), trusted_keys=str(self.trusted) if self.trusted.exists() else ""),
            uow_factory=self.service.uow,
        )
        self.token = str(api_client(app, clock=self.clock).as_user("fees", "system.feed", agent=True).token)
        server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self._running = server, thread
        self.address = f"http://127.0.0.1:{server.server_port}"

    def stop(self) -> None:
        """Stop the API."""
        if self._running:
            server, thread = self._running
            server.shutdown()
            thread.join()
            server.server_close()
            self._running = None


@pytest.fixture
def producer(cases: Service, tmp_path: Path, clock: FixedClock) -> Iterator[Producer]:
    """The producer, with the old key alone."""
    made = Producer(cases, tmp_path / "of-cases.json", clock)
    made.restart(OLD)
    yield made
    made.stop()


def fingerprint(signer: Ed25519Signer) -> str:
    """What the producer's operator tells by another way."""
    return PublicKey(key_id="", raw=signer.public_bytes()).thumbprint()


def restart_consumer(fees: Service, trusted: Path, producer: Producer, token: Path) -> None:
    """The following service reads its file of trusted keys when it starts."""
    token.write_text(producer.token)
    feeds = {"cases": http_feed(producer.address, str(token))}
    fees._consumer = Consumer(fees.mechanism, fees.uow, {NOTED: fees.on_noted}, feeds, trust=trust_from(str(trusted)))


@pytest.fixture
def believe(producer: Producer, fees: Service, tmp_path: Path) -> Callable[..., Path]:
    """The consumer's operator: fetches keys, pins some, and starts the worker again."""

    def act(*signers: Ed25519Signer) -> Path:
        trusted = tmp_path / "of-fees.json"
        pins = [word for signer in signers for word in ("--pin", fingerprint(signer))]
        address = f"{producer.address}/.well-known/jwks.json"
        if pins:
            assert run(["keys", "trust", str(trusted), "--source", SOURCE, "--from", address, *pins]) == 0
        restart_consumer(fees, trusted, producer, tmp_path / "token")
        return trusted

    return act


def test_a_signing_key_is_replaced_without_losing_or_believing_anything(
    producer: Producer, fees: Service, believe: Callable[..., Path], clock: FixedClock, tmp_path: Path
) -> None:
    """Publish the next key, have it believed, sign with it, retire the old one."""
    cases = producer.service
    trusted = believe(OLD)
    cases.note("a", 1, 2)
    cases.note("late", 1)
    fees.consumer.process(deliveries(cases.bodies(), 1))
    assert fees.effects("a") == [1]

    # 1. The next key stands in the producer's own file, so its API publishes it beside the one that signs.
    own = producer.trusted
    mine = tmp_path / "next.json"
    mine.write_text(f'{{"{SOURCE}": {{"2026": "{PublicKey(key_id="", raw=NEW.public_bytes()).as_jwk()["x"]}"}}}}')
    words = ["keys", "trust", str(own), "--source", SOURCE]
    current = f"{producer.address}/.well-known/jwks.json"
    assert run([*words, "--from", current, "--pin", fingerprint(OLD)]) == 0
    assert run([*words, "--from", str(mine), "--pin", fingerprint(NEW)]) == 0
    producer.restart(OLD)
    # 2. The consumers believe it, under the fingerprint they were told.
    believe(NEW)
    # 3. The producer signs with it; what the old one signed is still on its way.
    clock.advance(timedelta(hours=1))
    producer.restart(NEW)
    cases.note("a", 3)
    fees.consumer.process(deliveries(cases.bodies(), 2, 3))
    assert fees.effects("a") == [1, 2, 3]
    assert fees.lanes.overview() == []
    # 4. The old one is retired, at the producer and at the consumers.
    at = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    for file in (own, trusted):
        assert run(["keys", "retire", str(file), "--source", SOURCE, "--key-id", "2025", "--at", at]) == 0
    producer.restart(NEW)
    believe()

    # What it signed before still verifies, also when it is fetched from the log only now …
    cases.note("late", 2)
    (late,) = [body for body in cases.bodies() if '"subject":"late"' in body and '"sequence":"0000000002"' in body]
    fees.consumer.process(deliveries([late]))
    clock.advance(timedelta(seconds=GAP_GRACE_S))
    fees.lanes.retry_due()
    assert fees.effects("late") == [1, 2]
    # … and what it signs now is refused, whoever has it, and blocks nobody.
    cases.mechanism = replace(cases.mechanism, signer=OLD)
    cases.note("b", 1)
    cases.mechanism = replace(cases.mechanism, signer=NEW)
    cases.note("a", 4)
    bodies = [body for body in cases.bodies() if '"subject":"b"' in body or '"sequence":"0000000004"' in body]
    fees.consumer.process(deliveries(bodies))
    assert fees.effects("a") == [1, 2, 3, 4]
    assert fees.effects("b") == []
    (parked,) = fees.lanes.overview()
    assert (parked.reason, parked.error) == ("signature", "key not good for its time")
    assert parked.lane != lane_of("b")


def test_a_stolen_key_that_is_distrusted_cannot_date_its_events_back(
    producer: Producer, fees: Service, believe: Callable[..., Path], clock: FixedClock
) -> None:
    """Retiring trusts the event's own time, and whoever has the key writes what time he likes."""
    trusted = believe(OLD)
    clock.advance(timedelta(days=-1))
    producer.service.note("a", 1)
    clock.advance(timedelta(days=1))
    named = [str(trusted), "--source", SOURCE, "--key-id", "2025"]
    assert run(["keys", "distrust", *named]) == 0
    believe()

    fees.consumer.process(deliveries(producer.service.bodies()))

    assert fees.effects() == []
    assert [(lane.reason, lane.error) for lane in fees.lanes.overview()] == [("signature", "unknown key")]
