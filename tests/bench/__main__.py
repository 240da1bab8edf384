"""``make bench``: everything side by side, a table on the screen and build/bench.json."""

import sys
from pathlib import Path

from tests.bench import pipeline
from tests.bench.http_path import measure as measure_http_path
from tests.bench.measure import report
from tests.support.common import MissingServer
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

OUT = Path("build/bench.json")


def main() -> int:
    """Measure and report; 1 with one sentence when a server is missing."""
    try:
        with PostgresServer(durable=True) as postgres, RabbitServer() as rabbit:
            results = pipeline.measure(pipeline.Bench.prepare(postgres, rabbit))
            results += measure_http_path(postgres)
    except MissingServer as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    report(results, OUT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
