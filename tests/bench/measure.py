"""Rounds and medians: floor and ours take turns in one run, so that a slow minute hits both."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Reading:
    """What one round measured, and notes on how it came about (CPU, other percentiles, memory)."""

    value: float
    notes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One comparison: medians of ours and of the floor (or peer), in ``unit``.

    ``ratio`` is higher when ours is better: ours/floor for a throughput, floor/ours for a latency. ``config`` holds
    the sizes, every round, minima and maxima, and the notes of the median rounds.
    """

    name: str
    ours: float
    floor: float
    ratio: float
    unit: str
    config: dict[str, Any]


def compare(
    name: str,
    *,
    unit: str,
    ours: Callable[[], Reading],
    floor: Callable[[], Reading],
    config: Mapping[str, Any],
    rounds: int = ROUNDS,
    lower_is_better: bool = False,
) -> Result:
    """Measure both in each round, taking turns at who goes first; medians over the rounds."""
    floors: list[Reading] = []
    own: list[Reading] = []
    for number in range(rounds):
        for readings, measure in [(floors, floor), (own, ours)][:: 1 if number % 2 == 0 else -1]:
            readings.append(measure())
    mid_floor, mid_ours = (statistics.median(r.value for r in readings) for readings in (floors, own))
    return Result(
        name=name,
        ours=round(mid_ours, 2),
        floor=round(mid_floor, 2),
        ratio=round(_ratio(mid_ours, mid_floor, lower_is_better=lower_is_better), 3),
        unit=unit,
        config={
            **config,
            "better": "lower" if lower_is_better else "higher",
            "rounds": rounds,
            "ours": _spread(own, mid_ours),
            "floor": _spread(floors, mid_floor),
        },
    )


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _ratio(ours: float, floor: float, *, lower_is_better: bool) -> float:
    return floor / ours if lower_is_better else ours / floor


def _spread(readings: list[Reading], middle: float) -> dict[str, Any]:
    values = [round(reading.value, 2) for reading in readings]
    nearest = min(readings, key=lambda reading: abs(reading.value - middle))
    return {"min": min(values), "max": max(values), "each": values, **nearest.notes}
