"""Every comparison by name, with the ratio that it is meant to reach."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import http_path, pipeline, sustained
from tests.bench.measure import Result
from tests.bench.stage import Stage


@dataclass(frozen=True)
class Comparison:
    """One line of the table: how it is measured, what it is held against and the ratio to reach."""

    name: str
    target: float
    against: str
    measure: Callable[[Stage], Result]


COMPARISONS = (
    Comparison("relay", 0.7, "bare relay", pipeline.relay),
    Comparison("pipeline_drain", 0.5, "bare pipeline", pipeline.drain),
    Comparison("pipeline_sustained", 0.7, "bare pipeline", sustained.sustained),
    Comparison("latency_p99", 0.5, "bare pipeline", sustained.latency),
    Comparison("http_create", 0.5, "Flask and psycopg", http_path.create),
)
TARGETS = {comparison.name: comparison.target for comparison in COMPARISONS}
