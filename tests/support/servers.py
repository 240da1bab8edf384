"""Private PostgreSQL and RabbitMQ servers, as pytest fixtures and as context managers for scripts.

    with PostgresServer() as postgres, RabbitServer() as rabbit:
        url = postgres.url(postgres.create_database())

Session fixtures start each server once, when the first test asks for it. ``postgres_database`` and ``rabbit_vhost``
give every test a fresh database and a fresh virtual host and remove them afterwards.
"""

from collections.abc import Iterator

import pytest

from tests.support.common import MissingServer, ServerFailed
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitCluster, RabbitServer

__all__ = ["MissingServer", "PostgresServer", "RabbitCluster", "RabbitServer", "ServerFailed"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[RabbitServer]:
    """One RabbitMQ node for the whole run; a test that stops it starts it again."""
    with RabbitServer() as server:
        yield server


@pytest.fixture(scope="session")
def rabbit_cluster() -> Iterator[RabbitCluster]:
    """Three RabbitMQ nodes that are one broker; a test that stops one starts it again."""
    with RabbitCluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def rabbit_vhost(rabbit_server: RabbitServer) -> Iterator[str]:
    """The name of an empty virtual host of this test's own."""
    name = rabbit_server.create_vhost()
    yield name
    rabbit_server.delete_vhost(name)
