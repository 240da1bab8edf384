"""A person of oversight takes an inaction item in hand."""

from oversight.domain.items import InactionItem
from oversight.handlers.ports import Work


def take_up_inaction(uow: Work, item_id: str, *, expected_version: int) -> InactionItem:
    """The item in the caller's hands; see :meth:`InactionItem.take_up` for what is refused."""
    with uow:
        item = uow.inaction.at(item_id, expected_version)
        item.take_up(uow.actor.subject, uow.today)
        uow.inaction.save(item)
        uow.audit("inaction.take_up", f"inaction/{item.id}")
    return item
