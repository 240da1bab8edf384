"""Plain statements for the hot way of a case: peewee builds each statement anew, which costs more than running it.

Table and column names come from this package's code only; every value is a parameter.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gongzheng.db.mechanism import Mechanism


class Row:
    """A row whose columns are attributes."""

    def __init__(self, columns: Sequence[str], values: Sequence[Any]) -> None:
        self.__dict__.update(zip(columns, values, strict=True))

    def __getattr__(self, name: str) -> Any:
        """A column that was not asked for."""
        raise AttributeError(name)


Statement = tuple[str, list[Any]]


def inserting(table: str, values: Mapping[str, Any], *, or_nothing: bool = False) -> Statement:
    """The statement that enters a row; ``or_nothing`` passes over one whose key is there."""
    names, marks = ", ".join(values), ", ".join(["?"] * len(values))
    ignore = " ON CONFLICT DO NOTHING" if or_nothing else ""
    return f"INSERT INTO {table} ({names}) VALUES ({marks}){ignore}", list(values.values())  # noqa: S608 names are ours, values are parameters


def updating(table: str, values: Mapping[str, Any], **where: Any) -> Statement:
    """The statement that changes the rows that match every ``where``."""
    changes, conditions = ", ".join(f"{name} = ?" for name in values), " AND ".join(f"{name} = ?" for name in where)
    return f"UPDATE {table} SET {changes} WHERE {conditions}", [*values.values(), *where.values()]  # noqa: S608 as above


def insert(mechanism: Mechanism, table: str, values: Mapping[str, Any], *, or_nothing: bool = False) -> bool:
    """Whether a row was entered."""
    return bool(mechanism.execute(*inserting(table, values, or_nothing=or_nothing)).rowcount == 1)


def update(mechanism: Mechanism, table: str, values: Mapping[str, Any], **where: Any) -> bool:
    """Whether a row that matches every ``where`` was changed."""
    return bool(mechanism.execute(*updating(table, values, **where)).rowcount == 1)


def select(mechanism: Mechanism, table: Any, order: str = "", *, lock: bool = False, **where: Any) -> list[Row]:
    """The rows of a model's table that match every ``where``; ``lock`` keeps others from changing them."""
    meta = table._meta  # noqa: SLF001 peewee keeps the columns under this name
    columns = list(meta.columns)
    conditions = " AND ".join(f"{name} = ?" for name in where)
    ordered = f" ORDER BY {order}" if order else ""
    locked = " FOR UPDATE" if lock and mechanism.postgresql else ""
    found = mechanism.execute(
        f"SELECT {', '.join(columns)} FROM {meta.table_name} WHERE {conditions}{ordered}{locked}",  # noqa: S608 as above
        list(where.values()),
    ).fetchall()
    return [Row(columns, values) for values in found]
