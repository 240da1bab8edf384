"""A charge without basis is put on record and told to oversight (departmental conduct code, article 13)."""

from fees.domain.events import ChargeRefused
from fees.domain.payment import Notice, RefusedCharge
from fees.handlers.ports import FeesUnitOfWork
from fees.handlers.record_notice import stray_item
from gongzheng.ids import new_id


def refuse_charge(uow: FeesUnitOfWork, notice: Notice) -> RefusedCharge | None:
    """Record the charge for which a notice was refused; None when the bank only repeated it.

    Call it in a unit of work of its own: the refusal commits although nothing of the notice does.
    """
    found = stray_item(uow, notice)
    if found is None:
        return None
    item, obligation = found
    charge = RefusedCharge(
        id=new_id(),
        agent_id=notice.agent_id,
        obligation_id=obligation.id if obligation else None,
        description_code=item.code,
        amount_fen=item.amount_fen,
        currency=notice.currency,
        refused_at=uow.now,
    )
    if not uow.payments.refuse(charge, notice.bank_reference):
        return None
    uow.emit(
        charge.id,
        ChargeRefused(
            charge_id=charge.id,
            agent_id=charge.agent_id,
            obligation_id=charge.obligation_id,
            case_id=obligation.ground.case_id if obligation else None,
            description_code=charge.description_code,
            amount_fen=charge.amount_fen,
            currency=charge.currency,
            refused_at=charge.refused_at,
            law=uow.rules.refused_charge_law,
        ),
    )
    uow.audit("charge.refuse", f"charge/{charge.id}", agent_id=charge.agent_id, amount_fen=charge.amount_fen)
    return charge
