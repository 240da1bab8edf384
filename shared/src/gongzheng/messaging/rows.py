"""Many rows in one statement, alike on PostgreSQL (unnest) and SQLite (json_each)."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from gongzheng.db.mechanism import Mechanism

_ARRAYS = {"text": "text[]", "int": "bigint[]"}


def with_rows(
    mechanism: Mechanism, statement: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """Put given rows into a statement as the table ``v``, and return the statement with the rows' parameters.

    ``columns`` are (name, "text" | "int"). The statement is written with ``?`` for parameters and ``{rows}`` where a
    table may stand in FROM.
    """
    if mechanism.postgresql:
        marks = ", ".join(f"CAST(? AS {_ARRAYS[kind]})" for _, kind in columns)
        names = ", ".join(name for name, _ in columns)
        by_column = list(zip(*rows, strict=True)) or [()] * len(columns)
        values = [_array(column, kind) for column, (_, kind) in zip(by_column, columns, strict=True)]
        return statement.replace("{rows}", f"unnest({marks}) AS v ({names})"), values
    picked = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _) in enumerate(columns))
    table = "(SELECT {picked} FROM json_each(?)) AS v".replace("{picked}", picked)
    return statement.replace("{rows}", table), [json.dumps([list(row) for row in rows])]


def _array(values: Sequence[Any], kind: str) -> str:
    """PostgreSQL's own text form of an array: for lists of hundreds several times faster than the driver's."""
    if kind == "int":
        return "{" + ",".join(["NULL" if value is None else str(int(value)) for value in values]) + "}"
    return "{" + ",".join([_quoted(value) for value in values]) + "}"


def _quoted(value: str | None) -> str:
    if value is None:
        return "NULL"
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'
