"""A served decision with money becomes one obligation; a served decision without money becomes nothing (APL 67)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fees.domain import payment_code
from fees.domain.errors import DecisionContradicts, DecisionIncomplete
from fees.domain.ledger import References, Transaction, post
from fees.domain.obligation import Ground, Obligation, Origin
from fees.domain.parity import Claim
from fees.domain.position import Terms
from fees.domain.rules import Rules
from fees.handlers.ports import FeesUnitOfWork
from gongzheng.ids import new_id


def create_obligation(uow: FeesUnitOfWork, data: Mapping[str, Any], *, event_id: str) -> Obligation | None:
    """Create the obligation of a ``decision.served`` event; None where nothing is owed or it exists already.

    Raises:
        DecisionContradicts: when the same decision was served before with other money.
        DecisionIncomplete: when it asks for money without a day until which to pay.
    """
    claim = _claim(data)
    if claim is None:
        return None
    earlier = uow.obligations.by_decision(claim.decision_id)
    if earlier is not None:
        _must_agree(earlier, claim)
        return None
    obligation = Obligation(
        id=new_id(),
        ground=_ground(data, event_id),
        origin=Origin.DECISION,
        currency=data["currency"],
        terms=_terms(uow.rules, data),
        payment_code=payment_code.make(uow.rules.payment_code, uow.chance.digits),
    )
    remember_decision(uow, data, event_id=event_id)
    uow.obligations.add(obligation)
    uow.ledger.add(
        Transaction(
            id=new_id(),
            kind="obligation.created",
            occurred_on=date.fromisoformat(data["served_on"]),
            currency=obligation.currency,
            refers=References(obligation_id=obligation.id, cause_id=event_id),
            postings=post(uow.rules, obligation.decided_facts()),
        )
    )
    uow.emit(obligation.id, obligation.created())
    uow.audit("obligation.create", f"obligation/{obligation.id}", case_id=data["case_id"], event_id=event_id)
    return obligation


def remember_decision(uow: FeesUnitOfWork, data: Mapping[str, Any], *, event_id: str) -> None:
    """Keep what a ``decision.served`` event asks for, as it told it, and do nothing else; the first one stands."""
    claim = _claim(data)
    if claim is not None:
        uow.decisions.remember(claim, case_id=data["case_id"], event_id=event_id)


def _claim(data: Mapping[str, Any]) -> Claim | None:
    """The money that a decision asks for; None where it asks for none."""
    if data["fine_fen"] + data["confiscation_fen"] == 0:
        return None
    return Claim(decision_id=data["decision_id"], fine_fen=data["fine_fen"], confiscation_fen=data["confiscation_fen"])


def _must_agree(earlier: Obligation, claim: Claim) -> None:
    if (earlier.terms.fine_fen, earlier.terms.confiscation_fen) != (claim.fine_fen, claim.confiscation_fen):
        raise DecisionContradicts(f"decision {claim.decision_id} was served before with other money")


def _terms(rules: Rules, data: Mapping[str, Any]) -> Terms:
    if data["payment_due_on"] is None:
        raise DecisionIncomplete(f"decision {data['decision_id']}")
    runs = data["surcharge_applies"] and date.fromisoformat(data["decided_on"]) >= rules.surcharge.in_force_from
    return Terms(
        fine_fen=data["fine_fen"],
        confiscation_fen=data["confiscation_fen"],
        due_on=date.fromisoformat(data["payment_due_on"]),
        surcharge=rules.surcharge if runs and data["fine_fen"] else None,
    )


def _ground(data: Mapping[str, Any], event_id: str) -> Ground:
    return Ground(
        case_id=data["case_id"],
        cause_id=event_id,
        decision_id=data["decision_id"],
        document_number=data["document_number"],
        decided_on=date.fromisoformat(data["decided_on"]),
        organisation_id=data["organisation_id"],
        organisation_name_zh=data["organisation_name_zh"],
        organisation_name_en=data["organisation_name_en"],
        region_code=data["region_code"],
        matter_title_zh=data["matter_title_zh"],
        matter_title_en=data["matter_title_en"],
        party_id=data["party"]["party_id"],
        party_name=data["party"]["name"],
    )
