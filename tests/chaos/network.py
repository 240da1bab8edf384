"""The network between the services and their servers: a proxy on each of the eight ways, to be cut and delayed."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from gongzheng_embedded.people import SERVICES
from tests.support.postgres import PostgresServer
from tests.support.proxy import CuttableProxy
from tests.support.rabbitmq import RabbitServer

SERVERS = ("database", "broker")


class Network:
    """A context manager; ``nodes`` are the broker's, of which each new connection gets the first that is up."""

    def __init__(self, postgres: PostgresServer, nodes: Sequence[RabbitServer]) -> None:
        self._nodes = nodes
        self.down: set[int] = set()
        self.ways = {(service, "database"): CuttableProxy(postgres.port) for service in SERVICES}
        self.ways |= {(service, "broker"): CuttableProxy(self._balance) for service in SERVICES}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for way in self.ways.values():
            self._stack.enter_context(way)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def route(self, service: str, server: str, url: str) -> str:
        """The same address with the proxy's port."""
        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{self.ways[service, server].port}"))

    def heal(self) -> None:
        """Everybody is let in again, and nothing is late."""
        for way in self.ways.values():
            way.refuse(refusing=False)
            way.delay_s = 0.0

    def _balance(self) -> int:
        up = [node.port for n, node in enumerate(self._nodes) if n not in self.down]
        return up[0] if up else self._nodes[0].port
