"""What happens by itself as days pass. Each run opens units of work of its own, one batch each, until all is done."""

from collections.abc import Callable

from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.handlers.issue_receipt import issue_waiting
from fees.handlers.keep_days import accrue_surcharge, say_overdue
from gongzheng.timers import Timer

# Legal days end at midnight; a minute later is soon enough, and a quiet look costs one indexed query.
EVERY_S = 60
BATCHES_MAX = 1000

UowFactory = Callable[[], FeesUnitOfWork]


def timers(uow_factory: UowFactory) -> list[Timer]:
    """The timers of the service."""
    return [
        Timer("fees.overdue", EVERY_S, lambda: until_done(uow_factory, say_overdue)),
        Timer("fees.surcharge", EVERY_S, lambda: until_done(uow_factory, accrue_surcharge)),
        Timer("fees.receipts", EVERY_S, lambda: until_done(uow_factory, issue_waiting)),
    ]


def until_done(uow_factory: UowFactory, step: Callable[[FeesUnitOfWork], int]) -> int:
    """Repeat a step, each time in a transaction of its own, until it finds nothing to do; how much it did."""
    total = 0
    for _ in range(BATCHES_MAX):
        with uow_factory() as uow:
            done = step(uow)
        if not done:
            break
        total += done
    return total
