"""The network between the services' processes and their servers: a proxy on each way, to be cut and delayed."""

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from gongzheng.messaging.amqp_connection import addresses
from gongzheng_embedded.people import SERVICES
from tests.support.postgres import PostgresServer
from tests.support.proxy import CuttableProxy
from tests.support.rabbitmq import RabbitServer

_PORT = re.compile(r"@127\.0\.0\.1:(\d+)/")
Way = tuple[str, str, int]
"""(service, kind of process, port of the server)."""


class Network:
    """A context manager. Each kind of process of each service has its own way to the database and to every node."""

    def __init__(self, kinds: Sequence[str], postgres: PostgresServer, nodes: Sequence[RabbitServer]) -> None:
        self._database, self._nodes = postgres.port, [node.port for node in nodes]
        ways = [(s, kind, port) for s in SERVICES for kind in kinds for port in (self._database, *self._nodes)]
        self._proxies: dict[Way, CuttableProxy] = {way: CuttableProxy(way[2]) for way in ways}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for proxy in self._proxies.values():
            self._stack.enter_context(proxy)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def route(self, service: str, kind: str, urls: str) -> str:
        """The same addresses with the ports of the proxies."""
        return ",".join(
            _PORT.sub(lambda found: f"@127.0.0.1:{self._proxies[service, kind, int(found[1])].port}/", url)
            for url in addresses(urls)
        )

    def to_database(self, service: str) -> list[CuttableProxy]:
        """All ways from one service to its database."""
        return [self._proxies[way] for way in self._ways(service, [self._database])]

    def to_broker(self, service: str, nodes: Iterable[int]) -> list[CuttableProxy]:
        """All ways from one service to some of the broker's nodes, which are counted from 0."""
        return [self._proxies[way] for way in self._ways(service, [self._nodes[node] for node in nodes])]

    def who_calls_from(self, port: int) -> tuple[str, str] | None:
        """Which (service, kind of process) a server knows by this port of its other end."""
        return next((way[:2] for way, proxy in self._proxies.items() if port in proxy.callers()), None)

    def heal(self) -> None:
        """Everybody is let in again, and nothing is late."""
        for proxy in self._proxies.values():
            proxy.refuse(refusing=False)
            proxy.delay_s = 0.0

    def _ways(self, service: str, ports: Sequence[int]) -> list[Way]:
        return [way for way in self._proxies if way[0] == service and way[2] in ports]
