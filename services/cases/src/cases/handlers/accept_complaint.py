"""A complaint that oversight has accepted becomes a lead at the intake of the competent organisation."""

from datetime import date
from typing import Any

from cases.domain.acts import ReportLead
from cases.domain.values import Source
from cases.handlers.ports import CasesWork
from cases.handlers.report_lead import report_lead
from gongzheng.ids import new_id


def accept_complaint(uow: CasesWork, data: dict[str, Any]) -> str:
    """The id of the case; a complaint that has led to a case before leads to no second one.

    Raises:
        Unknown: when the organisation, or the matter named, is in no register of this service; the lane then waits
            until a registrar has loaded it.
    """
    with uow:
        there = uow.cases.of_complaint(data["complaint_id"])
        if there is not None:
            return there
        act = ReportLead(
            case_id=new_id(),
            done_on=date.fromisoformat(data["accepted_on"]),
            organisation_id=data["organisation_id"],
            source=Source.COMPLAINT,
            summary=data["summary"],
            matter_id=data.get("matter_id"),
            complaint_id=data["complaint_id"],
        )
        return report_lead(uow, act).id
