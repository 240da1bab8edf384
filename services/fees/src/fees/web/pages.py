"""``/owed`` and ``/verify-receipt``. They ask what the public API asks, under the same throttle."""

from flask import Blueprint, Response, make_response, render_template, request

from fees.api.public import LIMIT, PER_S
from fees.domain.errors import ObligationNotFound, ReceiptNotFound
from fees.handlers.look_up import look_up_obligation, verify_receipt
from gongzheng.http import public, unit_of_work
from gongzheng.money import format_minor

_CHARS_MAX = 200

pages = Blueprint("fees_pages", __name__, template_folder="templates")


@pages.app_template_filter("money")
def money(amount_fen: int) -> str:
    """An amount in major units."""
    return format_minor(amount_fen)


@pages.after_request
def keep_nothing(response: Response) -> Response:
    """Codes and amounts stay in no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/owed")
@public()
def owed() -> str:
    """The form with the decision's number and the payment code."""
    return render_template("fees/owed.html", found=None, unknown=False)


@pages.post("/owed")
@public(throttle="fees-lookup", limit=LIMIT, per_s=PER_S)
def show_owed() -> Response:
    """What is owed today. The codes come in the body, so that they stand in no address and no log."""
    number, code = (request.form.get(name, "")[:_CHARS_MAX].strip() for name in ("document_number", "payment_code"))
    try:
        with unit_of_work() as uow:
            found = look_up_obligation(uow, document_number=number, payment_code=_storable(code))
    except ObligationNotFound as unknown:
        return make_response(render_template("fees/owed.html", found=None, unknown=True), unknown.status)
    return make_response(render_template("fees/owed.html", found=found, unknown=False))


@pages.get("/verify-receipt")
@public(throttle="fees-lookup", limit=LIMIT, per_s=PER_S)
def check_receipt() -> Response:
    """Whether a receipt is genuine; its QR code leads here with everything filled in."""
    given = {name: _storable(request.args.get(name, "")[:_CHARS_MAX].strip()) for name in ("code", "number", "check")}
    if not all(given.values()):
        return make_response(render_template("fees/receipt.html", receipt=None, unknown=False, given=given))
    try:
        with unit_of_work() as uow:
            receipt = verify_receipt(uow, code=given["code"], number=given["number"], check_code=given["check"])
            organisation = uow.obligations.get(receipt.obligation_id).ground.organisation_name_zh
    except ReceiptNotFound as unknown:
        page = render_template("fees/receipt.html", receipt=None, unknown=True, given=given)
        return make_response(page, unknown.status)
    return make_response(
        render_template("fees/receipt.html", receipt=receipt, organisation=organisation, unknown=False, given=given)
    )


def _storable(text: str) -> str:
    """The text without what no column can hold; nothing genuine contains it."""
    return text.replace("\0", "")
