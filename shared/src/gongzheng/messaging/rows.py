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
        values: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
        return statement.replace("{rows}", f"unnest({marks}) AS v ({names})"), values
    picked = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _) in enumerate(columns))
    table = "(SELECT {picked} FROM json_each(?)) AS v".replace("{picked}", picked)
    return statement.replace("{rows}", table), [json.dumps([list(row) for row in rows])]
