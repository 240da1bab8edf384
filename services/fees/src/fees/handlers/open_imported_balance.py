"""An imported case becomes an obligation with the opening balance that its source states (F-13)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fees.domain import payment_code
from fees.domain.ledger import References, Transaction, post
from fees.domain.obligation import Ground, Obligation, Origin, State
from fees.domain.opening import Opening
from fees.domain.position import Terms
from fees.handlers.ports import FeesUnitOfWork
from gongzheng.ids import new_id


def open_imported_balance(uow: FeesUnitOfWork, data: Mapping[str, Any], *, event_id: str) -> Obligation:
    """Open the account of a ``case.imported`` event. No surcharge runs on it: the source's own figures stand.

    A case with nothing left to pay is settled from the start; on which day it was paid the source does not say.

    Raises:
        ImportDoesNotBalance: when the figures do not make the balance that the event states.
    """
    parts = ("decided_fen", "surcharge_fen", "interest_fen", "waived_fen", "paid_fen")
    opening = Opening(
        import_id=data["import_id"],
        source_reference=data["source_reference"],
        currency=data["currency"],
        **{name: data[name] for name in parts},
    )
    opening.check(data["balance_fen"])
    decided_on = data["decided_on"]
    obligation = Obligation(
        id=new_id(),
        ground=Ground(
            case_id=data["case_id"],
            cause_id=event_id,
            decided_on=date.fromisoformat(decided_on) if decided_on else None,
            matter_title_zh=data["matter_title"],
            matter_title_en=data["matter_title"],
            party_id=data["party_id"],
        ),
        origin=Origin.IMPORT,
        currency=opening.currency,
        terms=Terms(imported_fen=opening.balance_fen),
        payment_code=payment_code.make(uow.rules.payment_code, uow.chance.digits),
        state=State.OPEN if opening.balance_fen else State.SETTLED,
    )
    uow.obligations.add(obligation)
    uow.openings.add(obligation.id, opening)
    postings = post(uow.rules, opening.facts())
    if postings:
        uow.ledger.add(
            Transaction(
                id=new_id(),
                kind="opening.balance",
                occurred_on=uow.today,
                currency=opening.currency,
                refers=References(obligation_id=obligation.id, cause_id=event_id),
                postings=postings,
            )
        )
    uow.emit(obligation.id, obligation.created())
    return obligation
