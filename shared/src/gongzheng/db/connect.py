"""Opening a database by its address; PostgreSQL in production, SQLite embedded."""

from typing import Any
from urllib.parse import unquote, urlsplit

from peewee import Database, PostgresqlDatabase, SqliteDatabase
from playhouse.pool import PooledPostgresqlDatabase

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000


def open_database(url: str, *, max_connections: int = 32) -> Database:
    """A peewee database for ``postgresql://user:password@host:port/name`` or ``sqlite:///absolute/path.db``.

    Connections belong to threads and stay open with them: opening one costs more than most of our work.

    Raises:
        ValueError: for an address of any other form.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and parts.path not in ("", "/"):
        pragmas = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1}
        return SqliteDatabase(unquote(parts.path), pragmas=pragmas, timeout=BUSY_TIMEOUT_S)
    if parts.scheme in ("postgresql", "postgres") and parts.path.strip("/"):
        return PooledPostgresqlDatabase(
            unquote(parts.path.strip("/")),
            max_connections=max_connections,
            timeout=CONNECT_TIMEOUT_S,
            prefer_psycopg3=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            # A statement or lock that hangs must not hold a worker for ever.
            options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
            " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
            **_server(parts),
        )
    raise ValueError("a database address is postgresql://user:password@host:port/name or sqlite:///absolute/path.db")


def _server(parts: Any) -> dict[str, Any]:
    given = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def is_postgresql(database: Database) -> bool:
    """Whether the database speaks PostgreSQL (otherwise SQLite)."""
    return isinstance(database, PostgresqlDatabase)


def ensure_connected(database: Database) -> None:
    """Give this thread a working connection; one that the server dropped is replaced."""
    if database.is_closed():
        database.connect()
    elif is_postgresql(database) and not database.in_transaction() and database.connection().closed:
        database.close()
        database.connect()
