"""The composition root of the one-process mode: four services as they are, an in-process bus, timers, one door."""

import importlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gongzheng.db.migrate import migrate
from gongzheng.messaging.consumer import Feed
from gongzheng.messaging.embedded import EmbeddedBus
from gongzheng.messaging.feed import read_lane
from gongzheng.messaging.worker import Part, Worker, retry_part
from gongzheng.runtime import Service, consumer_of, loop_parts, relay_part, timer_part
from gongzheng_embedded.environment import Deployment, environ
from gongzheng_embedded.people import SERVICES


@dataclass
class Composition:
    """The four services, connected and at work between :meth:`start` and :meth:`stop`."""

    services: Mapping[str, Service]
    worker: Worker = field(init=False)
    died: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        feeds = {name: _feed(service) for name, service in self.services.items()}
        consumers = {name: consumer_of(service, feeds) for name, service in self.services.items()}
        bus = EmbeddedBus(consumers)
        parts: list[Part] = []
        for name, service in self.services.items():
            parts += [relay_part(service, bus.transport(name)), retry_part(consumers[name]), timer_part(service)]
            parts += loop_parts(service)
        self.worker = Worker(parts, on_death=lambda _: self.died.set())

    def start(self) -> None:
        """Start relays, retries and timers."""
        self.worker.start()

    def stop(self) -> None:
        """Let the threads finish what they hold and close the databases."""
        self.worker.stop()
        for service in self.services.values():
            service.database.close()


def compose(deployment: Deployment) -> Composition:
    """Bring the databases up to date and put the services together."""
    services = {}
    for name in SERVICES:
        with environ(deployment.environment(name)):
            service: Service = importlib.import_module(f"{name}.bootstrap").bootstrap_from_env()
        migrate(service.database, service.migrations)
        services[name] = service
    return Composition(services)


def _feed(service: Service) -> Feed:
    def read(stream: str, subject: str, after: int) -> list[str]:
        service.mechanism.ensure_connected()
        return read_lane(service.mechanism, stream, subject, after)

    return read


class Dispatcher:
    """One WSGI application: each service under its own path, the home page at the root.

    On a loopback address only names of this machine are answered: a web page elsewhere could otherwise point its own
    name here and read what it must not (DNS rebinding).
    """

    def __init__(self, home: Any, services: Mapping[str, Any], *, hosts: Iterable[str] | None) -> None:
        self._home, self._services = home, dict(services)
        self._hosts = None if hosts is None else frozenset(hosts)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Pass the request to whom its path names."""
        if self._hosts is not None and _host(environ.get("HTTP_HOST", "")) not in self._hosts:
            start_response("421 Misdirected Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]
        name, slash, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        app = self._services.get(name)
        if app is None:
            return self._home(environ, start_response)
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{name}"
        environ["PATH_INFO"] = f"{slash}{rest}"
        return app(environ, start_response)


def _host(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
