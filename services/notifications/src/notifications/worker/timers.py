"""What recurs: the sweep for what was left lying, and forgetting."""

from gongzheng.db.mechanism import Mechanism
from gongzheng.timers import Timer
from notifications.adapters import metrics
from notifications.handlers.sweep_messages import forget_contacts, recover_stuck, settle_waiting
from notifications.worker.loop import NewUnitOfWork

MEASURE_EVERY_S = 15
SWEEP_EVERY_S = 30
FORGET_EVERY_S = 86_400


def timers(new_unit_of_work: NewUnitOfWork, mechanism: Mechanism) -> list[Timer]:
    """The service's timers."""
    return [
        Timer("notifications.measure", MEASURE_EVERY_S, lambda: metrics.measure(mechanism)),
        Timer("notifications.sweep", SWEEP_EVERY_S, lambda: sweep(new_unit_of_work)),
        Timer("notifications.forget_contacts", FORGET_EVERY_S, lambda: forget_contacts(new_unit_of_work())),
    ]


def sweep(new_unit_of_work: NewUnitOfWork) -> int:
    """Recover stuck messages and settle waiting ones, a batch per transaction; how many changed."""
    total = 0
    while recovered := recover_stuck(new_unit_of_work()):
        total += recovered
    after = ""
    while True:
        changed, after = settle_waiting(new_unit_of_work(), after)
        total += changed
        if not after:
            return total
