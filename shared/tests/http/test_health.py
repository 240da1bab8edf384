"""Alive, ready, and whether work flows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from gongzheng.clock import FixedClock
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.http import HttpSettings, create_app
from gongzheng.http.health import Check
from gongzheng.messaging.flow import flow_report
from gongzheng.testing import ApiClient, api_client, token_settings

pytestmark = pytest.mark.req("X-08")
THING = {"name": "a", "amount_fen": 1}


def _app(mechanism: Mechanism, **changes: Any) -> Flask:
    return create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[],
        refusals=(),
        settings=HttpSettings(**token_settings()),
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
        **changes,
    )


def _broken() -> None:
    raise ConnectionError("broker.internal:5672 refused")


def test_a_live_process_says_so(client: ApiClient) -> None:
    """Without asking anybody else."""
    assert client.get("/health/live").expect(200) == {"status": "ok", "service": "sample"}


def test_ready_needs_the_database_and_its_migrations(mechanism: Mechanism) -> None:
    """A database that had other migrations than this release is not ready."""
    client = api_client(_app(mechanism, migrations="cases.migrations"))
    body = client.get("/health/ready").expect(503)
    assert body["checks"] == {"database": "ok", "migrations": "failed"}


def test_a_service_without_its_broker_is_degraded_and_still_takes_requests(mechanism: Mechanism) -> None:
    """Events wait in the outbox meanwhile; the reason stays in the log."""
    client = api_client(_app(mechanism, checks={"broker": Check(run=_broken, essential=False)}))
    answer = client.get("/health/ready")
    assert answer.expect(200)["status"] == "degraded"
    assert "refused" not in answer.text
    strict = api_client(_app(mechanism, checks={"broker": Check(run=_broken)}))
    assert strict.get("/health/ready").expect(503)["status"] == "unready"


def test_an_hour_of_silence_in_working_hours_is_unhealthy(mechanism: Mechanism, clock: FixedClock) -> None:
    """Counted from nine o'clock or from the last event; nights, weekends and holidays are quiet by right."""
    assert flow_report(mechanism, 3600)["status"] == "silent"  # ten o'clock, nothing since nine
    clock.set(datetime(2026, 11, 20, 1, 30, tzinfo=UTC))  # half past nine
    assert flow_report(mechanism, 3600)["status"] == "ok"
    clock.set(datetime(2026, 11, 20, 15, 0, tzinfo=UTC))  # eleven in the evening
    assert flow_report(mechanism, 3600)["status"] == "ok"
    clock.set(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))  # a Saturday
    assert flow_report(mechanism, 3600)["status"] == "ok"
    clock.set(datetime(2026, 10, 1, 3, 0, tzinfo=UTC))  # National Day, a Thursday
    assert flow_report(mechanism, 3600)["status"] == "ok"


def test_an_event_ends_the_silence_and_may_not_wait_long_in_the_outbox(
    client: ApiClient, mechanism: Mechanism, clock: FixedClock
) -> None:
    """Recorded at ten; five minutes later the relay is late."""
    client.as_user("user-1", "sample.maker").post("/things", THING).expect(201)
    assert client.get("/health/flow").expect(200)["last_event_age_s"] == 0
    clock.advance(timedelta(minutes=5, seconds=1))
    body = client.get("/health/flow").expect(503)
    assert (body["status"], body["outbox_unpublished"], body["outbox_age_s"]) == ("late", 1, 301)
    mechanism.execute("UPDATE outbox SET published_at = recorded_at")
    assert client.get("/health/flow").expect(200)["status"] == "ok"


def test_a_parked_lane_is_unhealthy(mechanism: Mechanism, client: ApiClient) -> None:
    """Something waits that nobody has decided about."""
    mechanism.execute(
        "INSERT INTO parked (lane, sequence, body, reason, parked_at)"
        " VALUES ('l', 1, '{}', 'failed', '2026-11-20T01:00:00Z')"
    )
    assert client.get("/health/flow").expect(503)["status"] == "parked"


def test_metrics_count_requests_by_rule_and_refusals_by_code(client: ApiClient) -> None:
    """No address, no path of a person, no series that a caller can invent."""
    client.get("/things/01JZZZZZZZZZZZZZZZZZZZZZZZ").expect(401)
    client.send("BREW", "/things")
    text = client.get("/metrics").text
    assert 'route="/api/v1/things/<ulid:thing_id>",service="sample",status="401"' in text
    assert 'gongzheng_problems_total{code="unauthorized",service="sample"}' in text
    assert 'gongzheng_audit_unsealed_rows{service="sample"} 0.0' in text
    assert "gongzheng_outbox_unpublished" in text
    assert "01JZZZ" not in text
    assert "BREW" not in text
