"""Turn a complaint down and tell the reporter why."""

from datetime import date

from oversight.domain.complaint import Complaint, RejectionReason
from oversight.handlers.ports import Work
from oversight.handlers.read_complaint import screen_against_report, visible_complaint


def reject_complaint(
    uow: Work, complaint_id: str, *, reason: RejectionReason, told: str, rejected_on: date, expected_version: int
) -> Complaint:
    """Reject the complaint (XINFANG 23(1)); see :meth:`Complaint.reject` for what is refused."""
    with uow:
        complaint = visible_complaint(uow, complaint_id, expected_version)
        screen_against_report(uow, complaint, told)
        complaint.reject(reason=reason, told=told, rejected_on=rejected_on, today=uow.today)
        uow.complaints.save(complaint)
        uow.audit("complaint.reject", f"complaint/{complaint.id}", reason=reason.value)
    return complaint
