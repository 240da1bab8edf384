"""The simple procedure on the spot."""

from typing import Any

from marshmallow import fields

from cases.api import answers
from cases.api.acts import take
from cases.api.making import party, sanction
from cases.api.roles import may
from cases.api.schema_parts import ActIn, OfficersIn, long_text, optional_text
from cases.api.schemas import PartyIn, SanctionIn
from cases.domain import acts
from cases.domain.errors import CasesError, OutsideOrganisation
from cases.handlers.decide_on_the_spot import decide_on_the_spot
from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.http import Blueprint, LegalDate, Text, idempotent, refuses, requires, unit_of_work, with_etag
from gongzheng.http.schemas import Boolean
from gongzheng.ids import new_id

blueprint = Blueprint("simple", __name__, description="The simple procedure on the spot")


class OnTheSpotIn(OfficersIn):
    """A decision on the spot (APL 51, 52)."""

    matter_id = Text(100, required=True)
    conduct_on = LegalDate(required=True)
    party = fields.Nested(PartyIn, required=True)
    place = Text(400, required=True)
    facts = long_text(required=True)
    evidence = long_text(required=True)
    sanction = fields.Nested(SanctionIn, required=True)
    reconsideration_body = Text(200, required=True)
    court = Text(200, required=True)
    credentials_shown = Boolean(required=True)
    told_of_rights = Boolean(required=True)
    statement = optional_text(2_000)
    statement_opinion = optional_text(2_000)
    signed = Boolean(required=True)
    refusal_note = optional_text(2_000)
    distinct_act = optional_text(2_000)
    collector = optional_text()


class HandInIn(ActIn):
    """The papers reach the organisation."""

    note = optional_text(2_000)


@blueprint.route("/on-the-spot-decisions", methods=["POST"])
@requires(*may("decide_on_the_spot"))
@idempotent
@refuses(CasesError)
@blueprint.arguments(OnTheSpotIn)
@blueprint.response(201, answers.CaseOut)
def decide(given: dict[str, Any]) -> dict[str, Any]:
    """Decide a small case on the spot and hand the decision over; reconsideration comes before a suit (ARL 23)."""
    uow = unit_of_work()
    if uow.actor.organisation_id is None:
        raise OutsideOrganisation("请以所属机关的账号办理。", "Act for an organisation.")
    changed = {
        "officer_ids": tuple(given["officer_ids"]),
        "party": party(given["party"]),
        "sanction": sanction(given["sanction"]),
    }
    ids = {"case_id": new_id(), "decision_id": new_id(), "organisation_id": uow.actor.organisation_id}
    case = decide_on_the_spot(uow, acts.DecideOnTheSpot(**{**given, **changed, **ids}))
    with_etag(case.version)
    return answers.case_out(case)


@blueprint.route("/cases/<ulid:case_id>/hand-in", methods=["POST"])
@requires(*may("hand_in"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(HandInIn)
@blueprint.response(200, answers.CaseOut)
def hand_in(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Put a decision on the spot on record with the organisation (APL 52(3))."""
    return take(case_id, acts.HandIn(**given))
