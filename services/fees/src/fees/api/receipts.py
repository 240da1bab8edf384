"""Receipts: read, printed, voided."""

from typing import Any

from flask import Response

from fees.api import schemas, shown
from fees.api.paper import pdf_response
from fees.api.roles import ACCOUNTANT, READERS
from fees.domain.errors import ReceiptCannotBePrinted, ReceiptNotFound, ReceiptNotLive
from fees.handlers.void_receipt import void_receipt
from gongzheng.errors import PreconditionFailed
from gongzheng.http import Blueprint, idempotent, if_match, refuses, requires, unit_of_work, with_etag

blueprint = Blueprint("receipts", __name__, description="Receipts of the finance department")


@blueprint.route("/receipts/<string:number>", methods=["GET"])
@requires(*READERS)
@refuses(ReceiptNotFound)
@blueprint.response(200, schemas.ReceiptOut)
def read_receipt(number: str) -> dict[str, Any]:
    """One receipt, by code and number together (18 digits) or by its number where only one receipt has it."""
    with unit_of_work() as uow:
        issued = _found(uow, number)
    with_etag(issued.version)
    return shown.receipt(issued)


@blueprint.route("/receipts/<string:number>.pdf", methods=["GET"])
@requires(*READERS)
@refuses(ReceiptNotFound, ReceiptCannotBePrinted)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def print_receipt(number: str) -> Response:
    """The receipt as a PDF; the first printing is the original, each further one says 副本."""
    with unit_of_work() as uow:
        return pdf_response(uow, _found(uow, number))


@blueprint.route("/receipts/<string:number>/voiding", methods=["POST"])
@requires(*ACCOUNTANT)
@idempotent
@refuses(ReceiptNotFound, ReceiptNotLive)
@blueprint.arguments(schemas.VoidingIn)
@blueprint.response(201, schemas.VoidingOut)
def void(given: dict[str, str], number: str) -> dict[str, Any]:
    """Void a receipt with a reason; the void stays on record and a new receipt takes its place."""
    version = if_match()
    with unit_of_work() as uow:
        if _found(uow, number).version != version:
            raise PreconditionFailed
        voided, replacement = void_receipt(uow, number, given["reason"])
    return {"void": shown.receipt(voided), "replacement": shown.receipt(replacement) if replacement else None}


def _found(uow: Any, number: str) -> Any:
    issued = uow.receipts.find(number)
    if issued is None:
        raise ReceiptNotFound(number)
    return issued
