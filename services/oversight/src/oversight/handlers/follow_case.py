"""Take note of what the competent department did with a case, and tell the reporter through the tracking code."""

from datetime import date

from oversight.domain.complaint import Complaint, Kind
from oversight.handlers.ports import CaseKnown, Work


def know_case(uow: Work, case: CaseKnown) -> None:
    """Remember what an event said of a case."""
    with uow:
        uow.cases.put(case)


def follow_case(uow: Work, *, act: str, case_id: str, on: date, complaint_id: str | None = None) -> bool:
    """Move the complaint from which the case came one step on; False when there is none or the step does not fit."""
    with uow:
        complaint = uow.complaints.find(complaint_id) if complaint_id else uow.complaints.by_case(case_id)
        if complaint is None or not _released_to_department_of(uow, complaint, case_id):
            return False
        if not complaint.follow_case(act, case_id=case_id, on=on):
            return False
        uow.complaints.save(complaint)
    return True


def _released_to_department_of(uow: Work, complaint: Complaint, case_id: str) -> bool:
    """Only the department that a report of a violation was released to can say what became of it."""
    case = uow.cases.get(case_id)
    return complaint.kind is Kind.VIOLATION and case is not None and case.organisation_id == complaint.organisation_id
