"""A decision on the spot: reported, decided and served in one act."""

from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.effects.deciding import decision_served
from cases.domain.facts import Facts
from cases.domain.numbering import ON_THE_SPOT
from cases.domain.records import Decision, Remedies, Service
from cases.domain.rules import rule_file
from cases.domain.values import DocumentKind, Outcome, Procedure, ServiceMethod, Source

if TYPE_CHECKING:
    from cases.domain.case import Case


def decide_on_the_spot(case: "Case", act: acts.DecideOnTheSpot, facts: Facts) -> None:
    """The case begins with its decision, which takes effect when it is handed over (APL 52)."""
    case.source, case.procedure, case.summary = Source.INSPECTION, Procedure.SIMPLE, act.facts
    case.received_on, case.region_code = act.done_on, facts.register.organisation.region_code
    case.matter_id, case.conduct_on, case.conduct_until = act.matter_id, act.conduct_on, act.conduct_until
    case.party = act.party
    number = facts.draw_number(ON_THE_SPOT)
    case.file.decision = Decision(
        decision_id=act.decision_id,
        document_number=number,
        outcome=Outcome.PENALTY,
        done_on=act.done_on,
        decider_subject=facts.actor.subject,
        facts=act.facts,
        reasons=act.evidence,
        sanction=act.sanction,
        basis=facts.matter.matter.basis_laws if facts.matter is not None else (),
        remedies=Remedies(
            reconsideration_body=act.reconsideration_body,
            court=act.court,
            reconsideration_first=rule_file("thresholds")["simple"]["reconsideration_first"],
        ),
        defence_opinion=(act.statement + act.statement_opinion) if act.statement else "",
        distinct_act=act.distinct_act,
        collector=act.collector,
    )
    case.events += [
        events.CaseReported(
            case_id=case.id,
            organisation_id=case.organisation_id,
            source=case.source.value,
            complaint_id=None,
            matter_id=case.matter_id,
            received_on=act.done_on,
        ),
        events.DecisionMade(
            case_id=case.id,
            decision_id=act.decision_id,
            document_number=number,
            outcome=Outcome.PENALTY.value,
            fine_fen=act.sanction.fine_fen,
            decided_on=act.done_on,
        ),
    ]
    handed_over = Service(
        document=DocumentKind.DECISION,
        method=ServiceMethod.DIRECT,
        sent_on=act.done_on,
        effective_on=act.done_on,
        recipient=act.party.name,
        note=act.refusal_note,
    )
    decision_served(case, handed_over, facts)


def hand_in(case: "Case", act: acts.HandIn, _facts: Facts) -> None:
    """The organisation has the papers."""
    case.file.handed_in_on = act.done_on
