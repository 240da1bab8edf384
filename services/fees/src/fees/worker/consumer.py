"""Which events fees follows and what it does about them. The tables at the foot are the whole wiring."""

from collections.abc import Callable, Mapping

from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.handlers.create_obligation import create_obligation
from fees.handlers.open_imported_balance import open_imported_balance
from gongzheng.messaging.envelope import Envelope


def on_decision_served(uow: FeesUnitOfWork, event: Envelope) -> None:
    """A served decision with money becomes an obligation."""
    create_obligation(uow, event.data, event_id=event.id)


def on_case_imported(uow: FeesUnitOfWork, event: Envelope) -> None:
    """An imported case becomes an obligation with its opening balance."""
    open_imported_balance(uow, event.data, event_id=event.id)


HANDLERS: Mapping[str, Callable[[FeesUnitOfWork, Envelope], None]] = {
    "cn.gongzheng.cases.decision.served.v1": on_decision_served,
    "cn.gongzheng.cases.case.imported.v1": on_case_imported,
}
BINDINGS = (("cases", "case"),)
