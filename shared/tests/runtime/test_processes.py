"""The two kinds of process of a service, started as operators start them: gunicorn and the worker."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

SERVICE = '''
"""A service of nothing but the frame."""

from gongzheng import runtime
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, UnitOfWork
from gongzheng.http import create_app
from gongzheng.settings import ServiceSettings
from gongzheng.timers import Timer


def bootstrap_from_env():
    settings = ServiceSettings.from_env("SAMPLE_")
    database = open_database(settings.database_url)
    mechanism = Mechanism(database=database, service="sample", source=settings.public_url, event_types={})

    def tick():
        with UnitOfWork(mechanism) as uow:
            uow.audit("tick", "tick/1")
        return 1

    app = create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[],
        refusals=(),
        settings=settings.http,
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
        migrations="sample_migrations",
    )
    return runtime.Service(
        name="sample",
        database=database,
        mechanism=mechanism,
        app=app,
        uow_factory=lambda actor=SYSTEM, cause=None: UnitOfWork(mechanism, actor=actor, cause=cause),
        settings=settings,
        migrations="sample_migrations",
        timers=[Timer("tick", 1, tick)],
    )


def wsgi():
    return runtime.wsgi(bootstrap_from_env)
'''
MIGRATION = "from gongzheng.db.mechanism import create_tables as upgrade\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An installed sample service with its settings and an up-to-date database."""
    tmp_path = tmp_path_factory.mktemp("sample")
    (tmp_path / "sample_service.py").write_text(SERVICE, encoding="utf-8")
    migrations = tmp_path / "sample_migrations"
    migrations.mkdir()
    (migrations / "0001_start.py").write_text(MIGRATION, encoding="utf-8")
    (migrations / "HEAD").write_text("0001_start\n", encoding="utf-8")
    (migrations / "__init__.py").write_text("", encoding="utf-8")
    info = tmp_path / "sample_service-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-service\nVersion: 0\n", encoding="utf-8")
    entry = "[gongzheng.services]\nsample = sample_service:bootstrap_from_env\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")
    made = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "SAMPLE_DATABASE_URL": f"sqlite:///{tmp_path}/sample.db",
        "SAMPLE_PUBLIC_URL": "https://sample.example",
        "SAMPLE_ISSUER": "https://issuer.example",
        "SAMPLE_JWKS": '{"keys": []}',
        "SAMPLE_THROTTLE_KEY": "0123456789abcdef",
        "SAMPLE_SIGNING_KEY": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="),
    }
    assert _run(made, "migrate", "sample") == (0, "sample: 0001_start\n")
    return made


def _gongzheng(environment: dict[str, str], *words: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gongzheng.cli", *words]
    if log is None:
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with log.open("wb") as file:
        return subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)


def _run(environment: dict[str, str], *words: str) -> tuple[int, str]:
    with _gongzheng(environment, *words) as process:
        output, _ = process.communicate(timeout=60)
        return process.returncode, output.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    for _ in range(300):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 the test's own address
                body: dict[str, Any] = json.loads(answer.read())
                return body
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered: {log.read_text(encoding='utf-8')}")


@pytest.mark.req("X-12")
def test_gunicorn_serves_the_service_and_ends_when_asked(environment: dict[str, str], tmp_path: Path) -> None:
    """Two processes answer, count together in the metrics, and stop on SIGTERM with status 0."""
    log, port = tmp_path / "serve.log", _free_port()
    process = _gongzheng(environment, "serve", "sample", "--bind", f"127.0.0.1:{port}", log=log)
    try:
        ready = _wait_for(f"http://127.0.0.1:{port}/health/ready", process, log)
        assert ready == {"status": "ok", "service": "sample", "checks": {"database": "ok", "migrations": "ok"}}
        for _ in range(20):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/openapi.json", timeout=5) as answer:
                assert answer.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            metrics = answer.read().decode()
        labels = 'method="GET",route="/openapi.json",service="sample",status="200"'
        assert f"gongzheng_http_request_seconds_count{{{labels}}} 20.0" in metrics
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    finally:
        process.kill()
        process.wait()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    assert {line["status"] for line in lines if line.get("event") == "request_served"} == {200}


@pytest.mark.req("X-01")
def test_the_worker_runs_the_timers_seals_the_audit_trail_and_ends_when_asked(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Without a broker only the timers can run, and the command says so."""
    status, told = _run(environment, "worker", "sample")
    assert status == 2
    assert "SAMPLE_AMQP_URL is not set" in told
    log = tmp_path / "worker.log"
    status, told = _run(environment, "worker", "sample", "--only", "timers", "--metrics", "9100")
    assert (status, "--metrics takes ADDRESS:PORT" in told) == (2, True)
    port = _free_port()
    words = ("worker", "sample", "--only", "timers", "--metrics", f"127.0.0.1:{port}")
    process = _gongzheng(environment, *words, log=log)
    try:
        _wait_until_sealed(environment["SAMPLE_DATABASE_URL"].removeprefix("sqlite:///"), process, log)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert b"gongzheng_events_published" in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    finally:
        process.kill()
        process.wait()


def _wait_until_sealed(path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import sqlite3  # noqa: PLC0415 only here

    for _ in range(300):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        database = sqlite3.connect(path, timeout=30)
        try:
            if database.execute("SELECT count(*) FROM audit WHERE position IS NOT NULL").fetchone()[0]:
                return
        finally:
            database.close()
        time.sleep(0.1)
    raise AssertionError(f"nothing was sealed: {log.read_text(encoding='utf-8')}")
