"""A private PostgreSQL on a free port, for tests, fault injection and benchmarks."""

import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.support.common import (
    MissingServer,
    ServerFailed,
    as_unprivileged,
    end,
    free_port,
    private_folder,
    tail,
    wait_until,
)

_CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
checkpoint_timeout = 30min
log_min_messages = warning
timezone = 'UTC'
"""


def programs() -> Path:
    """The folder with initdb and postgres.

    Raises:
        MissingServer: when PostgreSQL is not installed.
    """
    found = shutil.which("initdb")
    if found and (Path(found).parent / "postgres").exists():
        return Path(found).parent
    versions = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "postgres").exists()]
    if not versions:
        raise MissingServer("PostgreSQL is not installed on this machine: apt-get install postgresql.")
    return max(versions, key=lambda folder: float(folder.parent.name))


class PostgresServer:
    """One cluster in a temporary folder; a context manager, and startable, killable and restartable by name.

    With ``durable`` the server waits for the disk at each commit, as in production; without (the default) a commit
    survives a killed server but not a power cut, which tests do not stage.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._bin = programs()
        self._folder = private_folder("postgres")
        self._data = self._folder / "data"
        self._log = self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count(1)
        self.port = free_port()
        self.password = secrets.token_urlsafe(12)
        self._initialise(durable=durable)

    def _initialise(self, *, durable: bool) -> None:
        password_file = self._folder / "password"
        password_file.touch(mode=0o644)
        password_file.write_text(self.password)
        initdb = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--no-sync"]
        initdb += ["--locale=C", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        done = subprocess.run(as_unprivileged(initdb), check=False, capture_output=True, cwd=self._folder)
        if done.returncode:
            raise MissingServer(f"initdb failed: {done.stderr.decode(errors='replace').strip()[-500:]}")
        sync = "" if durable else "fsync = off\nfull_page_writes = off\n"
        with (self._data / "postgresql.conf").open("a") as config:
            config.write(f"{_CONFIG}{sync}port = {self.port}\n")

    def start(self) -> Self:
        """Start and wait until it answers."""
        return self.launch().await_ready()

    def launch(self) -> Self:
        """Start and do not wait. It ends with the thread that called this, so that no run leaves one behind."""
        words = [str(self._bin / "postgres"), "-D", str(self._data)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                as_unprivileged(words, dies_with_us=True), stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        return self

    def await_ready(self) -> Self:
        """Wait until it answers."""
        if self._process is None:
            raise ServerFailed("PostgreSQL was not launched")
        wait_until(self._answers, seconds=120, what="PostgreSQL", alive=self._process, log=self._log)
        return self

    @property
    def is_running(self) -> bool:
        """Whether its process is there, ready or not."""
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it as an operator would: running transactions are rolled back, nothing committed is lost."""
        end(self._process, signal.SIGINT, 20)

    def kill(self) -> None:
        """End it as a crash would; the log is replayed at the next start."""
        if self._process is not None and self._process.poll() is None:
            # The postmaster's children notice at once that it is gone; SIGQUIT ends all of them without ceremony.
            end(self._process, signal.SIGQUIT, 10)

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """The address of one database, as the services' settings take it."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def create_tablespace(self, folder: Path) -> str:
        """A tablespace in an empty folder of the server's user; returns its name."""
        name = f"s{next(self._names)}_{secrets.token_hex(3)}"
        statement = sql.SQL("CREATE TABLESPACE {} LOCATION {}")
        self.execute(statement.format(sql.Identifier(name), sql.Literal(str(folder))))
        return name

    def create_database(
        self, *, template: str | None = None, owner: str | None = None, tablespace: str | None = None
    ) -> str:
        """A fresh database, copied from a template when one is named; returns its name."""
        name = f"t{next(self._names)}_{secrets.token_hex(3)}"
        statement: sql.Composed = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            # Copying the files is for small templates far cheaper than replaying the log of the copy.
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        if tablespace is not None:
            statement += sql.SQL(" TABLESPACE {}").format(sql.Identifier(tablespace))
        self.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def create_role(self, name: str, password: str) -> None:
        """A role that may log in and owns nothing yet."""
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        self.execute(statement.format(sql.Identifier(name), sql.Literal(password)))

    def terminate_connections(self, database: str) -> int:
        """Cut every session of a database, as a fail-over does; returns how many there were."""
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            row = connection.execute(query, (database,)).fetchone()
            return int(row[0]) if row else 0

    def execute(self, statement: sql.SQL | sql.Composed) -> None:
        """Run one statement as the superuser in the maintenance database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def log_tail(self) -> str:
        """The last lines of the server's log."""
        with suppress(OSError):
            return tail(self._log)
        return ""
