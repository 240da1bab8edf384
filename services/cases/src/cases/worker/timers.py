"""What happens by itself as days pass: clocks are warned of and found breached."""

from collections.abc import Callable

from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.handlers.watch_clocks import recompute_clocks, watch_clocks
from gongzheng.timers import Timer

BATCHES_MAX = 1000

UowFactory = Callable[[], CasesUnitOfWork]


def timers(uow_factory: UowFactory, *, warn_days_before: int, every_s: int) -> list[Timer]:
    """The timers of the service."""
    return [Timer("cases.clocks", every_s, lambda: run_clocks(uow_factory, warn_days_before=warn_days_before))]


def run_clocks(uow_factory: UowFactory, *, warn_days_before: int) -> int:
    """Look at all clocks, a batch per transaction, until nothing is left; how many were warned of or breached."""
    total = 0
    # First, so that nobody is warned of a day that a new calendar has moved.
    for _ in range(BATCHES_MAX):
        if not recompute_clocks(uow_factory()):
            break
    for _ in range(BATCHES_MAX):
        done = watch_clocks(uow_factory(), warn_days_before=warn_days_before)
        if not done:
            break
        total += done
    return total
