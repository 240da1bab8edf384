"""Shadow tables: private copies of a service's tables, empty at first, which unqualified names mean while they exist.

They are temporary tables of this connection under the same names. Both databases look there first, so a handler
writes to the shadow without knowing of it; whatever else works on the service sees the real tables only. With the
connection they are gone.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from gongzheng.db.mechanism import Mechanism

_CREATE_TABLE = re.compile(r"^\s*CREATE\s+TABLE\s+", re.IGNORECASE)
_CREATE_INDEX = re.compile(r"^\s*CREATE\s+(UNIQUE\s+)?INDEX\s+", re.IGNORECASE)
_WRITES = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One table compared: how many rows it has and should have, and how many of them are missing or do not belong.

    A row with a wrong value counts on both sides.
    """

    table: str
    rows: int
    expected: int
    missing: int
    unexpected: int

    @property
    def equal(self) -> bool:
        """Whether the table is as it should be."""
        return not (self.missing or self.unexpected)


@dataclass(frozen=True, kw_only=True)
class _Table:
    name: str
    real: str
    shadow: str
    columns: str
    key: str


class Shadow:
    """The shadows of some tables, on the connection of this thread."""

    def __init__(self, mechanism: Mechanism, tables: Sequence[str]) -> None:
        self._mechanism = mechanism
        self._schema, self._temporary = ("main", "temp")
        if mechanism.postgresql:
            self._schema, self._temporary = mechanism.execute("SELECT current_schema()").fetchone()[0], "pg_temp"
        self._tables = [self._table(name) for name in tables]

    def _table(self, name: str) -> _Table:
        database = self._mechanism.database
        columns = [f'"{column.name}"' for column in database.get_columns(name, self._schema)]
        key = [f'"{column}"' for column in database.get_primary_keys(name, self._schema)]
        if not columns or not key:
            raise ValueError(f"{name} is no table with a primary key")
        return _Table(
            name=name,
            real=f'"{self._schema}"."{name}"',
            shadow=f'{self._temporary}."{name}"',
            columns=", ".join(columns),
            key=", ".join(key),
        )

    @contextmanager
    def made(self) -> Iterator[None]:
        """The shadows exist inside this block."""
        self._drop()
        self._make()
        try:
            yield
        finally:
            # A lost connection took them with it.
            self._drop()

    def _make(self) -> None:
        for table in self._tables:
            if self._mechanism.postgresql:
                # A plan made before the shadow existed would go on to mean the real table.
                self._mechanism.database.connection().prepare_threshold = None
                self._mechanism.execute(
                    f'CREATE TEMPORARY TABLE "{table.name}" (LIKE {table.real} INCLUDING DEFAULTS INCLUDING INDEXES)'
                )
                continue
            rows = self._mechanism.execute(
                "SELECT sql FROM main.sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index')"
                " AND sql IS NOT NULL ORDER BY type DESC",
                (table.name,),
            ).fetchall()
            for (statement,) in rows:
                text = _CREATE_TABLE.sub("CREATE TEMPORARY TABLE ", statement)
                self._mechanism.execute(_CREATE_INDEX.sub(lambda m: f"CREATE {m[1] or ''}INDEX temp.", text))

    def _drop(self) -> None:
        self._mechanism.ensure_connected()
        for table in reversed(self._tables):
            self._mechanism.execute(f"DROP TABLE IF EXISTS {table.shadow}")

    def verify(self) -> None:
        """Make sure, inside a transaction, that this connection still has the shadows.

        Raises:
            Exception: the database's own, when it has not; the real tables must not be taken for them.
        """
        for table in self._tables:
            self._mechanism.execute(f"SELECT 1 FROM {table.shadow} LIMIT 0")  # noqa: S608 names of ours

    @contextmanager
    def nothing_else_written(self) -> Iterator[None]:
        """Inside this block, which must lie in a transaction or savepoint, the database itself refuses other writes."""
        if self._mechanism.postgresql:
            # A read-only transaction may write temporary tables; it ends with the enclosing savepoint.
            self._mechanism.execute("SET TRANSACTION READ ONLY")
            yield
            return
        connection = self._mechanism.database.connection()
        connection.set_authorizer(_only_temporary)
        try:
            yield
        finally:
            connection.set_authorizer(None)

    def differences(self) -> list[Difference]:
        """Each real table against its shadow, row by row."""
        return [
            Difference(
                table=table.name,
                rows=self._count(table.real),
                expected=self._count(table.shadow),
                missing=self._count(_except(table, table.shadow, table.real)),
                unexpected=self._count(_except(table, table.real, table.shadow)),
            )
            for table in self._tables
        ]

    def _count(self, rows: str) -> int:
        return int(self._mechanism.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])  # noqa: S608 names of ours

    def replace_real(self) -> None:
        """Make the real tables equal to their shadows, touching only the rows that differ."""
        for table in reversed(self._tables):
            self._mechanism.execute(
                f"DELETE FROM {table.real} WHERE ({table.key}) IN"  # noqa: S608 names of ours
                f" (SELECT {table.key} FROM {_except(table, table.real, table.shadow)})"
            )
        for table in self._tables:
            self._mechanism.execute(
                f"INSERT INTO {table.real} ({table.columns}) SELECT {table.columns}"  # noqa: S608 names of ours
                f" FROM {_except(table, table.shadow, table.real)}"
            )


def _except(table: _Table, one: str, other: str) -> str:
    return f"(SELECT {table.columns} FROM {one} EXCEPT SELECT {table.columns} FROM {other}) AS differing"  # noqa: S608 as above


def _only_temporary(action: int, _one: Any, _two: Any, database: str | None, _trigger: Any) -> int:
    # SQLite tells here of the tables of its own too, such as sqlite_temp_master.
    return sqlite3.SQLITE_DENY if action in _WRITES and database not in ("temp", None) else sqlite3.SQLITE_OK
