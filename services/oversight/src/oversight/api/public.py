"""Filing and following a complaint: open to anybody, without a token."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import Blueprint, idempotent, public, refuses, unit_of_work
from oversight.api.schemas import CodeIn, ProgressOut, ReceivedOut, ReportIn
from oversight.api.shown import shown_steps
from oversight.domain.complaint import Kind
from oversight.domain.errors import DateNotPossible, TrackingCodeUnknown
from oversight.handlers.follow_complaint import follow_complaint
from oversight.handlers.receive_complaint import Report, receive_complaint

# A person files one report and reads its progress now and then; more from one address is somebody trying codes.
FILE_PER_HOUR = 30
FOLLOW_PER_MINUTE = 10

public_complaints = Blueprint(
    "public_complaints", __name__, url_prefix="/public/complaints", description="File and follow a complaint"
)


@public_complaints.route("")
class PublicComplaints(MethodView):
    """Complaints from anybody."""

    @public(throttle="complaint-file", limit=FILE_PER_HOUR, per_s=3600)
    @idempotent
    @refuses(DateNotPossible)
    @public_complaints.arguments(ReportIn)
    @public_complaints.response(201, ReceivedOut)
    def post(self, data: dict[str, Any]) -> Any:
        """File a complaint or report, named or not; the tracking code in the answer is shown this once."""
        return receive_complaint(unit_of_work(), Report(**(data | {"kind": Kind(data["kind"])})))


@public_complaints.route("/lookup")
class Lookup(MethodView):
    """How far a complaint has come."""

    @public(throttle="complaint-follow", limit=FOLLOW_PER_MINUTE, per_s=60)
    @refuses(TrackingCodeUnknown)
    @public_complaints.arguments(CodeIn)
    @public_complaints.response(200, ProgressOut)
    def post(self, data: dict[str, Any]) -> Any:
        """Follow a complaint by its tracking code; every wrong code gets the same answer after the same work."""
        progress = follow_complaint(unit_of_work(), data["tracking_code"])
        return vars(progress) | {"steps": shown_steps(progress.steps)}
