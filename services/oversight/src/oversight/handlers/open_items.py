"""Open the items that open by themselves: inaction from breached clocks, conduct from refused charges."""

from gongzheng.ids import new_id
from oversight.domain.items import BreachedClock, ConductItem, InactionItem, RefusedCharge
from oversight.handlers.ports import Work


def open_inaction(uow: Work, clock: BreachedClock, *, omission: str | None = None) -> str | None:
    """The id of the item that a breached clock opens (RESPONSIBILITY 11); None when it has one that stands."""
    with uow:
        if uow.inaction.standing(clock.clock_id) is not None:
            return None
        item = InactionItem.open(new_id(), clock, uow.today, omission)
        uow.inaction.add(item)
        uow.audit("inaction.open", f"inaction/{item.id}", clock=clock.clock_id)
    return item.id


def open_conduct(uow: Work, charge: RefusedCharge, case_id: str | None) -> str | None:
    """The id of the item that a refused charge opens (CONDUCT 13); None when it is open already."""
    with uow:
        if uow.conduct.knows(charge_id=charge.charge_id):
            return None
        case = uow.cases.get(case_id) if case_id else None
        item = ConductItem.open(
            new_id(), charge, case_id=case_id, organisation_id=case.organisation_id if case else None, on=uow.today
        )
        uow.conduct.add(item)
        uow.audit("conduct.open", f"conduct/{item.id}", charge=charge.charge_id)
    return item.id
