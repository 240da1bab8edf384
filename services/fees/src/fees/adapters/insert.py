"""Inserting rows by statements that are written once: building each anew costs more than running it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from peewee import Model

from gongzheng.db.connect import is_postgresql


def insert(model: type[Model], *rows: Mapping[str, Any], unless_taken: tuple[str, ...] = ()) -> int:
    """Insert rows that all have the same columns; how many were inserted.

    With ``unless_taken`` a row whose values of these columns are taken is passed over.
    """
    database = model._meta.database.obj  # noqa: SLF001 peewee's documented way to the proxied database
    names = tuple(rows[0])
    sql, convert = _statement(model, names, len(rows), unless_taken, "%s" if is_postgresql(database) else "?")
    values = [to_column(row[name]) for row in rows for name, to_column in zip(names, convert, strict=True)]
    return int(database.execute_sql(sql, values).rowcount)


@cache
def _statement(
    model: type[Model], names: tuple[str, ...], rows: int, unless_taken: tuple[str, ...], mark: str
) -> tuple[str, Sequence[Any]]:
    meta = model._meta  # noqa: SLF001 as above
    one = f"({', '.join([mark] * len(names))})"
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    conflict = f" ON CONFLICT ({', '.join(unless_taken)}) DO NOTHING" if unless_taken else ""
    sql = f'INSERT INTO "{meta.table_name}" ({columns}) VALUES {", ".join([one] * rows)}{conflict}'  # noqa: S608 names of our own models
    return sql, [meta.fields[name].db_value for name in names]
