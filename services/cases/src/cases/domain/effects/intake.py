"""Reporting, filing, officers and recusal."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.case_people import officers_on
from cases.domain.facts import Facts
from cases.domain.numbering import CASE_FILED
from cases.domain.records import Assignment, Recusal

if TYPE_CHECKING:
    from cases.domain.case import Case


def report(case: "Case", act: acts.ReportLead, facts: Facts) -> None:
    """The lead becomes a case at intake."""
    case.source, case.summary, case.received_on = act.source, act.summary, act.done_on
    case.matter_id, case.conduct_on, case.party = act.matter_id, act.conduct_on, act.party
    case.complaint_id = act.complaint_id
    case.region_code = act.region_code or facts.register.organisation.region_code
    case.events.append(
        events.CaseReported(
            case_id=case.id,
            organisation_id=case.organisation_id,
            source=act.source.value,
            complaint_id=act.complaint_id,
            matter_id=act.matter_id,
            received_on=act.done_on,
        )
    )


def file(case: "Case", act: acts.FileCase, facts: Facts) -> None:
    """The case gets matter, party and number."""
    found, organisation = facts.matter, facts.register.organisation
    case.matter_id, case.conduct_on, case.harm = act.matter_id, act.conduct_on, act.harm
    case.conduct_until = act.conduct_until
    case.party = act.party or case.party
    case.case_number = facts.draw_number(CASE_FILED)
    if found is None or case.party is None:
        raise ValueError("a case is filed on a matter and against a party")
    case.events.append(
        events.CaseFiled(
            case_id=case.id,
            case_number=case.case_number,
            organisation_id=case.organisation_id,
            organisation_name_zh=organisation.name_zh,
            organisation_name_en=organisation.name_en,
            region_code=case.region_code,
            matter_id=found.matter.id,
            matter_title_zh=found.matter.title_zh,
            matter_title_en=found.matter.title_en,
            procedure=case.procedure.value,
            filed_on=act.done_on,
            complaint_id=case.complaint_id,
            party_id=case.party.party_id,
        )
    )


def not_file(case: "Case", act: acts.NotFile, _facts: Facts) -> None:
    """The lead ends here, with its reason."""
    case.file.not_filed_reason = act.reason
    case.events.append(
        events.CaseNotFiled(
            case_id=case.id,
            decided_on=act.done_on,
            reason=act.reason,
            organisation_id=case.organisation_id,
            complaint_id=case.complaint_id,
        )
    )


def assign_officers(case: "Case", act: acts.AssignOfficers, facts: Facts) -> None:
    """Officers join the case; who is on it already stays."""
    there = {assignment.subject for assignment in officers_on(case.file, act.done_on)}
    for officer in facts.officers:
        if officer.subject not in there:
            case.file.assignments.append(
                Assignment(officer_id=officer.id, subject=officer.subject, name_zh=officer.name_zh, since=act.done_on)
            )
    case.events.append(events.OfficerAssigned(case_id=case.id, officer_ids=act.officer_ids, assigned_on=act.done_on))


def apply_for_recusal(case: "Case", act: acts.ApplyForRecusal, facts: Facts) -> None:
    """The application waits for the head; the investigation goes on."""
    officer = facts.register.officers.get(act.officer_id)
    case.file.recusals.append(
        Recusal(
            recusal_id=act.recusal_id,
            officer_id=act.officer_id,
            subject=officer.subject if officer is not None else act.officer_id,
            ground=act.ground,
            own_motion=act.own_motion,
            applied_on=act.done_on,
        )
    )


def decide_recusal(case: "Case", act: acts.DecideRecusal, facts: Facts) -> None:
    """A granted recusal takes the officer off the case from that day; what was done before stays."""
    recusal = case.recusal(act.recusal_id)
    decided = replace(recusal, granted=act.granted, decided_on=act.done_on, decided_by=facts.actor.subject)
    case.file.recusals[case.file.recusals.index(recusal)] = decided
    if act.granted:
        case.file.assignments = [
            replace(a, until=act.done_on) if a.subject == recusal.subject and a.until is None else a
            for a in case.file.assignments
        ]
    case.events.append(
        events.RecusalDecided(
            case_id=case.id,
            recusal_id=recusal.recusal_id,
            officer_id=recusal.officer_id,
            granted=act.granted,
            decided_on=act.done_on,
        )
    )
