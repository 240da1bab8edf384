"""Migrations: numbered files beside a HEAD file, applied once each under an advisory lock."""

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from types import ModuleType

from peewee import Database

from gongzheng.clock import SystemClock
from gongzheng.db.connect import ensure_connected, is_postgresql
from gongzheng.db.mechanism import iso

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.py")
# Any constant will do, as long as nothing else in the database locks it.
_LOCK = 0x676F6E67


class MigrationError(RuntimeError):
    """The migrations on disk and the database do not belong together."""


def available(package: str) -> list[str]:
    """The names of a package's migrations in order, e.g. ``0001_foundation``.

    Raises:
        MigrationError: when numbers are missing or doubled, or HEAD does not name the last one.
    """
    root = files(package)
    names = sorted(f.name.removesuffix(".py") for f in root.iterdir() if _NAME.fullmatch(f.name))
    if [int(name[:4]) for name in names] != list(range(1, len(names) + 1)):
        raise MigrationError(f"{package}: migrations are not numbered 0001, 0002, …: {', '.join(names)}")
    head = (root / "HEAD").read_text(encoding="utf-8").strip()
    if not names or head != names[-1]:
        raise MigrationError(f"{package}: HEAD says {head!r}, the last migration is {(names or ['none'])[-1]!r}")
    return names


def applied(database: Database) -> list[str]:
    """The names that this database has had, in order."""
    ensure_connected(database)
    if "migration" not in database.get_tables():
        return []
    return [row[0] for row in database.execute_sql("SELECT name FROM migration ORDER BY name").fetchall()]


def pending(database: Database, package: str) -> list[str]:
    """The names that this database still lacks.

    Raises:
        MigrationError: when the database has had migrations that this release does not know.
    """
    names, had = available(package), applied(database)
    if had != names[: len(had)]:
        raise MigrationError(f"{package}: the database is ahead of this release or of another line: {had[-1]}")
    return names[len(had) :]


def migrate(database: Database, package: str) -> list[str]:
    """Apply what is pending, each in its own transaction; the names applied are returned.

    Safe to start from several processes at once: the others wait for the lock and find nothing to do.
    """
    ensure_connected(database)
    done: list[str] = []
    with _lock(database):
        while name := _step(database, package):
            done.append(name)
    return done


def _step(database: Database, package: str) -> str | None:
    """Apply the first pending migration; what is pending is looked up under the same lock that applies it."""
    kind = () if is_postgresql(database) else ("IMMEDIATE",)
    with database.atomic(*kind):
        for name in pending(database, package):
            _module(package, name).upgrade(database)
            _remember(database, name)
            return name
    return None


def _module(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"{package}.{name}")


def _remember(database: Database, name: str) -> None:
    mark = "%s" if is_postgresql(database) else "?"
    now = iso(SystemClock().now())
    database.execute_sql("CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at text NOT NULL)")
    database.execute_sql(f"INSERT INTO migration (name, applied_at) VALUES ({mark}, {mark})", (name, now))  # noqa: S608 only marks are joined in


@contextmanager
def _lock(database: Database) -> Iterator[None]:
    """One migrator at a time; DDL gives up on a busy table after 5 s instead of queueing everybody behind it."""
    if not is_postgresql(database):
        yield  # the write lock that each step takes is enough
        return
    database.execute_sql("SET lock_timeout = '60s'")
    database.execute_sql("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        database.execute_sql("SET lock_timeout = '5s'")
        yield
    finally:
        database.execute_sql("SELECT pg_advisory_unlock(%s)", (_LOCK,))
        database.execute_sql("RESET lock_timeout")
