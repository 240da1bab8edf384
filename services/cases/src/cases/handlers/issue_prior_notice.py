"""Issue the prior notice with its number and its PDF."""

from cases.domain.acts import IssuePriorNotice
from cases.domain.case import Case
from cases.domain.wording import notice_data
from cases.handlers.acting import facts_for, keep, perform
from cases.handlers.issue_document import issue_document
from cases.handlers.ports import CasesWork


def issue_prior_notice(uow: CasesWork, case_id: str, act: IssuePriorNotice, version: int) -> Case:
    """The case with its notice.

    Raises:
        CasesError: what stands against the act.
    """
    with uow:
        case = uow.cases.get(case_id, version, lock=True)
        perform(uow, case, act)
        found = facts_for(uow, case, act)
        if case.notice is not None and found.matter is not None:
            data = notice_data(case, case.notice, found.register.organisation, found.matter.matter)
            issue_document(
                uow, case.id, document_id=act.notice_id, kind="prior_notice", issued_on=act.done_on, data=data
            )
        keep(uow, case)
        return case
