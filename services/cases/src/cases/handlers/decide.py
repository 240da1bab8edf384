"""Decide a case: the act, the number and the document are one transaction."""

from cases.domain.acts import Decide
from cases.domain.case import Case
from cases.domain.wording import decision_data
from cases.handlers.acting import keep, perform
from cases.handlers.issue_document import issue_document
from cases.handlers.ports import CasesWork


def decide(uow: CasesWork, case_id: str, act: Decide, version: int) -> Case:
    """The decided case.

    Raises:
        CasesError: what stands against the decision, with its article.
    """
    with uow:
        case = uow.cases.get(case_id, version, lock=True)
        perform(uow, case, act)
        if case.file.decision is not None:
            data = decision_data(case, case.file.decision, uow.registers.organisation(case.organisation_id))
            issue_document(uow, case.id, document_id=act.decision_id, kind="decision", issued_on=act.done_on, data=data)
        uow.punished.add(case)
        keep(uow, case)
        return case
