"""The HTTP path beside the bare one: reporting a lead, with all that a request must pass, and the same inserts by hand.

Both run under gunicorn with the same processes and threads. The client keeps four connections and sends requests that
were made beforehand, so that it costs both sides the same and little.
"""

import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import requests

from gongzheng.http.tokens import audience_of
from gongzheng.ids import new_id
from gongzheng_embedded.environment import Deployment
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.issuer import TokenIssuer
from gongzheng_embedded.people import SERVICES, Person, demonstration_people
from tests.bench import bare_app
from tests.bench import ours as pipeline
from tests.bench.crew import Crew
from tests.bench.measure import Reading, Result, compare
from tests.bench.processes import PEERS_PYTHON, run, running
from tests.bench.stage import Counter, Stage
from tests.support.common import free_port

CLIENTS = 4
WORKERS = 2
THREADS = 4
WARM_UP_S = 2.0
MORE_ROUNDS = 2  # threads in turns on few cores: the rates scatter more than those of the pipeline
_READY_S = 60
_SITE = "http://127.0.0.1"
_ISSUER = "bench"
_REGISTERS = (
    ("organisation-files", "demo/organisations.toml"),
    ("officer-files", "demo/officers.toml"),
    ("catalogue-files", "catalogue/food_safety.toml"),
)


class Load:
    """Clients that send creating requests as fast as they are answered."""

    def __init__(self, port: int, path: str, body: dict[str, Any], token: str) -> None:
        self._port = port
        text = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\nIdempotency-Key: "
        )
        self._parts = (head.encode(), b"\r\n\r\n" + text)
        self._count = 0
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._failure: str | None = None

    def rate(self, seconds: float) -> Reading:
        """Requests per second, after a warm-up."""
        threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(WARM_UP_S)
        first, start = self._count, time.perf_counter()
        time.sleep(seconds)
        seen, took_s = self._count - first, time.perf_counter() - start
        self._stop.set()
        for thread in threads:
            thread.join()
        if self._failure:
            raise RuntimeError(self._failure)
        return Reading(seen / took_s)

    def _send(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as connection, connection.makefile("rb") as answers:
            while not self._stop.is_set():
                connection.sendall(new_id().encode().join(self._parts))
                status = answers.readline()
                body = self._read(answers)
                if b" 201 " not in status:
                    self._failure = f"{status!r}: {body[:500]!r}"
                    return
                with self._guard:
                    self._count += 1

    @staticmethod
    def _read(answers: Any) -> bytes:
        length = 0
        while (line := answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        read: bytes = answers.read(length)
        return read


def bare(stage: Stage) -> Reading:
    """Requests per second of Flask and psycopg by hand."""
    dsn = stage.postgres.url(stage.postgres.create_database())
    bare_app.prepare(dsn)
    port = free_port()
    with running([*_gunicorn(sys.executable, port), "tests.bench.bare_app:wsgi()"], {"BARE_DSN": dsn}, _answers(port)):
        return Load(port, "/api/v1/cases", _lead(_intake()), "none").rate(stage.sizes.http_seconds)


def ours(stage: Stage, *, relayed: bool = False) -> Reading:
    """Requests per second of the cases service: token, schema, idempotency, clocks, event, audit.

    With ``relayed`` its relay is at work meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="gongzheng-bench-") as folder:
        data = DataFolder(Path(folder)).prepare()
        tokens = TokenIssuer(issuer=_ISSUER, folder=data)
        port = free_port()
        database = stage.postgres.url(stage.postgres.create_database())
        environment = _environment(data, tokens, database, port)
        command = [sys.executable, "-m", "gongzheng.cli"]
        run([*command, "migrate", "cases"], environment)
        words = ["serve", "cases", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS)]
        with running([*command, *words], environment, _answers(port)), stage.fresh() as amqp, Crew() as crew:
            _load_registers(port, tokens.mint(_with_role("cases.registrar")))
            if relayed:
                crew.start("relay", pipeline.relay, database, amqp)
            person = _intake()
            reading = Load(port, "/api/v1/cases", _lead(person), tokens.mint(person)).rate(stage.sizes.http_seconds)
            if not relayed:
                return reading
            published = Counter(database, pipeline.PUBLISHED)
            crew.wait_for(lambda: published() > 0, seconds=_READY_S)
            notes = {"relayed": published()}
            published.close()
            return Reading(reading.value, notes)


def django(stage: Stage) -> Reading:
    """Requests per second of Django REST framework with the same token, the same rows and Celery on commit."""
    python = str(PEERS_PYTHON)
    with tempfile.TemporaryDirectory(prefix="gongzheng-bench-") as folder, stage.fresh() as amqp:
        tokens = TokenIssuer(issuer=_ISSUER, folder=DataFolder(Path(folder)).prepare())
        port = free_port()
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.bench.peers.drf.settings",
            "PEER_DSN": stage.postgres.url(stage.postgres.create_database()),
            "PEER_BROKER": amqp,
            "PEER_JWKS": tokens.jwks(),
            "PEER_ISSUER": _ISSUER,
            "PEER_AUDIENCE": audience_of("cases"),
        }
        run([python, "-m", "django", "migrate", "--run-syncdb"], environment)
        words = [*_gunicorn(python, port), "tests.bench.peers.drf.wsgi:application"]
        with running(words, environment, _answers(port)):
            person = _intake()
            load = Load(port, "/api/v1/cases", _lead(person), tokens.mint(person))
            return load.rate(stage.sizes.http_seconds)


def create(stage: Stage) -> Result:
    """Creating a case, beside Flask and psycopg."""
    return compare(
        "http_create",
        unit="requests/s",
        ours=lambda: ours(stage),
        floor=lambda: bare(stage),
        config=_config(stage),
        rounds=stage.sizes.rounds + MORE_ROUNDS,
    )


def beside_django(stage: Stage) -> Result:
    """Creating a case, beside Django REST framework with Celery on commit."""
    return compare(
        "http_vs_drf",
        unit="requests/s",
        ours=lambda: ours(stage, relayed=True),
        floor=lambda: django(stage),
        config=_config(stage) | {"our_relay": "at work meanwhile, as Celery publishes within the request"},
        rounds=stage.sizes.rounds + MORE_ROUNDS,
    )


def _config(stage: Stage) -> dict[str, Any]:
    seconds = stage.sizes.http_seconds
    return {"clients": CLIENTS, "workers": WORKERS, "threads": THREADS, "seconds": seconds, "server": "gunicorn"}


def _gunicorn(python: str, port: int) -> list[str]:
    words = [python, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS)]
    return [*words, "--threads", str(THREADS), "--keep-alive", "30", "--bind", f"127.0.0.1:{port}"]


def _answers(port: int) -> Callable[[], bool]:
    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    return listens


def _environment(data: DataFolder, tokens: TokenIssuer, database: str, port: int) -> dict[str, str]:
    deployment = Deployment(
        folder=data,
        databases=dict.fromkeys(SERVICES, database),
        public_urls=dict.fromkeys(SERVICES, f"{_SITE}:{port}"),
        issuer=tokens.issuer,
        jwks=tokens.jwks(),
        mail_host="127.0.0.1",
        mail_port=1,
    )
    return deployment.environment("cases") | {"CASES_LOG_LEVEL": "WARNING"}


def _with_role(role: str) -> Person:
    return next(person for person in demonstration_people() if role in person.roles)


def _intake() -> Person:
    return _with_role("cases.intake")


def _lead(person: Person) -> dict[str, Any]:
    return {
        "organisation_id": person.organisation_id,
        "done_on": "2026-09-01",
        "source": "inspection",
        "summary": "货架上有超过保质期的饼干十二盒",
    }


def _load_registers(port: int, token: str) -> None:
    """Load what a lead needs: organisations, officers and matters."""
    for path, name in _REGISTERS:
        content = files("cases").joinpath("data", *name.split("/")).read_bytes()
        answer = requests.post(
            f"{_SITE}:{port}/api/v1/{path}",
            files={"file": (name, content, "application/toml")},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()},
            timeout=30,
        )
        answer.raise_for_status()
