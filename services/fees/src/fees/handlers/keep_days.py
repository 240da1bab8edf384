"""What the calendar does to debts: the period ends, and the surcharge of each day is booked (APL 72)."""

from fees.domain.ledger import References, Transaction, post
from fees.handlers.ports import FeesUnitOfWork
from gongzheng.ids import new_id

BATCH_MAX = 100


def say_overdue(uow: FeesUnitOfWork, limit: int = BATCH_MAX) -> int:
    """Say of debts whose period ended that they are overdue, each once; how many."""
    said = 0
    for obligation_id in uow.obligations.newly_overdue(uow.today, limit):
        obligation = uow.obligations.get(obligation_id, lock=True)
        event = obligation.fall_overdue(uow.today)
        if event is not None:
            uow.obligations.save(obligation)
            uow.emit(obligation.id, event)
            said += 1
    return said


def accrue_surcharge(uow: FeesUnitOfWork, limit: int = BATCH_MAX) -> int:
    """Book the surcharge of overdue debts up to today; of how many debts."""
    accrued = 0
    for obligation_id in uow.obligations.to_accrue(uow.today, limit):
        obligation = uow.obligations.get(obligation_id, lock=True)
        facts, events = obligation.accrue(uow.rules, through=uow.today)
        uow.obligations.save(obligation)
        if facts:
            uow.ledger.add(
                Transaction(
                    id=new_id(),
                    kind="surcharge.accrued",
                    occurred_on=uow.today,
                    currency=obligation.currency,
                    refers=References(obligation_id=obligation.id),
                    postings=post(uow.rules, facts),
                )
            )
        for event in events:
            uow.emit(obligation.id, event)
        accrued += 1
    return accrued
