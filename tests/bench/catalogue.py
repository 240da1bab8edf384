"""Every comparison by name, with the ratio that it is meant to reach."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import against_peers, growth, http_path, pipeline, sustained
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
    Comparison("pipeline_vs_celery", 6, "Celery", against_peers.celery),
    Comparison("pipeline_vs_dramatiq", 5, "dramatiq", against_peers.dramatiq),
    Comparison("http_create", 0.5, "Flask and psycopg", http_path.create),
    Comparison("http_vs_drf", 1.5, "Django REST framework", http_path.beside_django),
    Comparison("growth_10m", 0.9, "ten thousand rows", growth.growth),
)
TARGETS = {comparison.name: comparison.target for comparison in COMPARISONS}
