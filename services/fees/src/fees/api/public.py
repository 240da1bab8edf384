"""What anyone may ask: what is owed, and whether a receipt is genuine (F-16). Throttled; nothing can be enumerated."""

from typing import Any

from flask import Response

from fees.api import schemas_books
from fees.api.paper import pdf_response
from fees.domain.errors import ObligationNotFound, ReceiptCannotBePrinted, ReceiptNotFound
from fees.handlers.look_up import look_up_obligation, verify_receipt
from gongzheng.http import Blueprint, public, refuses, unit_of_work

# A person looks up a handful; twenty digits cannot be guessed at this pace in the age of the universe.
LIMIT, PER_S = 30, 60

blueprint = Blueprint("public", __name__, url_prefix="/public", description="For payers and whoever holds a receipt")


@blueprint.route("/obligations/lookup", methods=["POST"])
@public(throttle="fees-lookup", limit=LIMIT, per_s=PER_S)
@refuses(ObligationNotFound)
@blueprint.arguments(schemas_books.LookupIn)
@blueprint.response(200, schemas_books.LookupOut)
def look_up(given: dict[str, str]) -> dict[str, Any]:
    """What is owed today on a decision, for whoever holds its number and its payment code."""
    with unit_of_work() as uow:
        found = look_up_obligation(uow, **given)
    debt, position = found.obligation, found.position
    return {
        "document_number": debt.ground.document_number,
        "payment_code": debt.payment_code,
        "as_of": position.on,
        "state": debt.state.value,
        "currency": debt.currency,
        "principal_fen": debt.terms.principal_fen,
        "surcharge_fen": position.surcharge_fen,
        "paid_fen": position.paid_fen,
        "outstanding_fen": position.outstanding_fen,
        "due_on": debt.terms.due_on,
        "settled_on": debt.settled_on,
        "organisation_name_zh": debt.ground.organisation_name_zh,
        "organisation_name_en": debt.ground.organisation_name_en,
    }


@blueprint.route("/receipts/verification", methods=["POST"])
@public(throttle="fees-lookup", limit=LIMIT, per_s=PER_S)
@refuses(ReceiptNotFound)
@blueprint.arguments(schemas_books.VerificationIn)
@blueprint.response(200, schemas_books.VerificationOut)
def verify(given: dict[str, str]) -> dict[str, Any]:
    """Whether a receipt is genuine: its code, number and check code must belong together."""
    with unit_of_work() as uow:
        receipt = _genuine(uow, given)
        ground = uow.obligations.get(receipt.obligation_id).ground
    return {
        "receipt_code": receipt.code,
        "receipt_number": receipt.number,
        "state": receipt.state.value,
        "currency": receipt.currency,
        "amount_fen": receipt.amount_fen,
        "issued_on": receipt.issued_on,
        "voided_on": receipt.voided_on,
        "organisation_name_zh": ground.organisation_name_zh,
    }


@blueprint.route("/receipts/pdf", methods=["POST"])
@public(throttle="fees-lookup", limit=LIMIT, per_s=PER_S)
@refuses(ReceiptNotFound, ReceiptCannotBePrinted)
@blueprint.arguments(schemas_books.VerificationIn)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def download(given: dict[str, str]) -> Response:
    """The receipt as a PDF, for whoever holds its code, number and check code."""
    with unit_of_work() as uow:
        return pdf_response(uow, _genuine(uow, given))


def _genuine(uow: Any, given: dict[str, str]) -> Any:
    return verify_receipt(
        uow, code=given["receipt_code"], number=given["receipt_number"], check_code=given["check_code"]
    )
