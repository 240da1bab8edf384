"""Prometheus metrics of a service; in several processes when ``PROMETHEUS_MULTIPROC_DIR`` is set."""

import os
from collections.abc import Callable, Mapping
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class _Gauges:
    """Figures read from the database at the moment of the scrape, the same whichever process is asked."""

    def __init__(self, service: str, read: Callable[[], Mapping[str, float]]) -> None:
        self._service, self._read = service, read

    def collect(self) -> list[GaugeMetricFamily]:
        """One gauge per figure."""
        families = []
        for name, value in self._read().items():
            family = GaugeMetricFamily(f"gongzheng_{name}", f"Current {name.replace('_', ' ')}.", labels=["service"])
            family.add_metric([self._service], value)
            families.append(family)
        return families


class Metrics:
    """The counters of one service."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "gongzheng_http_request_seconds",
            "Time to answer a request.",
            ["service", "method", "route", "status"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._problems = Counter(
            "gongzheng_problems_total", "Refusals by code.", ["service", "code"], registry=self._registry
        )
        self._events = Counter(
            "gongzheng_worker_events_total",
            "Events by what became of them.",
            ["service", "outcome"],
            registry=self._registry,
        )

    def request(self, method: str, route: str, status: int, elapsed_s: float) -> None:
        """Count one answered request."""
        self._requests.labels(self._service, method, route, str(status)).observe(elapsed_s)

    def problem(self, code: str) -> None:
        """Count one refusal."""
        self._problems.labels(self._service, code).inc()

    def events(self, outcome: str, count: int = 1) -> None:
        """Count events of the worker: published, applied, duplicate, parked …"""
        self._events.labels(self._service, outcome).inc(count)

    def render(self, gauges: Callable[[], Mapping[str, float]]) -> tuple[bytes, str]:
        """The text that Prometheus reads, and its content type."""
        scraped = CollectorRegistry()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(scraped)  # type: ignore[no-untyped-call] # the library has no types here
        else:
            scraped.register(_Copy(self._registry))
        scraped.register(_Gauges(self._service, gauges))  # type: ignore[arg-type] # anything with collect() will do
        return generate_latest(scraped), CONTENT_TYPE_LATEST


class _Copy:
    """Shows one registry in another."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> list[object]:
        """The families of the registry shown."""
        return list(self._registry.collect())

    def describe(self) -> list[object]:
        """Nothing is described ahead, so that registering does not scrape."""
        return []


@cache
def metrics_of(service: str) -> Metrics:
    """The metrics of a service, made once per process."""
    return Metrics(service)
