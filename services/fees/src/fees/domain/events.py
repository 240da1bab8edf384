"""What happened in the fees service, as others hear of it; past tense, frozen. The table at the foot is the wiring."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ObligationCreated:
    """Money is owed because a decision was served or an old case was imported."""

    obligation_id: str
    case_id: str
    decision_id: str | None
    document_number: str | None
    origin: str
    currency: str
    principal_fen: int
    fine_fen: int
    confiscation_fen: int
    outstanding_fen: int
    due_on: date | None
    payment_code: str
    party_id: str
    surcharge_applies: bool
    organisation_id: str | None


@dataclass(frozen=True, kw_only=True)
class PaymentReceived:
    """A notice was booked on an obligation."""

    obligation_id: str
    case_id: str
    payment_id: str
    agent_id: str
    currency: str
    amount_fen: int
    principal_fen: int
    surcharge_fen: int
    remaining_fen: int
    paid_at: datetime


@dataclass(frozen=True, kw_only=True)
class PaymentHeld:
    """Money came that no obligation can take; it is kept."""

    deposit_id: str
    agent_id: str
    amount_fen: int
    currency: str
    reason: str
    obligation_id: str | None
    case_id: str | None
    paid_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReceiptIssued:
    """A payment got its receipt."""

    obligation_id: str
    case_id: str
    payment_id: str
    receipt_code: str
    receipt_number: str
    check_code: str
    currency: str
    amount_fen: int
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class ReceiptVoided:
    """A receipt was voided; the void is kept."""

    obligation_id: str
    case_id: str
    payment_id: str
    receipt_code: str
    receipt_number: str
    reason: str
    voided_on: date


@dataclass(frozen=True, kw_only=True)
class ObligationOverdue:
    """The payment period ended with something still owed."""

    obligation_id: str
    case_id: str
    document_number: str | None
    currency: str
    due_on: date
    outstanding_fen: int


@dataclass(frozen=True, kw_only=True)
class SurchargeCapped:
    """The surcharge reached the amount of the fine."""

    obligation_id: str
    case_id: str
    currency: str
    surcharge_fen: int
    capped_on: date


@dataclass(frozen=True, kw_only=True)
class ObligationSettled:
    """Everything due on the day of payment is covered."""

    obligation_id: str
    case_id: str
    document_number: str | None
    currency: str
    settled_on: date
    paid_fen: int
    surcharge_fen: int


@dataclass(frozen=True, kw_only=True)
class ChargeRefused:
    """A charge without basis was asked for and not collected."""

    charge_id: str
    agent_id: str
    obligation_id: str | None
    case_id: str | None
    description_code: str
    amount_fen: int
    currency: str
    refused_at: datetime
    law: tuple[str, ...]


EVENT_TYPES: dict[type, str] = {
    ObligationCreated: "cn.gongzheng.fees.obligation.created.v1",
    PaymentReceived: "cn.gongzheng.fees.payment.received.v1",
    PaymentHeld: "cn.gongzheng.fees.payment.held.v1",
    ReceiptIssued: "cn.gongzheng.fees.receipt.issued.v1",
    ReceiptVoided: "cn.gongzheng.fees.receipt.voided.v1",
    ObligationOverdue: "cn.gongzheng.fees.obligation.overdue.v1",
    SurchargeCapped: "cn.gongzheng.fees.surcharge.capped.v1",
    ObligationSettled: "cn.gongzheng.fees.obligation.settled.v1",
    ChargeRefused: "cn.gongzheng.fees.charge.refused.v1",
}
