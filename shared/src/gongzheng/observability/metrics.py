"""Prometheus metrics of a service; in several processes when ``PROMETHEUS_MULTIPROC_DIR`` is set.

All services of a process share one registry and are told apart by the label ``service``.
"""

import os
from collections.abc import Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_REQUESTS = Histogram(
    "gongzheng_http_request_seconds",
    "Time to answer a request",
    ["service", "method", "route", "status"],
    buckets=_BUCKETS_S,
)
_PROBLEMS = Counter("gongzheng_problems", "Refusals by code", ["service", "code"])


def count_request(service: str, *, method: str, route: str, status: int, elapsed_s: float) -> None:
    """Count one answered request; ``route`` is the rule, so that the number of series stays bounded."""
    _REQUESTS.labels(service, method, route, str(status)).observe(elapsed_s)


def count_problem(service: str, code: str) -> None:
    """Count one refusal."""
    _PROBLEMS.labels(service, code).inc()


class Gauges(Collector):
    """Figures read at the moment of the scrape, the same whichever process is asked."""

    def __init__(self, service: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._service, self._read = service, read

    def collect(self) -> list[GaugeMetricFamily]:
        """One gauge per figure."""
        families = []
        for name, value in self._read().items():
            family = GaugeMetricFamily(f"gongzheng_{name}", f"Current {name.replace('_', ' ')}", labels=["service"])
            family.add_metric([self._service], value)
            families.append(family)
        return families


def render(service: str, gauges: Callable[[], Mapping[str, float]]) -> tuple[bytes, str]:
    """The text that Prometheus reads, and its content type."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library has no types here
    own = CollectorRegistry()
    own.register(Gauges(service, gauges))
    # First, because reading these figures sets gauges of the shared registry too.
    mine = generate_latest(own)
    return mine + generate_latest(registry), CONTENT_TYPE_LATEST
