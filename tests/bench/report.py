"""What a run leaves: the table on the screen and a file of results."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.measure import Result


def write(results: Sequence[Result], path: Path) -> None:
    """A JSON list of ``{name, ours, floor, ratio, unit, config}``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps([asdict(result) for result in results], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def read(path: Path) -> list[Result]:
    """The results of an earlier run."""
    return [Result(**item) for item in json.loads(path.read_text(encoding="utf-8"))]


def show(results: Iterable[Result], targets: Mapping[str, float]) -> None:
    """The table; a ratio below its target is red."""
    table = Table("measure", "ours", "floor or peer", "unit", "ratio", "target")
    for result in results:
        target = targets.get(result.name)
        reached = target is None or result.ratio >= target
        table.add_row(
            result.name,
            f"{result.ours:,.1f}",
            f"{result.floor:,.1f}",
            result.unit,
            f"{result.ratio:.2f}" if reached else f"[red]{result.ratio:.2f}[/red]",
            "" if target is None else f"≥ {target:g}",
        )
    Console().print(table)
