"""Complaints inside oversight: read them, take them up or turn them down, resolve them."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import (
    Blueprint,
    audited_read,
    current_actor,
    if_match,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from oversight.api.schemas import (
    AcceptanceIn,
    ComplaintOut,
    ComplaintPage,
    ComplaintQuery,
    ContentOut,
    ExtensionIn,
    RejectionIn,
    ResolutionIn,
)
from oversight.api.shown import shown_complaint
from oversight.domain.complaint import Acceptance, Complaint, Outcome, RejectionReason
from oversight.domain.errors import (
    AccusedMustBeNamed,
    ComplaintStateForbids,
    DateNotPossible,
    ExtensionRefused,
    NotFound,
    RoutedToAccused,
    SummaryRepeatsReport,
    SummaryRequired,
    SummaryRevealsReporter,
)
from oversight.handlers.accept_complaint import accept_complaint
from oversight.handlers.extend_complaint import extend_complaint
from oversight.handlers.read_complaint import read_content, visible_complaint
from oversight.handlers.reject_complaint import reject_complaint
from oversight.handlers.resolve_complaint import resolve_complaint

HANDLES = ("oversight.intake", "oversight.investigator", "oversight.lead")
READS = (*HANDLES, "oversight.supervisor", "auditor")

complaints = Blueprint("complaints", __name__, url_prefix="/complaints", description="Complaints and reports")


def _answer(complaint: Complaint) -> dict[str, Any]:
    with_etag(complaint.version)
    return shown_complaint(complaint)


@complaints.route("")
class Complaints(MethodView):
    """All complaints that the caller may know of."""

    @requires(*READS)
    @audited_read("complaint.list")
    @complaints.arguments(ComplaintQuery, location="query")
    @complaints.response(200, ComplaintPage)
    def get(self, query: dict[str, Any]) -> Any:
        """List complaints; those about the caller's own organisation are not among them (XINFANG 30(3))."""
        page = page_args()
        with unit_of_work() as uow:
            found = uow.complaints.page(
                limit=page.limit + 1,
                after=str(page.after) if page.after is not None else None,
                hidden_from=current_actor().organisation_id,
                state=query.get("state"),
                kind=query.get("kind"),
            )
        listed = page_of(found, page.limit, lambda complaint: complaint.id)
        return listed | {"items": [shown_complaint(complaint) for complaint in listed["items"]]}


@complaints.route("/<ulid:complaint_id>")
class OneComplaint(MethodView):
    """One complaint."""

    @requires(*READS)
    @refuses(NotFound)
    @complaints.response(200, ComplaintOut)
    def get(self, complaint_id: str) -> Any:
        """Read a complaint's way and time limits; its words are below /content, its reporter is not to be had."""
        with unit_of_work() as uow:
            return _answer(visible_complaint(uow, complaint_id))


@complaints.route("/<ulid:complaint_id>/content")
class Content(MethodView):
    """The report itself."""

    @requires(*HANDLES, "auditor")
    @refuses(NotFound)
    @complaints.response(200, ContentOut)
    def get(self, complaint_id: str) -> Any:
        """Read the report in the reporter's words; who looked is on record."""
        return read_content(unit_of_work(), complaint_id)


@complaints.route("/<ulid:complaint_id>/acceptance")
class AcceptanceOf(MethodView):
    """Taking a complaint up."""

    @requires("oversight.intake", "oversight.lead")
    @refuses(NotFound, ComplaintStateForbids, DateNotPossible, AccusedMustBeNamed, RoutedToAccused, SummaryRequired)
    @refuses(SummaryRevealsReporter, SummaryRepeatsReport)
    @complaints.arguments(AcceptanceIn)
    @complaints.response(200, ComplaintOut)
    def post(self, data: dict[str, Any], complaint_id: str) -> Any:
        """Take a complaint up, and release the summary of a violation to the competent department."""
        return _answer(accept_complaint(unit_of_work(), complaint_id, Acceptance(**data), if_match()))


@complaints.route("/<ulid:complaint_id>/rejection")
class RejectionOf(MethodView):
    """Turning a complaint down."""

    @requires("oversight.intake", "oversight.lead")
    @refuses(NotFound, ComplaintStateForbids, DateNotPossible, SummaryRevealsReporter, SummaryRepeatsReport)
    @complaints.arguments(RejectionIn)
    @complaints.response(200, ComplaintOut)
    def post(self, data: dict[str, Any], complaint_id: str) -> Any:
        """Turn a complaint down and tell the reporter why and whom to turn to (XINFANG 23(1))."""
        data["reason"] = RejectionReason(data["reason"])
        return _answer(reject_complaint(unit_of_work(), complaint_id, expected_version=if_match(), **data))


@complaints.route("/<ulid:complaint_id>/extension")
class ExtensionOf(MethodView):
    """More time."""

    @requires("oversight.lead")
    @refuses(NotFound, ExtensionRefused, DateNotPossible, SummaryRevealsReporter, SummaryRepeatsReport)
    @complaints.arguments(ExtensionIn)
    @complaints.response(200, ComplaintOut)
    def post(self, data: dict[str, Any], complaint_id: str) -> Any:
        """Lengthen the time to resolve, once, and tell the reporter why (XINFANG 34)."""
        return _answer(extend_complaint(unit_of_work(), complaint_id, expected_version=if_match(), **data))


@complaints.route("/<ulid:complaint_id>/resolution")
class ResolutionOf(MethodView):
    """The end of a complaint."""

    @requires("oversight.lead")
    @refuses(NotFound, ComplaintStateForbids, DateNotPossible, SummaryRevealsReporter, SummaryRepeatsReport)
    @complaints.arguments(ResolutionIn)
    @complaints.response(200, ComplaintOut)
    def post(self, data: dict[str, Any], complaint_id: str) -> Any:
        """End a complaint and tell the reporter how (XINFANG 34)."""
        data["outcome"] = Outcome(data["outcome"])
        return _answer(resolve_complaint(unit_of_work(), complaint_id, expected_version=if_match(), **data))
