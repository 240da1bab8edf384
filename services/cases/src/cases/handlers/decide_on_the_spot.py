"""Decide on the spot: the case, the number and the document are one transaction."""

from cases.domain.acts import DecideOnTheSpot
from cases.domain.case import Case
from cases.domain.wording import decision_data
from cases.handlers.acting import facts_for
from cases.handlers.issue_document import issue_document
from cases.handlers.ports import CasesWork


def decide_on_the_spot(uow: CasesWork, act: DecideOnTheSpot) -> Case:
    """The new case, decided and served.

    Raises:
        CasesError: what stands against deciding on the spot, with its article.
    """
    with uow:
        case = Case(id=act.case_id, organisation_id=act.organisation_id)
        case.take(act, facts_for(uow, case, act))
        uow.audit(f"case.{act.row}", f"case/{case.id}", done_on=act.done_on.isoformat(), state=str(case.state))
        uow.cases.add(case)
        if case.file.decision is not None:
            data = decision_data(case, case.file.decision, uow.registers.organisation(case.organisation_id))
            issue_document(uow, case.id, document_id=act.decision_id, kind="decision", issued_on=act.done_on, data=data)
        uow.punished.add(case)
        for event in case.pull_events():
            uow.emit(case.id, event)
        return case
