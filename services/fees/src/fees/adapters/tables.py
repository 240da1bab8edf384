"""The tables of the fees service; ``migrations`` creates them, with the triggers that keep the books as they are.

Amounts are integers in minor units; legal dates are dates; moments are ISO 8601 text in UTC with microseconds, so that
both databases sort them alike.
"""

from peewee import AutoField, BigIntegerField, BlobField, DateField, IntegerField, TextField

from fees.adapters.columns import MomentField, Table, identifier, proxy

__all__ = ["MODELS", "proxy"]


class ObligationRow(Table):
    """A debt: what was decided never changes; what was paid and accrued does."""

    id = identifier()
    case_id = TextField()
    cause_event_id = TextField()
    decision_id = TextField(null=True)
    document_number = TextField(null=True)
    decided_on = DateField(null=True)
    organisation_id = TextField(null=True)
    organisation_name_zh = TextField(null=True)
    organisation_name_en = TextField(null=True)
    region_code = TextField(null=True)
    matter_title_zh = TextField(null=True)
    matter_title_en = TextField(null=True)
    party_id = TextField()
    party_name = TextField()
    origin = TextField()
    currency = TextField()
    fine_fen = BigIntegerField()
    confiscation_fen = BigIntegerField()
    imported_fen = BigIntegerField()
    due_on = DateField(null=True)
    surcharge_rate_bp = IntegerField(null=True)
    payment_code = TextField()
    surcharge_fen = BigIntegerField()
    paid_fine_fen = BigIntegerField()
    paid_confiscation_fen = BigIntegerField()
    paid_imported_fen = BigIntegerField()
    paid_surcharge_fen = BigIntegerField()
    state = TextField()
    accrued_through = DateField(null=True)
    overdue_on = DateField(null=True)
    capped_on = DateField(null=True)
    settled_on = DateField(null=True)
    version = IntegerField()

    class Meta:
        """Its name."""

        table_name = "obligation"


class DecisionRow(Table):
    """A served decision with money, as its event told it."""

    decision_id = identifier()
    case_id = TextField()
    event_id = TextField()
    fine_fen = BigIntegerField()
    confiscation_fen = BigIntegerField()

    class Meta:
        """Its name."""

        table_name = "decision_claim"


class OpeningRow(Table):
    """The opening balance of an imported case, as its source states it."""

    obligation_id = identifier()
    import_id = TextField()
    source_reference = TextField()
    currency = TextField()
    decided_fen = BigIntegerField()
    surcharge_fen = BigIntegerField()
    interest_fen = BigIntegerField()
    waived_fen = BigIntegerField()
    paid_fen = BigIntegerField()

    class Meta:
        """Its name."""

        table_name = "opening_balance"


class AgentRow(Table):
    """A collecting agent with its agreement."""

    id = identifier()
    name_zh = TextField()
    name_en = TextField()
    agreement_reference = TextField()
    agreement_from = DateField()
    agreement_until = DateField(null=True)
    version = IntegerField()

    class Meta:
        """Its name."""

        table_name = "collecting_agent"


class AgentKeyRow(Table):
    """A key of an agent: the raw public key, or the secret, sealed."""

    id = identifier()
    agent_id = TextField()
    algorithm = TextField()
    material = BlobField()
    added_at = MomentField()
    revoked_at = MomentField(null=True)

    class Meta:
        """Its name."""

        table_name = "agent_key"


class NoticeRow(Table):
    """A payment notice as it came; never altered."""

    id = identifier()
    agent_id = TextField()
    bank_reference = TextField()
    payment_code = TextField()
    amount_fen = BigIntegerField()
    currency = TextField()
    paid_at = MomentField()
    paid_on = DateField()
    payer_account = TextField(null=True)
    obligation_id = TextField(null=True)
    received_at = MomentField()

    class Meta:
        """Its name."""

        table_name = "payment_notice"


class PaymentRow(Table):
    """Money booked on a debt; never altered."""

    id = identifier()
    notice_id = TextField()
    obligation_id = TextField()
    agent_id = TextField()
    currency = TextField()
    amount_fen = BigIntegerField()
    principal_fen = BigIntegerField()
    surcharge_fen = BigIntegerField()
    remaining_fen = BigIntegerField()
    paid_at = MomentField()
    paid_on = DateField()

    class Meta:
        """Its name."""

        table_name = "payment"


class DepositRow(Table):
    """Money held because no debt can take it; its amount never changes."""

    id = identifier()
    notice_id = TextField()
    agent_id = TextField()
    currency = TextField()
    amount_fen = BigIntegerField()
    reason = TextField()
    obligation_id = TextField(null=True)
    taken_back_fen = BigIntegerField()
    paid_at = MomentField()
    held_at = MomentField()
    state = TextField()

    class Meta:
        """Its name."""

        table_name = "deposit"


class RefusedChargeRow(Table):
    """A charge without basis that an agent asked for."""

    id = identifier()
    agent_id = TextField()
    bank_reference = TextField()
    obligation_id = TextField(null=True)
    description_code = TextField()
    amount_fen = BigIntegerField()
    currency = TextField()
    refused_at = MomentField()

    class Meta:
        """Its name."""

        table_name = "refused_charge"


class SegmentRow(Table):
    """A range of receipt numbers given out by the finance department."""

    id = identifier()
    code = TextField()
    first = BigIntegerField()
    last = BigIntegerField()
    next = BigIntegerField()
    loaded_on = DateField()

    class Meta:
        """Its name."""

        table_name = "receipt_segment"


class ReceiptRow(Table):
    """A receipt, live or void."""

    id = identifier()
    payment_id = TextField()
    obligation_id = TextField()
    segment_id = TextField()
    code = TextField()
    number = TextField()
    check_code = TextField()
    currency = TextField()
    amount_fen = BigIntegerField()
    issued_on = DateField()
    state = TextField()
    void_reason = TextField(null=True)
    voided_on = DateField(null=True)
    version = IntegerField()

    class Meta:
        """Its name."""

        table_name = "receipt"


class WaitingRow(Table):
    """A payment that waits for a receipt number; the row goes when it has one."""

    id = AutoField()
    payment_id = TextField()

    class Meta:
        """Its name."""

        table_name = "receipt_waiting"


class PrintingRow(Table):
    """One printing of a receipt: the first is the original."""

    id = AutoField()
    receipt_id = TextField()
    printed_at = MomentField()

    class Meta:
        """Its name."""

        table_name = "receipt_printing"


class PostingRow(Table):
    """One line of the ledger, debit positive; written before its transaction, which closes it."""

    id = AutoField()
    transaction_id = TextField()
    line = IntegerField()
    fact = TextField()
    account = TextField()
    currency = TextField()
    amount_fen = BigIntegerField()

    class Meta:
        """Its name."""

        table_name = "ledger_posting"


class TransactionRow(Table):
    """A balanced transaction of the ledger."""

    id = identifier()
    kind = TextField()
    occurred_on = DateField()
    currency = TextField()
    obligation_id = TextField(null=True)
    payment_id = TextField(null=True)
    deposit_id = TextField(null=True)
    cause_event_id = TextField(null=True)
    recorded_at = MomentField()

    class Meta:
        """Its name."""

        table_name = "ledger_transaction"


MODELS = (
    ObligationRow, DecisionRow, OpeningRow, AgentRow, AgentKeyRow, NoticeRow, PaymentRow, DepositRow, RefusedChargeRow,
    SegmentRow, ReceiptRow, WaitingRow, PrintingRow, PostingRow, TransactionRow,
)  # fmt: skip
