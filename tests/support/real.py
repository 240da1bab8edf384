"""The real mode on one machine: four services as gunicorn and worker processes over PostgreSQL and RabbitMQ.

Every process is started by the same commands as in a deployment, every service with a database role and a broker user
of its own, limited as in production. Processes can be killed and started again one by one.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, LiteralString, Self

import pika
import psycopg
import waitress

from gongzheng.http.tokens import audience_of, mint
from gongzheng.messaging.amqp_connection import addresses
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng_embedded.demonstration import Telling, begin
from gongzheng_embedded.environment import Deployment
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.issuer import TokenIssuer
from gongzheng_embedded.mailcatcher import MailCatcher
from gongzheng_embedded.people import SERVICES
from gongzheng_embedded.receiver import WebhookReceiver
from gongzheng_embedded.story.client import Client
from gongzheng_embedded.story.memory import Memory
from gongzheng_embedded.story.teller import Story
from tests.support.common import free_port, tail
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import Broker

ISSUER = "https://login.example"
READY_S = 180.0
STOP_S = 15.0
FEED_TOKEN_S = 86_400
KINDS = ("api", "worker")

Route = Callable[[str, str, str], str]
"""(service, kind of process, a server's address or several) → what the process is told."""
Dress = Callable[[str, str], Mapping[str, str]]
"""(service, kind of process) → further variables of its environment."""


def kinds_with(workers: int) -> tuple[str, ...]:
    """The kinds of processes that each service has: an API and so many workers."""
    return (*KINDS, *(f"worker-{n}" for n in range(2, workers + 1)))


def straight(_service: str, _kind: str, url: str) -> str:
    """Nothing stands between a service and its servers."""
    return url


def as_is(_service: str, _kind: str) -> Mapping[str, str]:
    """No further variables."""
    return {}


class RealSuite:
    """Eight processes or more, a mail catcher and a webhook receiver; a context manager.

    ``route`` lets a proxy stand between a process and its database or its broker, ``dress`` adds to its environment.
    ``partitions`` says over how many queues a service's work is spread, ``tablespaces`` where its database lies.
    """

    def __init__(
        self,
        folder: Path,
        postgres: PostgresServer,
        rabbit: Broker,
        *,
        workers: int = 1,
        partitions: Mapping[str, int] = MappingProxyType({}),
        tablespaces: Mapping[str, str] = MappingProxyType({}),
        route: Route = straight,
        dress: Dress = as_is,
    ) -> None:
        self.folder = DataFolder(folder).prepare()
        self._postgres, self._rabbit = postgres, rabbit
        self.kinds = kinds_with(workers)
        self._topology = replace(TOPOLOGY, partitions=dict(partitions))
        self._tablespaces = tablespaces
        self.tokens = TokenIssuer(issuer=ISSUER, folder=self.folder)
        self.mail = MailCatcher(folder / "mail")
        self.hooks = WebhookReceiver()
        self._hook_server: Any = None
        self.ports = {name: free_port() for name in SERVICES}
        self._processes: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self._environments: dict[tuple[str, str], dict[str, str]] = {}
        self._databases: list[str] = []
        self._route, self._dress = route, dress
        self._addresses: dict[tuple[str, str], str] = {}

    @property
    def bases(self) -> Mapping[str, str]:
        """The address of each service."""
        return {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}

    @property
    def vhost(self) -> str:
        """The broker's virtual host in which the services meet."""
        return self._vhost

    @property
    def hook_url(self) -> str:
        """Where the webhook receiver listens."""
        return f"http://127.0.0.1:{self._hook_server.effective_port}/"

    def mailbox(self) -> list[dict[str, Any]]:
        """What was sent by mail so far."""
        return self.mail.messages()

    def __enter__(self) -> Self:
        self.mail.start()
        self._hook_server = waitress.create_server(self.hooks, host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=self._hook_server.run, name="hooks", daemon=True).start()
        databases, brokers = self._make_databases(), self._make_broker_users()
        self._addresses = {(service, "database"): url for service, url in databases.items()}
        self._addresses |= {(service, "broker"): url for service, url in brokers.items()}
        for kind in self.kinds:
            self._write_environments(kind, databases, brokers)
        migrations = [self._spawn(name, "migrate", self._environments[name, "api"]) for name in SERVICES]
        for name, migrating in zip(SERVICES, migrations, strict=True):
            if migrating.wait(READY_S):
                raise AssertionError(f"migrate {name}:\n{self.log(name, 'migrate')}")
        for name in SERVICES:
            for kind in self.kinds:
                self.start(name, kind)
        for name in SERVICES:
            self.wait_ready(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._hook_server.close()
        self.mail.stop()
        for name in self._databases:
            self._postgres.drop_database(name)
        self._rabbit.delete_vhost(self._vhost)

    def start(self, service: str, kind: str) -> None:
        """Start one process."""
        self._processes[service, kind] = self._spawn(service, kind, self._environments[service, kind])

    def process(self, service: str, kind: str) -> subprocess.Popen[bytes]:
        """The process that runs now, the leader of a group of its own."""
        return self._processes[service, kind]

    def address(self, service: str, server: str) -> str:
        """The address of a service's "database" or "broker" itself, with the service's own rights, past any proxy.

        A broker of several nodes has as many addresses, joined by commas.
        """
        return self._addresses[service, server]

    def command(self, service: str, *words: str, timeout_s: float | None = None) -> subprocess.CompletedProcess[str]:
        """Type a ``gongzheng`` command in a service's environment, and wait for it.

        Raises:
            subprocess.TimeoutExpired: when it took longer; it was killed then.
        """
        return subprocess.run(
            [sys.executable, "-m", "gongzheng.cli", *words],
            env=self._environments[service, "api"],
            cwd=self.folder.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )

    def kill(self, service: str, kind: str) -> None:
        """End one process, gunicorn's children included, as a crash would."""
        process = self._processes[service, kind]
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End every process as an operator would, and those that do not end in time as a crash would."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def wait_ready(self, service: str) -> None:
        """Wait until a service answers that it is ready."""
        give_up_at = time.monotonic() + READY_S
        while time.monotonic() < give_up_at:
            if self._processes[service, "api"].poll() is not None:
                break
            with suppress(OSError), urllib.request.urlopen(f"{self.bases[service]}/health/ready", timeout=5) as answer:  # noqa: S310 our own address
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{service} is not ready:\n{self.log(service, 'api')}")

    def query(self, service: str, sql: LiteralString) -> list[tuple[Any, ...]]:
        """Look into a service's own database, where the API does not say enough (outboxes, inboxes)."""
        with psycopg.connect(self.address(service, "database")) as connection:
            return [tuple(row) for row in connection.execute(sql).fetchall()]

    def log(self, service: str, kind: str, lines: int = 40) -> str:
        """The last lines that a process wrote."""
        return tail(self.folder.root / f"{service}-{kind}.log", lines)

    def _spawn(self, service: str, kind: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        if kind == "api":
            words = ["serve", service, "--bind", f"127.0.0.1:{self.ports[service]}", "--workers", "1"]
        else:
            words = [kind.partition("-")[0], service]
        with (self.folder.root / f"{service}-{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gongzheng.cli", *words],
                env=environment,
                cwd=self.folder.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that a kill takes gunicorn's children along
            )

    def _write_environments(self, kind: str, databases: Mapping[str, str], brokers: Mapping[str, str]) -> None:
        deployment = Deployment(
            folder=self.folder,
            databases={name: self._route(name, kind, url) for name, url in databases.items()},
            public_urls=self.bases,
            issuer=ISSUER,
            jwks=self.tokens.jwks(),
            mail_host="127.0.0.1",
            mail_port=self.mail.port,
            brokers={name: self._route(name, kind, url) for name, url in brokers.items()},
        )
        base = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(tuple(f"{s.upper()}_" for s in SERVICES))
        }
        feeds = self._feeds()
        for name in SERVICES:
            spread = self._topology.partitions.get(name, 1)
            own = {f"{name.upper()}_PARTITIONS": str(spread)} if spread > 1 else {}
            told = deployment.environment(name) | feeds[name] | own
            self._environments[name, kind] = base | told | dict(self._dress(name, kind))

    def _feeds(self) -> dict[str, dict[str, str]]:
        """Each service may ask the feeds of those whom it follows for events that it misses."""
        token = self.folder.root / "feed-token"
        token.write_text(
            mint(
                self.tokens._key,
                issuer=ISSUER,
                audience=[audience_of(name) for name in SERVICES],
                subject="feed-reader",
                roles=["system.feed"],
                agent=True,
                ttl_s=FEED_TOKEN_S,
            ),
            encoding="utf-8",
        )
        found = {}
        for name in SERVICES:
            addresses = {producer: self.bases[producer] for producer, _ in TOPOLOGY.follows.get(name, ())}
            prefix = name.upper()
            found[name] = {f"{prefix}_FEEDS": json.dumps(addresses), f"{prefix}_FEED_TOKEN_FILE": str(token.resolve())}
        return found

    def _make_databases(self) -> dict[str, str]:
        urls = {}
        for name in SERVICES:
            role, password = f"{name}_{secrets.token_hex(3)}", secrets.token_urlsafe(12)
            self._postgres.create_role(role, password)
            database = self._postgres.create_database(owner=role, tablespace=self._tablespaces.get(name))
            self._databases.append(database)
            urls[name] = self._postgres.url(database, role, password)
        return urls

    def _make_broker_users(self) -> dict[str, str]:
        self._vhost = self._rabbit.create_vhost()
        connection = pika.BlockingConnection(pika.URLParameters(addresses(self._rabbit.url(self._vhost))[0]))
        self._topology.declare(connection.channel())
        connection.close()
        urls = {}
        for entry in self._topology.permissions():
            name, password = f"{entry['user']}-{self._vhost}", secrets.token_urlsafe(12)
            self._rabbit.api("PUT", f"/users/{name}", {"password": password, "tags": ""})
            rights = {right: entry[right] for right in ("configure", "write", "read")}
            self._rabbit.api("PUT", f"/permissions/{self._vhost}/{name}", rights)
            urls[entry["user"]] = self._rabbit.url(self._vhost, name, password)
        return urls


def story_on(suite: RealSuite) -> Telling:
    """The story, ready to be told on the running suite."""
    memory = begin(Memory())
    client = Client(bases=suite.bases, mint=suite.tokens.mint, run=memory["run"])
    return Telling(Story(client=client, memory=memory, mail=suite.mailbox, hooks=suite.hooks, hook_url=suite.hook_url))
