"""Which events cases follows and what it does about them. The tables at the foot are the whole wiring."""

from collections.abc import Callable, Mapping

from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.handlers.accept_complaint import accept_complaint
from cases.handlers.follow_obligation import obligation_created, obligation_settled
from gongzheng.messaging.envelope import Envelope


def on_complaint_accepted(uow: CasesUnitOfWork, event: Envelope) -> None:
    """An accepted complaint becomes a lead at intake."""
    accept_complaint(uow, event.data)


def on_obligation_created(uow: CasesUnitOfWork, event: Envelope) -> None:
    """The decision is to be performed."""
    obligation_created(uow, event.data)


def on_obligation_settled(uow: CasesUnitOfWork, event: Envelope) -> None:
    """The decision is performed; the case may be closed."""
    obligation_settled(uow, event.data)


HANDLERS: Mapping[str, Callable[[CasesUnitOfWork, Envelope], None]] = {
    "cn.gongzheng.oversight.complaint.accepted.v1": on_complaint_accepted,
    "cn.gongzheng.fees.obligation.created.v1": on_obligation_created,
    "cn.gongzheng.fees.obligation.settled.v1": on_obligation_settled,
}
BINDINGS = (("oversight", "complaint"), ("fees", "obligation"))
