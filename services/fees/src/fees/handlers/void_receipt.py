"""A receipt is voided with a reason; the void is kept, and a new one takes its place while the payment stands."""

from fees.domain.errors import ReceiptNotFound
from fees.domain.events import ReceiptVoided
from fees.domain.receipt import Receipt
from fees.handlers.issue_receipt import issue_receipt
from fees.handlers.ports import FeesUnitOfWork


def void_receipt(uow: FeesUnitOfWork, number: str, reason: str) -> tuple[Receipt, Receipt | None]:
    """Void a receipt; the void one and the one in its place (None while no number is left).

    Raises:
        ReceiptNotFound: when there is no such receipt.
        ReceiptNotLive: when it is void already.
    """
    receipt = uow.receipts.find(number)
    if receipt is None:
        raise ReceiptNotFound(number)
    void = receipt.void(reason, uow.today)
    uow.receipts.save(void)
    payment = uow.payments.get(receipt.payment_id)
    case_id = uow.obligations.get(payment.obligation_id).ground.case_id
    uow.emit(
        payment.obligation_id,
        ReceiptVoided(
            obligation_id=payment.obligation_id,
            case_id=case_id,
            payment_id=payment.id,
            receipt_code=receipt.code,
            receipt_number=receipt.number,
            reason=reason,
            voided_on=uow.today,
        ),
    )
    uow.audit("receipt.void", f"receipt/{receipt.id}", number=receipt.number)
    return void, issue_receipt(uow, payment, case_id)
