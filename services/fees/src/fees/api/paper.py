"""A receipt on paper, as the answer to a request."""

from urllib.parse import urlencode

from flask import Response

from fees.adapters.paper.receipt import Printed, render
from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.domain.receipt import Receipt


def pdf_response(uow: FeesUnitOfWork, receipt: Receipt) -> Response:
    """Print a receipt, count the printing, and send it as a download."""
    payment = uow.payments.get(receipt.payment_id)
    asked = urlencode({"code": receipt.code, "number": receipt.number, "check": receipt.check_code})
    printed = Printed(
        receipt=receipt,
        payment=payment,
        obligation=uow.obligations.get(receipt.obligation_id),
        printing=uow.receipts.print_(receipt.id, uow.now),
        verify_at=f"{uow.tools.public_url}/verify-receipt?{asked}",
    )
    response = Response(render(printed), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{receipt.code}-{receipt.number}.pdf"'
    return response
