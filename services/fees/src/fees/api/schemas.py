"""What goes in and out of the API of fees: agents, debts, notices, receipts.

Amounts are integers in minor units (fen); dates are legal dates.
"""

from marshmallow import fields, validate

from gongzheng.http import Fen, Integer, LegalDate, PageSchema, Query, Schema, Text, Timestamp, UlidField
from gongzheng.http.schemas import Boolean

_CURRENCY = validate.Regexp(r"^[A-Z]{3}$", error="Three capital letters, ISO 4217.")


class AgentIn(Schema):
    """A collecting agent with its agreement and its first key: without ``public_key`` a shared secret is made."""

    name_zh = Text(120, required=True)
    name_en = Text(120, required=True)
    agreement_reference = Text(80, required=True)
    agreement_from = LegalDate(required=True)
    agreement_until = LegalDate(load_default=None, allow_none=True)
    public_key = Text(100, load_default=None, allow_none=True)


class KeyIn(Schema):
    """A further key: an Ed25519 public key in base64, or nothing for a shared secret."""

    public_key = Text(100, load_default=None, allow_none=True)


class KeyOut(Schema):
    """A key. ``secret`` (base64) appears once, in the answer that created it."""

    key_id = fields.String(required=True)
    algorithm = fields.String(required=True)
    added_at = Timestamp(required=True)
    revoked_at = Timestamp(allow_none=True)
    secret = fields.String(metadata={"description": "Shown once. Base64; HMAC-SHA256 over timestamp + '.' + body."})


class AgentOut(Schema):
    """A collecting agent."""

    agent_id = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    agreement_reference = fields.String(required=True)
    agreement_from = LegalDate(required=True)
    agreement_until = LegalDate(allow_none=True)
    version = Integer(required=True)


class AgentWithKey(AgentOut):
    """A collecting agent with the key just made."""

    key = fields.Nested(KeyOut, required=True)


class AgentWithKeys(AgentOut):
    """A collecting agent with all its keys."""

    keys = fields.List(fields.Nested(KeyOut), required=True)


class AgentPage(PageSchema):
    """Collecting agents."""

    items = fields.List(fields.Nested(AgentOut), required=True)


class SegmentIn(Schema):
    """Receipt numbers as the finance department gave them out; two digits each make the receipt code."""

    region = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{2}$"))
    category = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{2}$"))
    kind = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{2}$"))
    year = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{2}$"))
    first = Integer(required=True, validate=validate.Range(min=1, max=9_999_999_999))
    last = Integer(required=True, validate=validate.Range(min=1, max=9_999_999_999))


class SegmentOut(Schema):
    """A receipt segment and how much of it is left."""

    segment_id = fields.String(required=True)
    receipt_code = fields.String(required=True)
    first = Integer(required=True)
    last = Integer(required=True)
    left = Integer(required=True)
    loaded_on = LegalDate(required=True)


class SegmentLoaded(SegmentOut):
    """A receipt segment just loaded, and how many waiting payments got a receipt from it."""

    issued_to_waiting = Integer(required=True)


class SegmentPage(PageSchema):
    """Receipt segments."""

    items = fields.List(fields.Nested(SegmentOut), required=True)


class ObligationQuery(Query):
    """What to list."""

    case_id = UlidField()
    state = fields.String(validate=validate.OneOf(["open", "settled"]))
    origin = fields.String(validate=validate.OneOf(["decision", "import"]))
    document_number = Text(200)


class ObligationOut(Schema):
    """A debt with what is booked on it. ``surcharge_fen`` is booked daily; ask for one debt to see it as of today."""

    obligation_id = fields.String(required=True)
    case_id = fields.String(required=True)
    decision_id = fields.String(allow_none=True)
    document_number = fields.String(allow_none=True)
    origin = fields.String(required=True)
    state = fields.String(required=True)
    currency = fields.String(required=True)
    fine_fen = Integer(required=True)
    confiscation_fen = Integer(required=True)
    imported_fen = Integer(required=True)
    principal_fen = Integer(required=True)
    surcharge_fen = Integer(required=True)
    paid_fen = Integer(required=True)
    outstanding_fen = Integer(required=True)
    surcharge_applies = Boolean(required=True)
    payment_code = fields.String(required=True)
    due_on = LegalDate(allow_none=True)
    overdue_on = LegalDate(allow_none=True)
    capped_on = LegalDate(allow_none=True)
    settled_on = LegalDate(allow_none=True)
    organisation_id = fields.String(allow_none=True)
    organisation_name_zh = fields.String(allow_none=True)
    organisation_name_en = fields.String(allow_none=True)
    matter_title_zh = fields.String(allow_none=True)
    matter_title_en = fields.String(allow_none=True)
    party_id = fields.String(required=True)
    party_name = fields.String(required=True)
    version = Integer(required=True)


class ObligationPage(PageSchema):
    """Debts."""

    items = fields.List(fields.Nested(ObligationOut), required=True)


class TraceQuery(Query):
    """As of which day; today when it is left out."""

    on = LegalDate()


class TraceDay(Schema):
    """One day of the surcharge."""

    on = LegalDate(required=True)
    base_fen = Integer(required=True)
    added_fen = Integer(required=True)
    total_fen = Integer(required=True)
    note = fields.String(required=True, metadata={"description": "runs, paused or capped"})
    law = fields.List(fields.String(), required=True)


class TraceOut(Schema):
    """The surcharge of one debt, day by day, from the terms and payments alone."""

    obligation_id = fields.String(required=True)
    on = LegalDate(required=True)
    surcharge_applies = Boolean(required=True)
    due_on = LegalDate(allow_none=True)
    rate_basis_points_per_day = Integer(allow_none=True)
    cap_fen = Integer(allow_none=True)
    law = fields.List(fields.String(), required=True)
    days = fields.List(fields.Nested(TraceDay), required=True)
    surcharge_fen = Integer(required=True)
    paid_fen = Integer(required=True)
    outstanding_fen = Integer(required=True)
    capped_on = LegalDate(allow_none=True)


class ItemIn(Schema):
    """A charge that the agent names."""

    description_code = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9_.-]{1,60}$"))
    amount_fen = Fen(minimum=1, required=True)


class NoticeIn(Schema):
    """A collecting agent's notice of one payment."""

    payment_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9A-Za-z-]{1,40}$"))
    amount_fen = Fen(minimum=1, required=True)
    currency = fields.String(required=True, validate=_CURRENCY)
    paid_at = Timestamp(required=True)
    bank_reference = fields.String(required=True, validate=validate.Regexp(r"^[!-~]{1,80}$"))
    payer_account = Text(80, load_default=None, allow_none=True)
    items = fields.List(fields.Nested(ItemIn), load_default=list, validate=validate.Length(max=20))


class PaymentOut(Schema):
    """Money booked on a debt."""

    payment_id = fields.String(required=True)
    obligation_id = fields.String(required=True)
    agent_id = fields.String(required=True)
    currency = fields.String(required=True)
    amount_fen = Integer(required=True)
    principal_fen = Integer(required=True)
    surcharge_fen = Integer(required=True)
    remaining_fen = Integer(required=True)
    paid_at = Timestamp(required=True)
    paid_on = LegalDate(required=True)


class DepositOut(Schema):
    """Money held because no debt could take it."""

    deposit_id = fields.String(required=True)
    agent_id = fields.String(required=True)
    currency = fields.String(required=True)
    amount_fen = Integer(required=True)
    reason = fields.String(required=True)
    obligation_id = fields.String(allow_none=True)
    paid_at = Timestamp(required=True)
    held_at = Timestamp(required=True)
    state = fields.String(required=True)


class ReceiptOut(Schema):
    """A receipt."""

    receipt_id = fields.String(required=True)
    receipt_code = fields.String(required=True)
    receipt_number = fields.String(required=True)
    check_code = fields.String(required=True)
    payment_id = fields.String(required=True)
    obligation_id = fields.String(required=True)
    currency = fields.String(required=True)
    amount_fen = Integer(required=True)
    issued_on = LegalDate(required=True)
    state = fields.String(required=True)
    void_reason = fields.String(allow_none=True)
    voided_on = LegalDate(allow_none=True)
    version = Integer(required=True)


class NoticeOut(Schema):
    """What became of a notice. ``repeated``: the bank had told of this payment before, and nothing was added."""

    notice_id = fields.String(required=True)
    outcome = fields.String(required=True, metadata={"description": "booked, held, or booked_and_held"})
    repeated = Boolean(required=True)
    payment = fields.Nested(PaymentOut, required=True, allow_none=True)
    deposit = fields.Nested(DepositOut, required=True, allow_none=True)
    receipt = fields.Nested(ReceiptOut, required=True, allow_none=True)
    receipt_pending = Boolean(required=True)


class PaymentQuery(Query):
    """What to list."""

    obligation_id = UlidField()


class PaymentPage(PageSchema):
    """Payments."""

    items = fields.List(fields.Nested(PaymentOut), required=True)


class DepositQuery(Query):
    """What to list."""

    reason = fields.String(
        validate=validate.OneOf(["overpayment", "unknown_code", "wrong_code", "settled", "wrong_currency"])
    )


class DepositPage(PageSchema):
    """The queue of held money."""

    items = fields.List(fields.Nested(DepositOut), required=True)


class VoidingIn(Schema):
    """Why a receipt is voided."""

    reason = Text(200, required=True)


class VoidingOut(Schema):
    """The void receipt, and the one in its place (null while no number is left)."""

    void = fields.Nested(ReceiptOut, required=True)
    replacement = fields.Nested(ReceiptOut, required=True, allow_none=True)
