"""What goes in and out of the API of fees: the books, parity, imports and what the public asks.

Amounts are integers in minor units (fen); dates are legal dates.
"""

from marshmallow import fields, validate

from gongzheng.http import Integer, LegalDate, PageSchema, Query, Schema, Text, Timestamp
from gongzheng.http.schemas import Boolean


class AccountOut(Schema):
    """One account in one currency; debit positive."""

    account = fields.String(required=True)
    beancount = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    currency = fields.String(required=True)
    balance_fen = Integer(required=True)


class AccountsOut(Schema):
    """All accounts that were ever posted to."""

    items = fields.List(fields.Nested(AccountOut), required=True)


class PostingOut(Schema):
    """One line of a transaction; debit positive."""

    line = Integer(required=True)
    fact = fields.String(required=True)
    account = fields.String(required=True)
    amount_fen = Integer(required=True)


class TransactionOut(Schema):
    """A balanced transaction."""

    transaction_id = fields.String(required=True)
    kind = fields.String(required=True)
    occurred_on = LegalDate(required=True)
    currency = fields.String(required=True)
    obligation_id = fields.String(allow_none=True)
    payment_id = fields.String(allow_none=True)
    deposit_id = fields.String(allow_none=True)
    postings = fields.List(fields.Nested(PostingOut), required=True)


class TransactionPage(PageSchema):
    """The ledger."""

    items = fields.List(fields.Nested(TransactionOut), required=True)


class ParityOut(Schema):
    """Whether each decision with money has exactly one obligation with the same money, and the reverse."""

    holds = Boolean(required=True)
    as_of = Timestamp(required=True)
    decisions = Integer(required=True)
    obligations = Integer(required=True)
    decisions_without_obligation = fields.List(fields.String(), required=True)
    obligations_without_decision = fields.List(fields.String(), required=True)
    decisions_with_more_than_one = fields.List(fields.String(), required=True)
    decisions_with_different_money = fields.List(fields.String(), required=True)


class ImportQuery(Query):
    """Which import; all when it is left out."""

    import_id = Text(80)


class PartsOut(Schema):
    """The five figures of an import."""

    decided_fen = Integer(required=True)
    surcharge_fen = Integer(required=True)
    interest_fen = Integer(required=True)
    waived_fen = Integer(required=True)
    paid_fen = Integer(required=True)


class ImportOut(PartsOut):
    """The sums of one import in one currency, as its cases state them and as the ledger's accounts hold them."""

    import_id = fields.String(required=True)
    currency = fields.String(required=True)
    cases = Integer(required=True)
    balance_fen = Integer(required=True)
    booked = fields.Nested(PartsOut, required=True)
    reconciled = Boolean(required=True)


class ImportsOut(Schema):
    """Imports with their sums."""

    items = fields.List(fields.Nested(ImportOut), required=True)


class LookupIn(Schema):
    """What the payer holds: the decision's number and the payment code."""

    document_number = Text(200, required=True)
    payment_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{1,40}$"))


class LookupOut(Schema):
    """What is owed today."""

    document_number = fields.String(required=True)
    payment_code = fields.String(required=True)
    as_of = LegalDate(required=True)
    state = fields.String(required=True)
    currency = fields.String(required=True)
    principal_fen = Integer(required=True)
    surcharge_fen = Integer(required=True)
    paid_fen = Integer(required=True)
    outstanding_fen = Integer(required=True)
    due_on = LegalDate(allow_none=True)
    settled_on = LegalDate(allow_none=True)
    organisation_name_zh = fields.String(allow_none=True)
    organisation_name_en = fields.String(allow_none=True)


class VerificationIn(Schema):
    """What stands on the receipt."""

    receipt_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{8}$"))
    receipt_number = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{10}$"))
    check_code = fields.String(required=True, validate=validate.Regexp(r"^[0-9A-Za-z]{1,20}$"))


class VerificationOut(Schema):
    """What the books know of a genuine receipt; a void one is told as void."""

    receipt_code = fields.String(required=True)
    receipt_number = fields.String(required=True)
    state = fields.String(required=True)
    currency = fields.String(required=True)
    amount_fen = Integer(required=True)
    issued_on = LegalDate(required=True)
    voided_on = LegalDate(allow_none=True)
    organisation_name_zh = fields.String(allow_none=True)
