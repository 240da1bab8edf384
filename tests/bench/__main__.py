"""``make bench``: everything side by side, a table on the screen and build/bench.json."""

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import document, report
from tests.bench.catalogue import COMPARISONS, TARGETS, Comparison
from tests.bench.measure import Result
from tests.bench.stage import Sizes, Stage
from tests.support.common import MissingServer
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

OUT = Path("build/bench.json")
PARTIAL = Path("build/bench-partial.json")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and report.

    Returns:
        1 when a server is missing or a comparison could not be made. A ratio below its target is no failure here.
    """
    options = _options(argv)
    if options.list:
        for comparison in COMPARISONS:
            sys.stdout.write(f"{comparison.name:22} ≥ {comparison.target:<4g} against {comparison.against}\n")
        return 0
    if options.document:
        document.write(report.read(OUT), TARGETS)
        return 0
    wanted = [comparison for comparison in COMPARISONS if comparison.name in (options.only or TARGETS)]
    try:
        with PostgresServer(durable=True) as postgres, RabbitServer() as rabbit:
            stage = Stage.prepare(postgres, rabbit, _sizes(options))
            results = list(_measure(stage, wanted))
    except MissingServer as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    # What was not measured side by side with the rest does not stand in one file with it.
    report.write(results, options.out or (PARTIAL if options.only else OUT))
    report.show(results, TARGETS)
    return int(len(results) < len(wanted))


def _measure(stage: Stage, wanted: Sequence[Comparison]) -> Any:
    machine = stage.describe()
    for comparison in wanted:
        start = time.monotonic()
        try:
            result: Result = comparison.measure(stage)
        except Exception:  # noqa: BLE001 one comparison that cannot be made must not cost the others
            traceback.print_exc()
            sys.stderr.write(f"{comparison.name} could not be measured\n")
            continue
        took_s = time.monotonic() - start
        sys.stderr.write(f"{result.name}: {result.ratio:.2f} ({took_s:.0f} s)\n")
        yield replace(result, config={**result.config, "took_s": round(took_s), "machine": machine})


def _options(argv: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the comparisons and their targets")
    parser.add_argument("--document", action="store_true", help=f"renew {document.PAGE} from {OUT}; measures nothing")
    parser.add_argument("--only", action="append", choices=TARGETS, metavar="NAME", help="measure only this one; again")
    parser.add_argument("--rounds", type=int, default=Sizes.rounds, help="how often each side is measured")
    parser.add_argument("--seconds", type=float, default=Sizes.seconds, help="window of a steady rate")
    parser.add_argument("--rows", type=int, default=Sizes.rows, help="rows that growth_10m puts into log and inbox")
    parser.add_argument("--out", type=Path, help=f"where to write; {OUT}, or {PARTIAL} with --only")
    return parser.parse_args(argv)


def _sizes(options: Any) -> Sizes:
    return Sizes(rounds=options.rounds, seconds=options.seconds, rows=options.rows)


if __name__ == "__main__":
    sys.exit(main())
