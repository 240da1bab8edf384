"""An inaction item follows the clock that opened it: its last day may move, or it turns out not to have been missed."""

from oversight.domain.items import ChangedClock
from oversight.handlers.ports import Work


def follow_clock(uow: Work, change: ChangedClock) -> bool:
    """Whether an item changed; False when the clock of the case has none that stands, or nothing is new."""
    with uow:
        item = uow.inaction.standing(change.clock_id)
        if item is None or item.clock.case_id != change.case_id or not item.follow(change, uow.today):
            return False
        uow.inaction.save(item)
        uow.audit(
            "inaction.withdraw" if change.breach_withdrawn else "inaction.reschedule",
            f"inaction/{item.id}",
            clock=change.clock_id,
            change=change.change,
            due_on=item.clock.due_on.isoformat(),
        )
    return True
