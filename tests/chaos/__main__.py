"""``make chaos``: faults under load, a table and build/chaos.json; exit status 1 when anything is wrong."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.chaos.report import read_runs, write
from tests.chaos.run import Config, Result, play
from tests.support.common import MissingServer

OUT = Path("build/chaos.json")
SECONDS, LONG_SECONDS = 300.0, 3600.0


def main() -> int:
    """Run, report."""
    asked = arguments().parse_args()
    first = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**8)
    seconds = asked.seconds or (LONG_SECONDS if asked.long else SECONDS)
    console = Console()
    told = read_runs(OUT) if asked.append else []
    good = True
    for seed in range(first, first + asked.runs):
        config = Config(seed=seed, seconds=seconds, mean_gap_s=asked.gap, settle_s=asked.settle)
        try:
            result = run(config, asked.keep and Path(asked.keep) / str(seed), console)
        except MissingServer as missing:
            sys.stderr.write(f"{missing}\n")
            return 1
        told.append(result.as_json())
        write(told, OUT)
        show(result, console)
        good = good and result.good
    return 0 if good else 1


def run(config: Config, keep: Path | None, console: Console) -> Result:
    """One run, in a folder that is kept or removed."""
    folder = keep or Path(tempfile.mkdtemp(prefix="gongzheng-chaos-"))
    try:
        return play(config, folder, say=lambda line: console.print(line, highlight=False, soft_wrap=True))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def arguments() -> argparse.ArgumentParser:
    """What can be typed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the same seed plans the same faults; otherwise one is drawn")
    parser.add_argument("--seconds", type=float, help=f"how long faults fall (default {SECONDS:.0f})")
    parser.add_argument("--long", action="store_true", help="one hour")
    parser.add_argument("--runs", type=int, default=1, help="so many runs, each with the next seed")
    parser.add_argument("--append", action="store_true", help=f"add to the runs that {OUT} holds, for sums over all")
    parser.add_argument("--keep", metavar="FOLDER", help="keep the services' logs in this new folder")
    parser.add_argument(
        "--settle", type=float, default=Config.settle_s, help="seconds in which all must be quiet after the last fault"
    )
    parser.add_argument("--gap", type=float, default=Config.mean_gap_s, help="seconds between two faults on average")
    return parser


def show(result: Result, console: Console) -> None:
    """The table."""
    told, verdict = result.as_json(), result.verdict
    table = Table("", "", title=f"Chaos, seed {result.config.seed}, {result.config.seconds:.0f} s")
    for kind, count in told["faults_by_kind"].items():
        table.add_row(f"fault: {kind.replace('_', ' ')}", str(count))
    for name in ("faults", "events", "deliveries", "lost", "duplicated", "out_of_order", "parked"):
        table.add_row(name.replace("_", " "), str(told[name]))
    for name, holds in verdict.holds.items():
        table.add_row(name, "yes" if holds else "NO")
    table.add_row("settled after", f"{result.settled_after_s} s")
    table.add_row("processes that ended by themselves", str(len(told["deaths"])))
    console.print(table)
    for fault in verdict.faults:
        console.print(f"WRONG  {fault}", style="red", markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
