"""Rounds, medians and the report: floor and ours take turns in one run, so that a slow minute hits both."""

import json
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Result:
    """One comparison. ``ratio`` is ours/floor, and higher is better; ``unit`` is what both count per second."""

    name: str
    ours: float
    floor: float
    ratio: float
    unit: str
    config: dict[str, Any]


def compare(
    name: str, *, unit: str, ours: Callable[[], float], floor: Callable[[], float], config: dict[str, Any]
) -> Result:
    """Measure both in turn, each round the floor first; medians of all rounds."""
    floors, own = [], []
    for _ in range(ROUNDS):
        floors.append(floor())
        own.append(ours())
    mid_floor, mid_ours = statistics.median(floors), statistics.median(own)
    rounds = {"ours": [round(x, 1) for x in own], "floor": [round(x, 1) for x in floors]}
    return Result(
        name=name,
        ours=round(mid_ours, 1),
        floor=round(mid_floor, 1),
        ratio=round(mid_ours / mid_floor, 3),
        unit=unit,
        config=config | {"rounds": rounds},
    )


def report(results: list[Result], path: Path) -> None:
    """Write the file and show the table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")
    table = Table("measure", "ours", "floor", "ratio", "unit")
    for result in results:
        table.add_row(result.name, f"{result.ours:,.0f}", f"{result.floor:,.0f}", f"{result.ratio:.2f}", result.unit)
    Console().print(table)
