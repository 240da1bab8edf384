"""deploy/postgres/init.sql on a private server: four databases, and no role that enters another's."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.compose_files import SERVICES
from tests.support.postgres import PostgresServer, programs

INIT = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "init.sql"
EVERYBODYS = ("postgres", "template1")

pytestmark = [pytest.mark.real, pytest.mark.req("X-06")]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of its own, because rights to what every cluster has are taken away; set up as in the container."""
    with PostgresServer() as running:
        passwords = {f"{name.upper()}_DB_PASSWORD": f"of-{name}" for name in SERVICES}
        # Beside the server's own programs, wherever the one that was found is a link to.
        psql = (programs() / "initdb").resolve().with_name("psql")
        words = [str(psql), "-v", "ON_ERROR_STOP=1", "-q", "-f", str(INIT), running.url("postgres")]
        subprocess.run(words, check=True, env={**os.environ, **passwords})
        yield running


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_owns_its_database_and_enters_no_other(server: PostgresServer, service: str) -> None:
    """Not those of the other services, nor the ones that every cluster has; and it may make neither roles nor more."""
    with psycopg.connect(server.url(service, service, f"of-{service}")) as connection:
        connection.execute("CREATE TABLE public.thing (id integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE ROLE other LOGIN")
    for database in {*SERVICES, *EVERYBODYS} - {service}:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(server.url(database, service, f"of-{service}"))


def test_text_sorts_by_its_bytes_in_every_database(server: PostgresServer) -> None:
    """The same order on every machine and version of the system's library, as in the one-process mode."""
    for service in SERVICES:
        with psycopg.connect(server.url(service)) as connection:
            row = connection.execute(
                "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
                " WHERE datname = current_database()"
            ).fetchone()
        assert row == ("UTF8", "C", "C")
