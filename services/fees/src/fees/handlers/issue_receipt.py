"""The finance department's receipt for a payment; without a number left, the payment waits for one (APL 70)."""

from fees.domain.events import ReceiptIssued
from fees.domain.payment import Payment
from fees.domain.receipt import Receipt, make_check_code
from fees.handlers.ports import FeesUnitOfWork
from gongzheng.ids import new_id

BATCH_MAX = 200


def issue_receipt(uow: FeesUnitOfWork, payment: Payment, case_id: str) -> Receipt | None:
    """Issue the next number for a payment; None when all segments are used up, and the payment then waits.

    The number is taken last in its transaction and under a lock, so numbers have neither gaps nor doubles.
    """
    receipt = _next_receipt(uow, payment, case_id)
    if receipt is None:
        uow.receipts.wait(payment.id)
    return receipt


def issue_waiting(uow: FeesUnitOfWork, limit: int = BATCH_MAX) -> int:
    """Issue receipts to payments that waited for a number, the oldest first; how many got one."""
    issued = 0
    for payment_id in uow.receipts.waiting(limit):
        payment = uow.payments.get(payment_id)
        case_id = uow.obligations.get(payment.obligation_id).ground.case_id
        if _next_receipt(uow, payment, case_id) is None:
            break
        uow.receipts.done_waiting(payment_id)
        issued += 1
    return issued


def _next_receipt(uow: FeesUnitOfWork, payment: Payment, case_id: str) -> Receipt | None:
    segment = uow.receipts.next_segment()
    if segment is None:
        return None
    rule = uow.rules.receipt
    receipt = Receipt(
        id=new_id(),
        payment_id=payment.id,
        obligation_id=payment.obligation_id,
        segment_id=segment.id,
        code=segment.code,
        number=segment.take(rule),
        check_code=make_check_code(rule, uow.chance.choose),
        currency=payment.currency,
        amount_fen=payment.amount_fen,
        issued_on=uow.today,
    )
    uow.receipts.save_segment(segment)
    uow.receipts.add(receipt)
    uow.emit(payment.obligation_id, _issued(receipt, case_id))
    return receipt


def _issued(receipt: Receipt, case_id: str) -> ReceiptIssued:
    return ReceiptIssued(
        obligation_id=receipt.obligation_id,
        case_id=case_id,
        payment_id=receipt.payment_id,
        receipt_code=receipt.code,
        receipt_number=receipt.number,
        check_code=receipt.check_code,
        currency=receipt.currency,
        amount_fen=receipt.amount_fen,
        issued_on=receipt.issued_on,
    )
