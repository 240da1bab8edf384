"""What the pipeline benchmarks send: a case was reported, beside a business row that was written for it."""

import random
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

TYPE = "cn.gongzheng.cases.case.reported.v1"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """The fields of ``case.reported``."""

    case_id: str
    organisation_id: str
    source: str
    complaint_id: str | None
    matter_id: str | None
    received_on: str


def reported(case_id: str) -> Reported:
    """One event about a case."""
    return Reported(
        case_id=case_id,
        organisation_id="91330201MA2AFX1234",
        source="inspection",
        complaint_id=None,
        matter_id="food-safety-unlicensed-production",
        received_on="2026-11-20",
    )


def act(ref: str) -> dict[str, Any]:
    """The business row that a producer writes with each event."""
    return {
        "ref": ref,
        "title": "货架上有超过保质期的饼干十二盒",
        "state": "reported",
        "priority": 3,
        "owner": "officer-1",
        "due": date(2026, 12, 1),
        "amount": 1250,
        "notes": "inspection",
    }


class Arrivals:
    """Moments of a Poisson process: what many independent callers look like together."""

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._next = time.perf_counter()
        self._random = random.Random()  # noqa: S311 arrivals, not secrets

    def wait(self) -> None:
        """Sleep until the next arrival; not at all for a rate of 0, or when we are late."""
        if self._rate_per_s:
            self._next += self._random.expovariate(self._rate_per_s)
            time.sleep(max(0.0, self._next - time.perf_counter()))
