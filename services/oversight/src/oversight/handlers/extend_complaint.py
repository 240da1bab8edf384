"""Lengthen the time to resolve a complaint."""

from datetime import date

from oversight.domain.complaint import Complaint
from oversight.handlers.ports import Work
from oversight.handlers.read_complaint import screen_against_report, visible_complaint


def extend_complaint(
    uow: Work, complaint_id: str, *, days: int, told: str, extended_on: date, expected_version: int
) -> Complaint:
    """Extend the time (XINFANG 34); see :meth:`Complaint.extend` for what is refused."""
    with uow:
        complaint = visible_complaint(uow, complaint_id, expected_version)
        screen_against_report(uow, complaint, told)
        complaint.extend(days=days, told=told, extended_on=extended_on, today=uow.today, compute=uow.compute_due)
        uow.complaints.save(complaint)
        uow.audit("complaint.extend", f"complaint/{complaint.id}", days=days)
    return complaint
