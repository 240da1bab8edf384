"""Cases: report a lead, list, read, clocks, timeline."""

from typing import Any

from cases.api import answers, schemas
from cases.api.making import party
from cases.api.roles import READERS, may
from cases.domain.acts import ReportLead
from cases.domain.errors import ActOutOfOrder, DateNotPossible, OutsideOrganisation, RoleNotEntitled, Unknown
from cases.domain.values import Source
from cases.handlers.acting import READERS as READ_ALL
from cases.handlers.acting import authorised
from cases.handlers.report_lead import report_lead
from gongzheng.errors import InvalidCursor
from gongzheng.http import (
    Blueprint,
    audited_read,
    idempotent,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from gongzheng.ids import new_id

blueprint = Blueprint("cases", __name__, description="Cases from a lead to the archive")


@blueprint.route("/cases", methods=["POST"])
@requires(*may("report"))
@idempotent
@refuses(DateNotPossible, OutsideOrganisation, RoleNotEntitled, Unknown, ActOutOfOrder)
@blueprint.arguments(schemas.LeadIn)
@blueprint.response(201, answers.CaseOut)
def report(given: dict[str, Any]) -> dict[str, Any]:
    """Register a lead; it is reported and waits for the decision on filing (APL 54, SAMR-PROC 18)."""
    uow = unit_of_work()
    organisation_id = given["organisation_id"] or uow.actor.organisation_id
    if organisation_id is None:
        raise OutsideOrganisation("请写明机关。", "Name the organisation.", errors={"organisation_id": ["is missing"]})
    act = ReportLead(
        case_id=new_id(),
        done_on=given["done_on"],
        organisation_id=organisation_id,
        source=Source(given["source"]),
        summary=given["summary"],
        matter_id=given["matter_id"],
        conduct_on=given["conduct_on"],
        complaint_id=given["complaint_id"],
        party=party(given["party"]),
    )
    case = report_lead(uow, act)
    with_etag(case.version)
    return answers.case_out(case)


@blueprint.route("/cases", methods=["GET"])
@requires(*READERS)
@audited_read("case.list")
@refuses(OutsideOrganisation)
@blueprint.arguments(schemas.CaseFilter, location="query")
@blueprint.response(200, answers.CasePage)
def list_cases(given: dict[str, Any]) -> dict[str, Any]:
    """The cases of the caller's organisation, newest first; auditors see those of all."""
    page, uow = page_args(), unit_of_work()
    if page.after is not None and not isinstance(page.after, str):
        raise InvalidCursor("Take next_cursor from the page before.")
    wanted = given["organisation_id"]
    if not uow.actor.roles & READ_ALL:
        if wanted is not None and wanted != uow.actor.organisation_id:
            raise OutsideOrganisation("只能查看本机关的案件。", "Only the cases of the own organisation are listed.")
        wanted = uow.actor.organisation_id or ""
    with uow:
        rows = uow.cases.page(organisation_id=wanted, state=given["state"], after=page.after, limit=page.limit)
    return page_of(rows, page.limit, lambda row: str(row.id))


@blueprint.route("/cases/<ulid:case_id>", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, answers.CaseOut)
def read_case(case_id: str) -> dict[str, Any]:
    """A case with everything on its file."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
    with_etag(case.version)
    return answers.case_out(case)


@blueprint.route("/cases/<ulid:case_id>/clocks", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, answers.ClocksOut)
def read_clocks(case_id: str) -> dict[str, Any]:
    """Every time limit on the case: its last day, its law, and why it is that day."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
        return {"items": [answers.clock_out(clock, uow.today) for clock in case.clocks]}


@blueprint.route("/cases/<ulid:case_id>/timeline", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, answers.TimelineOut)
def read_timeline(case_id: str) -> dict[str, Any]:
    """What was done in the case, by whom, on which day, and on which article each step rests."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
    return {"items": [answers.entry_out(case, entry) for entry in case.timeline]}
