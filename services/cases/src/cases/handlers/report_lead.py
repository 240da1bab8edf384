"""Register a lead: a new case in the state "reported"."""

from cases.domain.acts import ReportLead
from cases.domain.case import Case
from cases.handlers.acting import facts_for
from cases.handlers.ports import CasesWork


def report_lead(uow: CasesWork, act: ReportLead) -> Case:
    """The new case.

    Raises:
        CasesError: when the caller may not report for this organisation, or the day is not possible.
    """
    with uow:
        case = Case(id=act.case_id, organisation_id=act.organisation_id)
        case.take(act, facts_for(uow, case, act))
        uow.audit("case.report", f"case/{case.id}", done_on=act.done_on.isoformat())
        uow.cases.add(case)
        for event in case.pull_events():
            uow.emit(case.id, event, first=True)
        return case
