"""build/chaos.json: the sums over all runs, and each run with everything that is known about it."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SUMMED = ("seconds", "faults", "events", "deliveries", "lost", "duplicated", "out_of_order", "parked")


def write(runs: Sequence[dict[str, Any]], file: Path) -> None:
    """Write the runs with their sums."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(together(runs), ensure_ascii=False, indent=1), encoding="utf-8")


def together(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What holds of all runs: sums, and "good" and "holds" only where they are so in every run."""
    kinds: Counter[str] = Counter()
    for run in runs:
        kinds.update(run["faults_by_kind"])
    names = sorted({name for run in runs for name in run["holds"]})
    return {
        "good": all(run["good"] for run in runs),
        "seeds": [run["seed"] for run in runs],
        **{name: sum(run[name] for run in runs) for name in SUMMED},
        "faults_by_kind": dict(sorted(kinds.items())),
        "holds": {name: all(run["holds"].get(name, False) for run in runs) for name in names},
        "wrong": [f"seed {run['seed']}: {wrong}" for run in runs for wrong in run["wrong"]],
        "runs": list(runs),
    }


def read_runs(file: Path) -> list[dict[str, Any]]:
    """The runs that were written before; none when there is no such file."""
    if not file.exists():
        return []
    runs: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")).get("runs", [])
    return runs
