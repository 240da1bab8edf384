"""Keep the time limits on complaints: open an item for each that passed, and recompute those that may still move."""

from collections.abc import Callable

from oversight.domain.items import BreachedClock
from oversight.domain.rulebook import clock_rules
from oversight.handlers.open_items import open_inaction
from oversight.handlers.ports import Work

BATCH = 100


def break_clocks(make_uow: Callable[[], Work]) -> int:
    """Mark limits that passed with the duty undone; oversight's own delay opens an item like anybody's.

    Each complaint is a transaction of its own. Returns how many limits broke.
    """
    with make_uow() as uow:
        overdue = uow.complaints.overdue(uow.today, BATCH)
    return sum(_break_clock(make_uow(), complaint_id, clock_id) for complaint_id, clock_id in overdue)


def _break_clock(uow: Work, complaint_id: str, clock_id: str) -> int:
    with uow:
        complaint = uow.complaints.get(complaint_id)
        clock = complaint.break_clock(clock_id, uow.today)
        if clock is None:
            return 0
        uow.complaints.save(complaint)
        breached = BreachedClock(
            clock_id=clock.id,
            kind=clock.kind,
            law=clock.law,
            started_on=clock.started_on,
            due_on=clock.due.due_on,
            organisation_id=uow.organisation_id,
            complaint_id=complaint.id,
        )
        open_inaction(uow, breached, omission=next(rule.omission for rule in clock_rules() if rule.kind == clock.kind))
    return 1


def settle_provisional(make_uow: Callable[[], Work]) -> int:
    """Compute limits anew whose year had no published calendar when they were set; returns how many moved."""
    with make_uow() as uow:
        waiting = uow.complaints.provisional(BATCH)
    return sum(_settle(make_uow(), complaint_id) for complaint_id in waiting)


def _settle(uow: Work, complaint_id: str) -> int:
    with uow:
        complaint = uow.complaints.get(complaint_id)
        moved = complaint.recompute(uow.compute_due)
        uow.complaints.save(complaint)
    return moved
