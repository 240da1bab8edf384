"""End a complaint and tell the reporter how."""

from datetime import date

from oversight.domain.complaint import Complaint, Outcome
from oversight.handlers.ports import Work
from oversight.handlers.read_complaint import screen_against_report, visible_complaint


def resolve_complaint(
    uow: Work, complaint_id: str, *, outcome: Outcome, told: str, resolved_on: date, expected_version: int
) -> Complaint:
    """Resolve the complaint (XINFANG 34); see :meth:`Complaint.resolve` for what is refused."""
    with uow:
        complaint = visible_complaint(uow, complaint_id, expected_version)
        screen_against_report(uow, complaint, told)
        complaint.resolve(outcome=outcome, told=told, resolved_on=resolved_on, today=uow.today)
        uow.complaints.save(complaint)
        uow.audit("complaint.resolve", f"complaint/{complaint.id}", outcome=outcome.value)
    return complaint
