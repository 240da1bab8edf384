"""Where everything is measured: one PostgreSQL, one broker, two databases, and the sizes of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, Self

import psycopg
from psycopg import sql

from tests.bench import floors, machine, ours
from tests.bench.measure import ROUNDS
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured. ``seconds`` is the window in which a steady rate is taken, after ``warm_up_s``."""

    rounds: int = ROUNDS
    events: int = 20_000
    subjects: int = 2_000
    producers: int = 4
    seconds: float = 8.0
    warm_up_s: float = 2.0
    tasks: int = 10_000
    http_seconds: float = 8.0
    rows: int = 10_000_000


@dataclass(frozen=True)
class Stage:
    """Two databases, the producer's and the consumer's, and a broker that gives each round an empty virtual host.

    ``kept`` holds what one comparison measured and another one needs.
    """

    postgres: PostgresServer
    rabbit: RabbitServer
    sizes: Sizes
    producer: str
    consumer: str
    kept: dict[str, float] = field(default_factory=dict)

    @classmethod
    def prepare(cls, postgres: PostgresServer, rabbit: RabbitServer, sizes: Sizes) -> Self:
        """Make both databases with our tables and the floor's; let the server note when each transaction committed."""
        postgres.execute(sql.SQL("ALTER SYSTEM SET track_commit_timestamp = on"))
        postgres.restart()
        producer, consumer = (postgres.url(postgres.create_database()) for _ in range(2))
        for url in (producer, consumer):
            ours.prepare(url)
            floors.prepare(url)
        return cls(postgres, rabbit, sizes, producer, consumer)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Empty tables on both sides and the address of an empty virtual host."""
        for url in (self.producer, self.consumer):
            ours.empty(url)
            floors.empty(url)
        vhost = self.rabbit.create_vhost()
        try:
            yield self.rabbit.url(vhost)
        finally:
            self.rabbit.delete_vhost(vhost)

    def servers(self) -> dict[str, list[int]]:
        """The process ids of the two servers, for their CPU."""
        nodes = {"postgresql": self.postgres._process, "rabbitmq": self.rabbit._node}
        return {name: [node.pid] for name, node in nodes.items() if node is not None}

    def describe(self) -> dict[str, Any]:
        """The machine, for the report."""
        return machine.description(self.postgres, self.rabbit)


class Counter:
    """One number out of one database, as often as it is asked for."""

    def __init__(self, url: str, query: LiteralString, *params: object) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._query, self._params = query, params

    def __call__(self) -> int:
        """The number now."""
        row = self._connection.execute(self._query, self._params).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
