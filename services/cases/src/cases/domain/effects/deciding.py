"""The decision, its service, and what fees reports back."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.clocks import clock_rules, last_day, may_be_sued_at_once, money_is_owed
from cases.domain.effects.serving import ANNOUNCEMENT
from cases.domain.effects.time import resume_for
from cases.domain.facts import Facts
from cases.domain.numbering import DECISION_NUMBERS
from cases.domain.records import Decision, Discussion, Function, Remedies, Service
from cases.domain.service import effective_on
from cases.domain.values import DocumentKind, Party, Procedure

if TYPE_CHECKING:
    from cases.domain.case import Case

CURRENCY = "CNY"


def discuss(case: "Case", act: acts.Discuss, facts: Facts) -> None:
    """The record joins the file; whoever was present has decided in this case and holds no other function in it."""
    subjects = tuple(dict.fromkeys(officer.subject for officer in facts.officers))
    case.file.discussions.append(
        Discussion(
            discussion_id=act.discussion_id,
            done_on=act.done_on,
            officer_ids=act.officer_ids,
            subjects=subjects,
            attending=act.attending,
            record=act.record,
            outcome=act.outcome,
            sanction=act.sanction,
            of_report=len(case.file.reports),
        )
    )
    case.file.functions += [Function(function="decider", subject=who, since=act.done_on) for who in subjects]


def decide(case: "Case", act: acts.Decide, facts: Facts) -> None:
    """The decision gets its number; its last days follow when it is served."""
    number = facts.draw_number(DECISION_NUMBERS[act.outcome])
    case.file.decision = Decision(
        decision_id=act.decision_id,
        document_number=number,
        outcome=act.outcome,
        done_on=act.done_on,
        decider_subject=facts.actor.subject,
        facts=act.facts,
        reasons=act.reasons,
        sanction=act.sanction,
        basis=facts.matter.matter.basis_laws if facts.matter is not None else (),
        remedies=Remedies(
            reconsideration_body=act.reconsideration_body,
            court=act.court,
            reconsideration_first=facts.matter.matter.reconsideration_first if facts.matter is not None else "",
        ),
        defence_opinion=act.defence_opinion,
        surcharge_applies=act.surcharge_applies,
        social_impact=act.social_impact,
        collector=act.collector,
        without_statement=act.without_statement,
        distinct_act=act.distinct_act,
        leniency=act.leniency,
    )
    case.events.append(
        events.DecisionMade(
            case_id=case.id,
            decision_id=act.decision_id,
            document_number=number,
            outcome=act.outcome.value,
            fine_fen=act.sanction.fine_fen,
            decided_on=act.done_on,
        )
    )


def serve(case: "Case", act: acts.Serve, facts: Facts) -> None:
    """The document takes effect on the day that method and facts give (APL 61)."""
    service = Service(
        document=act.document,
        method=act.method,
        sent_on=act.sent_on,
        effective_on=effective_on(facts),
        recipient=act.recipient,
        witness=act.witness,
        recorded=act.recorded,
        receipt=act.receipt,
        consent_signed_on=act.consent_signed_on,
        capacity=act.capacity,
        note=act.note,
        carrier=act.carrier,
    )
    resume_for(case, ANNOUNCEMENT, facts)
    if act.document is DocumentKind.PRIOR_NOTICE:
        _notice_served(case, service, facts)
    else:
        decision_served(case, service, facts)


def _notice_served(case: "Case", service: Service, facts: Facts) -> None:
    notice = replace(case.file.notices[-1], service=service)
    case.file.notices[-1] = notice
    case.events.append(
        events.NoticeServed(
            case_id=case.id,
            notice_id=notice.notice_id,
            document_number=notice.document_number,
            kind="prior_notice",
            served_on=service.effective_on,
            proposed_fine_fen=notice.sanction.fine_fen,
            party=party_ref(case.party),
            answer_until=_due("statement", service.effective_on, facts),
            hearing_offered=bool(notice.hearing_law),
        )
    )


def decision_served(case: "Case", service: Service, facts: Facts) -> None:
    """From the day of effect on everything is counted that the party may or must do."""
    decision = case.file.decision
    if decision is None:
        raise ValueError("only a decision that was made is served")
    day = service.effective_on
    decision = replace(
        decision,
        service=service,
        payment_due_on=_due("payment", day, facts) if money_is_owed(case) else None,
        remedies=replace(
            decision.remedies,
            reconsideration_until=_due("reconsideration", day, facts),
            litigation_until=_due("litigation", day, facts) if may_be_sued_at_once(case) else None,
        ),
    )
    case.file.decision = decision
    case.events.append(_served_event(case, decision, facts))


def _served_event(case: "Case", decision: Decision, facts: Facts) -> events.DecisionServed:
    organisation, found = facts.register.organisation, facts.matter
    service, remedies = decision.service, decision.remedies
    if found is None or service is None or remedies.reconsideration_until is None:
        raise ValueError("a served decision has a matter, a day of effect and remedies")
    return events.DecisionServed(
        case_id=case.id,
        decision_id=decision.decision_id,
        document_number=decision.document_number,
        outcome=decision.outcome.value,
        fine_fen=decision.sanction.fine_fen,
        confiscation_fen=decision.sanction.confiscation_fen,
        currency=CURRENCY,
        decided_on=decision.done_on,
        served_on=service.effective_on,
        effective_on=service.effective_on,
        payment_due_on=decision.payment_due_on,
        surcharge_applies=decision.surcharge_applies,
        organisation_id=organisation.id,
        organisation_name_zh=organisation.name_zh,
        organisation_name_en=organisation.name_en,
        region_code=case.region_code,
        matter_id=found.matter.id,
        matter_title_zh=found.matter.title_zh,
        matter_title_en=found.matter.title_en,
        basis=decision.basis,
        party=party_ref(case.party),
        heard=bool(case.heard_on_current_notice()) or case.procedure is Procedure.SIMPLE,
        reconsideration_until=remedies.reconsideration_until,
        litigation_until=remedies.litigation_until,
        sanction_kinds=tuple(kind.value for kind in decision.sanction.kinds),
        hearing_offered=bool(case.notice is not None and case.notice.hearing_law),
    )


def demand(_case: "Case", _act: acts.Demand, _facts: Facts) -> None:
    """Nothing but the state changes; the obligation itself is known to fees."""


def settle(case: "Case", act: acts.Settle, _facts: Facts) -> None:
    """The decision counts as performed from the day on which everything was paid."""
    if case.file.decision is None:
        raise ValueError("only a decision can be performed")
    case.file.decision = replace(case.file.decision, performed_on=act.done_on)


def party_ref(party: Party | None) -> events.PartyRef:
    """The party as events carry it."""
    if party is None:
        raise ValueError("from filing on a case has a party")
    return events.PartyRef(
        party_id=party.party_id, name=party.name, kind=party.kind.value, email=party.email, language=party.language
    )


def _due(kind: str, day: date, facts: Facts) -> date:
    return last_day(clock_rules()[kind], day, facts.calendar).due_on
