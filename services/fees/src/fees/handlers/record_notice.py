"""A collecting agent's notice of a payment: booked on its obligation, held, or refused for a charge without basis."""

from dataclasses import dataclass

from fees.domain.errors import ChargeWithoutBasis, PaidInFuture, ReferenceReused
from fees.domain.events import PaymentHeld, PaymentReceived
from fees.domain.ledger import Fact, References, Transaction, post
from fees.domain.obligation import Booked, Obligation
from fees.domain.payment import (
    Deposit,
    HeldReason,
    Item,
    Notice,
    Payment,
    RecordedNotice,
    charge_without_basis,
    reason_to_hold,
)
from fees.domain.receipt import Receipt
from fees.handlers.issue_receipt import issue_receipt
from fees.handlers.ports import FeesUnitOfWork
from gongzheng.clock import legal_date
from gongzheng.ids import new_id


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a notice; ``repeated`` when the bank had told of this payment before."""

    notice_id: str
    payment: Payment | None
    deposit: Deposit | None
    receipt: Receipt | None
    repeated: bool = False


def record_notice(uow: FeesUnitOfWork, notice: Notice) -> Outcome:
    """Take a notice. Money that came is never refused: what cannot be booked is held and put in the queue.

    Raises:
        ChargeWithoutBasis: when it names a charge that stands on no obligation; nothing is booked then.
        ReferenceReused: when the bank reference belongs to another payment.
        AgreementNotInForce, PaidInFuture, ItemsDoNotAddUp: when the notice itself cannot be right.
    """
    _check(uow, notice)
    obligation = uow.obligations.by_code(notice.payment_code, lock=True)
    stray = charge_without_basis(uow.rules, notice, obligation)
    if stray is not None:
        raise ChargeWithoutBasis(stray.code, errors={"items": [stray.code]})
    why_held = reason_to_hold(uow.rules, notice, obligation)
    taker = obligation if why_held is None else None
    recorded = RecordedNotice(
        id=new_id(), notice=notice, obligation_id=taker.id if taker else None, received_at=uow.now
    )
    if not uow.notices.claim(recorded):
        return _repeated(uow, notice)
    uow.audit("payment.notify", f"notice/{recorded.id}", agent_id=notice.agent_id, amount_fen=notice.amount_fen)
    if taker is None:
        return _hold_all(uow, recorded, why_held or HeldReason.UNKNOWN_CODE, obligation)
    return _book(uow, recorded, taker)


def stray_item(uow: FeesUnitOfWork, notice: Notice) -> tuple[Item, Obligation | None] | None:
    """The item for which a notice was refused, and the obligation it was asked for with."""
    obligation = uow.obligations.by_code(notice.payment_code)
    item = charge_without_basis(uow.rules, notice, obligation)
    return None if item is None else (item, obligation)


def _check(uow: FeesUnitOfWork, notice: Notice) -> None:
    if notice.paid_at > uow.now:
        raise PaidInFuture(errors={"paid_at": ["lies in the future"]})
    uow.agents.get(notice.agent_id).may_collect(legal_date(notice.paid_at))
    notice.check_items()


def _repeated(uow: FeesUnitOfWork, notice: Notice) -> Outcome:
    earlier = uow.notices.find(notice.agent_id, notice.bank_reference)
    if earlier is None or not earlier.notice.same_payment(notice):
        raise ReferenceReused(notice.bank_reference, errors={"bank_reference": ["used for another payment"]})
    payment = uow.payments.of_notice(earlier.id)
    return Outcome(
        notice_id=earlier.id,
        payment=payment,
        deposit=uow.payments.held_of_notice(earlier.id),
        receipt=uow.receipts.live(payment.id) if payment else None,
        repeated=True,
    )


def _book(uow: FeesUnitOfWork, recorded: RecordedNotice, obligation: Obligation) -> Outcome:
    notice = recorded.notice
    booked = obligation.receive(uow.rules, amount_fen=notice.amount_fen, paid_on=legal_date(notice.paid_at))
    uow.obligations.save(obligation)
    payment = _payment(recorded, obligation, booked) if booked.booked_fen else None
    deposit = None
    if booked.held_fen:
        deposit = _deposit(recorded, HeldReason.OVERPAYMENT, obligation, booked.held_fen, booked.taken_back_fen)
    if payment is not None:
        uow.payments.add(payment)
        uow.emit(obligation.id, _received(payment, obligation))
    if deposit is not None:
        _keep_held(uow, deposit, obligation)
    _write(uow, recorded, booked.facts, obligation, payment, deposit)
    receipt = issue_receipt(uow, payment, obligation.ground.case_id) if payment else None
    for event in booked.events:
        uow.emit(obligation.id, event)
    return Outcome(notice_id=recorded.id, payment=payment, deposit=deposit, receipt=receipt)


def _hold_all(
    uow: FeesUnitOfWork, recorded: RecordedNotice, reason: HeldReason, obligation: Obligation | None
) -> Outcome:
    deposit = _deposit(recorded, reason, obligation, recorded.notice.amount_fen, 0)
    _keep_held(uow, deposit, obligation)
    _write(uow, recorded, (Fact(name="deposit.held", amount_fen=deposit.amount_fen),), obligation, None, deposit)
    return Outcome(notice_id=recorded.id, payment=None, deposit=deposit, receipt=None)


def _payment(recorded: RecordedNotice, obligation: Obligation, booked: Booked) -> Payment:
    notice = recorded.notice
    return Payment(
        id=new_id(),
        notice_id=recorded.id,
        obligation_id=obligation.id,
        agent_id=notice.agent_id,
        currency=notice.currency,
        amount_fen=booked.booked_fen,
        principal_fen=booked.principal_fen,
        surcharge_fen=booked.surcharge_fen,
        remaining_fen=booked.remaining_fen,
        paid_at=notice.paid_at,
        paid_on=legal_date(notice.paid_at),
    )


def _received(payment: Payment, obligation: Obligation) -> PaymentReceived:
    return PaymentReceived(
        obligation_id=obligation.id,
        case_id=obligation.ground.case_id,
        payment_id=payment.id,
        agent_id=payment.agent_id,
        currency=payment.currency,
        amount_fen=payment.amount_fen,
        principal_fen=payment.principal_fen,
        surcharge_fen=payment.surcharge_fen,
        remaining_fen=payment.remaining_fen,
        paid_at=payment.paid_at,
    )


def _deposit(
    recorded: RecordedNotice, reason: HeldReason, obligation: Obligation | None, amount_fen: int, taken_back_fen: int
) -> Deposit:
    return Deposit(
        id=new_id(),
        notice_id=recorded.id,
        agent_id=recorded.notice.agent_id,
        currency=recorded.notice.currency,
        amount_fen=amount_fen,
        reason=reason,
        obligation_id=obligation.id if obligation else None,
        taken_back_fen=taken_back_fen,
        paid_at=recorded.notice.paid_at,
        held_at=recorded.received_at,
    )


def _keep_held(uow: FeesUnitOfWork, deposit: Deposit, obligation: Obligation | None) -> None:
    uow.payments.hold(deposit)
    held = PaymentHeld(
        deposit_id=deposit.id,
        agent_id=deposit.agent_id,
        amount_fen=deposit.amount_fen,
        currency=deposit.currency,
        reason=deposit.reason.value,
        obligation_id=deposit.obligation_id,
        case_id=obligation.ground.case_id if obligation else None,
        paid_at=deposit.paid_at,
    )
    uow.emit(deposit.id, held)


def _write(
    uow: FeesUnitOfWork,
    recorded: RecordedNotice,
    facts: tuple[Fact, ...],
    obligation: Obligation | None,
    payment: Payment | None,
    deposit: Deposit | None,
) -> None:
    uow.ledger.add(
        Transaction(
            id=new_id(),
            kind="payment.received" if payment else "payment.held",
            occurred_on=legal_date(recorded.notice.paid_at),
            currency=recorded.notice.currency,
            refers=References(
                obligation_id=obligation.id if obligation else None,
                payment_id=payment.id if payment else None,
                deposit_id=deposit.id if deposit else None,
            ),
            postings=post(uow.rules, facts),
        )
    )
