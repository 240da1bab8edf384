"""What fees reports about a decision: the obligation stands, and it is settled."""

from datetime import date
from typing import Any

from cases.domain.acts import Act, Demand, Settle
from cases.domain.values import State
from cases.handlers.acting import keep, perform
from cases.handlers.ports import CasesWork

_BEFORE_DEMAND = frozenset({State.SERVED})
_BEFORE_SETTLEMENT = frozenset({State.SERVED, State.PERFORMING})


def obligation_created(uow: CasesWork, data: dict[str, Any]) -> None:
    """The decision is to be performed; told again, or late, it changes nothing."""
    _follow(uow, data, _BEFORE_DEMAND, Demand(done_on=uow.today, obligation_id=data["obligation_id"]))


def obligation_settled(uow: CasesWork, data: dict[str, Any]) -> None:
    """The decision is performed; told again it changes nothing."""
    settled_on = date.fromisoformat(data["settled_on"])
    _follow(uow, data, _BEFORE_SETTLEMENT, Settle(done_on=settled_on, obligation_id=data["obligation_id"]))


def _follow(uow: CasesWork, data: dict[str, Any], states: frozenset[State], act: Act) -> None:
    with uow:
        if not uow.cases.has(data["case_id"]):
            return  # an imported case keeps its account in fees and has no procedure here
        case = uow.cases.get(data["case_id"], lock=True)
        if case.state in states:
            perform(uow, case, act)
            keep(uow, case)
