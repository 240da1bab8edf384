"""Putting a worker together: which parts it has, whom it trusts, where it asks for events that went missing."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask

from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism, create_tables
from gongzheng.db.unit_of_work import SYSTEM, UnitOfWork
from gongzheng.http import create_app
from gongzheng.messaging.envelope import BadSignature, Ed25519Signer, Envelope
from gongzheng.messaging.logs import log_at
from gongzheng.runtime import Service, consumer_of, feeds_of, http_feed, timers_of, trust_from, worker_of
from gongzheng.settings import ServiceSettings, SettingsError
from gongzheng.testing import api_client, token_settings
from gongzheng.timers import Timer

SIGNER = Ed25519Signer("1", bytes(32))
SOURCE = "https://gongzheng.example/sample"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of nothing but the frame."""
    database = open_database(f"sqlite:///{tmp_path}/sample.db")
    database.connect()
    create_tables(database)
    mechanism = Mechanism(database=database, service="sample", source=SOURCE, event_types={})
    settings = ServiceSettings(
        database_url="", public_url="https://sample.example", signing_key=bytes(32), feeds={}, **token_settings()
    )

    def uow_factory(actor: Any = SYSTEM, cause: Any = None) -> UnitOfWork:
        return UnitOfWork(mechanism, actor=actor, cause=cause)

    app = create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[],
        refusals=(),
        settings=settings.http,
        uow_factory=uow_factory,
        migrations="cases.migrations",
    )
    yield Service(
        name="sample",
        database=database,
        mechanism=mechanism,
        app=app,
        uow_factory=uow_factory,
        settings=settings,
        migrations="cases.migrations",
        timers=[Timer("own", 60, int)],
    )
    database.close()


def _envelope() -> Envelope:
    return Envelope(
        id="01",
        type="cn.gongzheng.sample.thing.made.v1",
        source=SOURCE,
        subject="t1",
        stream="thing",
        sequence=1,
        time=datetime(2026, 11, 20, tzinfo=UTC),
        data={},
    ).signed_by(SIGNER)


@pytest.mark.req("X-03")
def test_only_the_keys_in_the_file_are_trusted(tmp_path: Path) -> None:
    """A producer's key is good for its own source and no other."""
    file = tmp_path / "trusted.json"
    file.write_text(json.dumps({SOURCE: {"1": _text(SIGNER.public_bytes())}}), encoding="utf-8")
    trust = trust_from(str(file))
    assert trust is not None
    trust.verify(_envelope())
    with pytest.raises(BadSignature):
        trust.verify(replace(_envelope(), source="https://gongzheng.example/other"))
    assert trust_from("") is None


@pytest.mark.parametrize("content", ["{", "[]", '{"s": {"1": "short"}}', '{"s": "1"}'])
def test_a_file_of_keys_that_is_none_is_told_in_one_sentence(tmp_path: Path, content: str) -> None:
    """So is one that cannot be read."""
    file = tmp_path / "trusted.json"
    with pytest.raises(SettingsError, match="cannot be read"):
        trust_from(str(file))
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match="no JSON of source"):
        trust_from(str(file))


@pytest.mark.req("X-01")
def test_a_worker_without_a_broker_runs_timers_only(service: Service) -> None:
    """And says so when more is asked for."""
    for only in ((), ("relay",), ("consumer", "timers")):
        with pytest.raises(SettingsError, match=r"SAMPLE_AMQP_URL is not set.*--only timers"):
            worker_of(service, only=only)
    worker = worker_of(service, only=["timers"])
    worker.start()
    assert worker.healthy
    assert worker.stop()


@pytest.mark.req("X-01")
def test_a_worker_has_a_database_connection_for_each_partition(service: Service) -> None:
    """Otherwise some would be read by nobody, for ever."""
    many = {"amqp_url": "amqp://127.0.0.1:1/", "embedded": True, "partitions": 11}
    service.settings = replace(service.settings, **many)
    with pytest.raises(SettingsError, match="SAMPLE_DATABASE_CONNECTIONS_MAX must be at least 17"):
        worker_of(service)
    service.settings = replace(service.settings, partitions=10)
    worker_of(service)


def test_every_service_sweeps_and_seals(service: Service) -> None:
    """Beside its own timers."""
    assert [timer.name for timer in timers_of(service)] == ["own", "idempotency-sweep", "throttle-sweep", "audit-seal"]


@pytest.mark.req("X-03")
def test_no_consumer_believes_everybody(service: Service) -> None:
    """Only where all producers are in the same process may the keys be left out."""
    with pytest.raises(SettingsError, match="SAMPLE_TRUSTED_KEYS is not set"):
        consumer_of(service)
    service.settings = replace(service.settings, embedded=True)
    assert consumer_of(service).feeds == {}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's own name
        """Nothing is printed."""


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serves an application on a free port; the address is returned."""
    running: list[tuple[Any, threading.Thread]] = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.req("X-02")
def test_missing_events_are_read_from_the_producers_feed(
    service: Service, serve: Callable[[Flask], str], tmp_path: Path
) -> None:
    """With a token that is read anew each time; what comes is the event as it was signed."""
    body = _envelope().to_json()
    service.mechanism.execute(
        "INSERT INTO outbox (event_id, type, stream, subject, sequence, dataclass, body, recorded_at)"
        " VALUES ('01', 't', 'thing', 't1', 1, 'confidential', ?, '2026-11-20T00:00:00Z')",
        (body,),
    )
    token = tmp_path / "token"
    url = serve(service.app)
    read = http_feed(url, str(token))
    with pytest.raises(OSError, match="No such file"):
        read("thing", "t1", 0)
    feeder = api_client(service.app).as_user("worker", "system.feed", agent=True)
    token.write_text(f"{feeder.token}\n", encoding="utf-8")
    (received,) = read("thing", "t1", 0)
    assert Envelope.parse(received) == _envelope()
    trust = trust_from(json.dumps({SOURCE: {"1": _text(SIGNER.public_bytes())}}))
    assert trust is not None
    trust.verify(Envelope.parse(received))
    assert read("thing", "t1", 1) == []


@pytest.mark.req("X-02")
def test_the_whole_log_of_a_stream_is_read_page_by_page(
    service: Service, serve: Callable[[Flask], str], tmp_path: Path
) -> None:
    """What is published, in the order of the log; asked again at its end, what came since."""
    token = tmp_path / "token"
    token.write_text(str(api_client(service.app).as_user("worker", "system.feed", agent=True).token))
    read = log_at(serve(service.app), "thing", str(token))
    assert read(None) == ([], None)

    def publish(first: int, last: int) -> None:
        for n in range(first, last + 1):
            service.mechanism.execute(
                "INSERT INTO outbox (event_id, type, stream, subject, sequence, dataclass, body, recorded_at, position)"
                " VALUES (?, 't', ?, 't1', ?, 'confidential', ?, '2026-11-20T00:00:00Z', ?)",
                (str(n), "thing" if n % 2 else "other", n, f'{{"n":{n}}}', n),
            )

    def read_on(cursor: Any) -> tuple[list[int], Any]:
        found: list[int] = []
        while True:
            page, cursor = read(cursor)
            if not page:
                return found, cursor
            found += [json.loads(body)["n"] for body in page]

    publish(1, 301)
    found, cursor = read_on(None)
    assert found == list(range(1, 302, 2))
    publish(302, 305)
    assert read_on(cursor)[0] == [303, 305]


def test_a_feed_has_an_address(service: Service) -> None:
    """Anything else is told at the start."""
    with pytest.raises(SettingsError, match="not the address of a feed"):
        feeds_of(replace(service.settings, feeds={"cases": "cases:8000"}))
