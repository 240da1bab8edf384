"""Which events fees follows and what it does about them. The tables at the foot are the whole wiring."""

from collections.abc import Callable, Mapping

from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.handlers.create_obligation import create_obligation, remember_decision
from fees.handlers.open_imported_balance import open_imported_balance
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.projection import Projection


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


def _remember(uow: FeesUnitOfWork, event: Envelope) -> None:
    remember_decision(uow, event.data, event_id=event.id)


# One side of parity (F-12). The books stay as they were written, so it can be compared with what cases published and
# never made again; everything else here has numbers, money and events of its own.
PROJECTIONS = (
    Projection(
        name="served-decisions",
        tables=("decision_claim",),
        handlers={"cn.gongzheng.cases.decision.served.v1": _remember},
        follows=BINDINGS,
        rewritable=False,
    ),
)
