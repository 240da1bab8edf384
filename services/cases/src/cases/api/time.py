"""Time limits: more time, and time that is not counted."""

from typing import Any

from cases.api import answers, schemas_time
from cases.api.acts import take
from cases.api.roles import may
from cases.domain import acts
from cases.domain.errors import CasesError
from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.http import Blueprint, idempotent, refuses, requires

blueprint = Blueprint("time", __name__, description="Extensions of time limits, and time that is not counted")


@blueprint.route("/cases/<ulid:case_id>/clocks/<ulid:clock_id>/extensions", methods=["POST"])
@requires(*may("extend_time"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_time.ExtensionIn)
@blueprint.response(200, answers.CaseOut)
def extend(given: dict[str, Any], case_id: str, clock_id: str) -> dict[str, Any]:
    """Grant more time, as often and as long as the law of this time limit says, before its last day has passed."""
    fields = {**given, "officer_ids": tuple(given["officer_ids"])}
    return take(case_id, acts.ExtendTime(clock_id=clock_id, **fields))


@blueprint.route("/cases/<ulid:case_id>/time-stops", methods=["POST"])
@requires(*may("stop_time", "suspend"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_time.StopIn)
@blueprint.response(200, answers.CaseOut)
def stop(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """From that day on, time is not counted: testing, a hearing, an announcement, or a suspension by the head."""
    return take(case_id, acts.StopTime(**given))


@blueprint.route("/cases/<ulid:case_id>/time-resumptions", methods=["POST"])
@requires(*may("resume_time", "resume"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_time.ResumeIn)
@blueprint.response(200, answers.CaseOut)
def resume(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """From that day on, time is counted again; the clocks then know their new last day."""
    return take(case_id, acts.ResumeTime(**given))
