"""Take a complaint up, and release a screened summary to the competent department."""

from gongzheng.ids import new_id
from oversight.domain.complaint import Acceptance, Complaint
from oversight.handlers.ports import Work
from oversight.handlers.read_complaint import screen_against_report, visible_complaint


def accept_complaint(uow: Work, complaint_id: str, acceptance: Acceptance, expected_version: int) -> Complaint:
    """Accept the complaint (XINFANG 23(1), APL 75(2)); see :meth:`Complaint.accept` for what is refused."""
    with uow:
        complaint = visible_complaint(uow, complaint_id, expected_version)
        screen_against_report(uow, complaint, acceptance.summary)
        complaint.accept(acceptance, today=uow.today, new_id=new_id, compute=uow.compute_due)
        uow.complaints.save(complaint)
        uow.audit("complaint.accept", f"complaint/{complaint.id}", organisation=acceptance.organisation_id)
    return complaint
