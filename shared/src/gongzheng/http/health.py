"""Health: alive, ready for requests, and whether work flows; and the metrics."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, jsonify

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.migrate import pending
from gongzheng.http.access import public
from gongzheng.http.context import Frame
from gongzheng.messaging import metrics as messaging_metrics
from gongzheng.messaging.flow import flow_report, silent_streams
from gongzheng.observability.metrics import render

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A readiness check: ``run`` raises when it fails.

    One that is not ``essential`` is reported and does not make the service unready: events wait in the outbox while
    the broker is away, so a service without its broker still takes requests.
    """

    run: Callable[[], None]
    essential: bool = True


def health_blueprint(frame: Frame, checks: Mapping[str, Check], migrations: str | None) -> Blueprint:
    """The routes ``/health/live``, ``/health/ready``, ``/health/flow`` and ``/metrics``."""
    blueprint = Blueprint("health", __name__)
    package = migrations or _default_migrations(frame.service)
    all_checks = {"database": Check(run=lambda: _database(frame.mechanism))}
    if package:
        all_checks["migrations"] = Check(run=lambda: _migrations(frame.mechanism, package))
    all_checks |= dict(checks)

    @blueprint.route("/health/live")
    @public()
    def live() -> Response:
        """The process answers."""
        return jsonify(status="ok", service=frame.service)

    @blueprint.route("/health/ready")
    @public()
    def ready() -> tuple[Response, int]:
        """The service can take requests."""
        results = {name: _run(name, check) for name, check in all_checks.items()}
        broken = [name for name, result in results.items() if result != "ok"]
        unready = any(all_checks[name].essential for name in broken)
        status = "unready" if unready else "degraded" if broken else "ok"
        return jsonify(status=status, service=frame.service, checks=results), 503 if unready else 200

    @blueprint.route("/health/flow")
    @public()
    def flow() -> tuple[Response, int]:
        """Work flows: no silence in working hours, nothing parked, nothing old in the outbox."""
        report = flow_report(frame.mechanism, frame.settings.flow_silence_s, frame.settings.expect_events)
        return jsonify(service=frame.service, **report), 200 if report["status"] == "ok" else 503

    @blueprint.route("/metrics")
    @public()
    def metrics() -> Response:
        """Prometheus metrics."""
        body, content_type = render(frame.service, lambda: _gauges(frame))
        return Response(body, content_type=content_type)

    return blueprint


def _default_migrations(service: str) -> str | None:
    try:
        found = importlib.util.find_spec(f"{service}.migrations")
    except ModuleNotFoundError:
        return None
    return f"{service}.migrations" if found else None


def _run(name: str, check: Check) -> str:
    try:
        check.run()
    except Exception as error:  # noqa: BLE001 whatever a check raises, it failed
        _log.warning("health_check_failed", check=name, error=type(error).__name__)
        return "failed"
    return "ok"


def _database(mechanism: Mechanism) -> None:
    mechanism.ensure_connected()
    mechanism.execute("SELECT 1").fetchone()


def _migrations(mechanism: Mechanism, package: str) -> None:
    if waiting := pending(mechanism.database, package):
        raise RuntimeError(f"{len(waiting)} migrations are waiting")


def _gauges(frame: Frame) -> dict[str, float]:
    """Figures of this scrape; looking at the backlog also sets the gauges of the messaging part."""
    mechanism = frame.mechanism
    mechanism.ensure_connected()
    messaging_metrics.measure(mechanism)
    silent_streams(mechanism, frame.settings.expect_events)
    unsealed = mechanism.execute("SELECT count(*) FROM audit WHERE position IS NULL").fetchone()[0]
    return {"audit_unsealed_rows": float(unsealed)}
