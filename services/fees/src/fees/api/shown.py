"""Domain objects as the mappings that the schemas write."""

from typing import Any

from fees.domain.agent import AgentKey, CollectingAgent
from fees.domain.ledger import Transaction
from fees.domain.obligation import Obligation
from fees.domain.opening import PARTS, ImportSums
from fees.domain.payment import Deposit, Payment
from fees.domain.position import Position
from fees.domain.receipt import Receipt, Segment
from fees.handlers.record_notice import Outcome

_GROUND = (
    "case_id", "decision_id", "document_number", "organisation_id", "organisation_name_zh", "organisation_name_en",
    "matter_title_zh", "matter_title_en", "party_id", "party_name",
)  # fmt: skip
_OBLIGATION = ("currency", "payment_code", "overdue_on", "capped_on", "settled_on", "version")


def obligation(debt: Obligation, position: Position | None = None) -> dict[str, Any]:
    """A debt as booked, or as of the day of ``position``."""
    surcharge = position.surcharge_fen if position else debt.surcharge_fen
    paid = position.paid_fen if position else debt.paid_fen
    return {
        "obligation_id": debt.id,
        **{name: getattr(debt.ground, name) for name in _GROUND},
        **{name: getattr(debt, name) for name in _OBLIGATION},
        "origin": debt.origin.value,
        "state": debt.state.value,
        "fine_fen": debt.terms.fine_fen,
        "confiscation_fen": debt.terms.confiscation_fen,
        "imported_fen": debt.terms.imported_fen,
        "principal_fen": debt.terms.principal_fen,
        "due_on": debt.terms.due_on,
        "surcharge_applies": debt.terms.surcharge is not None,
        "surcharge_fen": surcharge,
        "paid_fen": paid,
        "outstanding_fen": debt.terms.principal_fen + surcharge - paid,
    }


def trace(debt: Obligation, position: Position) -> dict[str, Any]:
    """The surcharge of a debt, day by day."""
    rule = debt.terms.surcharge
    return {
        "obligation_id": debt.id,
        "on": position.on,
        "surcharge_applies": rule is not None,
        "due_on": debt.terms.due_on,
        "rate_basis_points_per_day": rule.rate_bp if rule else None,
        "cap_fen": debt.terms.fine_fen if rule else None,
        "law": list(rule.law) if rule else [],
        "days": position.days,
        "surcharge_fen": position.surcharge_fen,
        "paid_fen": position.paid_fen,
        "outstanding_fen": position.outstanding_fen,
        "capped_on": position.capped_on,
    }


def payment(paid: Payment) -> dict[str, Any]:
    """Money booked."""
    return vars(paid) | {"payment_id": paid.id}


def deposit(held: Deposit) -> dict[str, Any]:
    """Money held."""
    return vars(held) | {"deposit_id": held.id, "reason": held.reason.value}


def receipt(issued: Receipt) -> dict[str, Any]:
    """A receipt."""
    renamed = {
        "receipt_id": issued.id,
        "receipt_code": issued.code,
        "receipt_number": issued.number,
        "state": issued.state.value,
    }
    return vars(issued) | renamed


def outcome(result: Outcome) -> dict[str, Any]:
    """What became of a notice."""
    parts = [name for name, part in (("booked", result.payment), ("held", result.deposit)) if part is not None]
    return {
        "notice_id": result.notice_id,
        "outcome": "_and_".join(parts),
        "repeated": result.repeated,
        "payment": payment(result.payment) if result.payment else None,
        "deposit": deposit(result.deposit) if result.deposit else None,
        "receipt": receipt(result.receipt) if result.receipt else None,
        "receipt_pending": result.payment is not None and result.receipt is None,
    }


def agent(bank: CollectingAgent) -> dict[str, Any]:
    """A collecting agent."""
    return vars(bank) | {"agent_id": bank.id}


def key(agent_key: AgentKey) -> dict[str, Any]:
    """A key, without what it is made of."""
    return {
        "key_id": agent_key.id,
        "algorithm": agent_key.algorithm.value,
        "added_at": agent_key.added_at,
        "revoked_at": agent_key.revoked_at,
    }


def segment(numbers: Segment) -> dict[str, Any]:
    """A receipt segment."""
    return vars(numbers) | {"segment_id": numbers.id, "receipt_code": numbers.code, "left": numbers.left}


def transaction(entry: Transaction) -> dict[str, Any]:
    """A transaction of the ledger."""
    return vars(entry) | vars(entry.refers) | {"transaction_id": entry.id, "postings": entry.postings}


def sums(of_import: ImportSums) -> dict[str, Any]:
    """The sums of an import."""
    return {
        "import_id": of_import.import_id,
        "currency": of_import.currency,
        "cases": of_import.cases,
        "balance_fen": of_import.balance_fen,
        "reconciled": of_import.reconciled,
        **{f"{name}_fen": of_import.stated[name] for name in PARTS},
        "booked": {f"{name}_fen": of_import.booked.get(name, 0) for name in PARTS},
    }
