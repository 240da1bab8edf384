"""The acts on a case, each a sub-resource named for what the law calls it. The answer is the case as it then stands."""

from typing import Any

from cases.api import answers, schemas
from cases.api.making import party, sanction
from cases.api.roles import may
from cases.domain import acts
from cases.domain.case import Case
from cases.domain.errors import CasesError, FilingIncomplete
from cases.domain.values import (
    AttemptOutcome,
    DocumentKind,
    HeardKind,
    Leniency,
    Outcome,
    RecipientCapacity,
    ServiceMethod,
)
from cases.handlers.acting import authorised
from cases.handlers.take_act import take_act
from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.http import Blueprint, idempotent, if_match, refuses, requires, unit_of_work, with_etag
from gongzheng.ids import new_id

blueprint = Blueprint("acts", __name__, description="The steps of the procedure")


def take(case_id: str, act: acts.Act) -> dict[str, Any]:
    """Take the act on the version that the caller saw."""
    version = if_match()
    return answer(take_act(unit_of_work(), case_id, act, version))


def answer(case: Case) -> dict[str, Any]:
    """The changed case with its new version."""
    with_etag(case.version)
    return answers.case_out(case)


def _need(given: dict[str, Any], *names: str) -> None:
    missing = [name for name in names if not given[name]]
    if missing:
        raise FilingIncomplete(
            "立案应写明事项和违法行为发生之日；不予立案应说明理由。",
            "Filing names the matter and the day of the conduct; not filing says why.",
            errors={name: ["Missing data for required field."] for name in missing},
        )


def _officers(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "officer_ids": tuple(given["officer_ids"])}


@blueprint.route("/cases/<ulid:case_id>/filing", methods=["POST"])
@requires(*may("file", "not_file"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.FilingIn)
@blueprint.response(200, answers.CaseOut)
def filing(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Decide to file the case or not (APL 54(2)); matter, party and day of the conduct are settled here."""
    if not given["filed"]:
        _need(given, "reason")
        return take(case_id, acts.NotFile(done_on=given["done_on"], reason=given["reason"]))
    with unit_of_work() as uow:
        known = authorised(uow, case_id)
    settled = {name: given[name] or getattr(known, name) for name in ("matter_id", "conduct_on")}
    _need(settled, *settled)
    return take(
        case_id,
        acts.FileCase(
            done_on=given["done_on"],
            **settled,
            party=party(given["party"]),
            conduct_until=given["conduct_until"],
            checked_facts=given["checked_facts"],
            harm=given["harm"],
        ),
    )


@blueprint.route("/cases/<ulid:case_id>/officers", methods=["POST"])
@requires(*may("assign_officers"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.AssignmentIn)
@blueprint.response(200, answers.CaseOut)
def assign_officers(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Put at least two credentialed formal officers on the case (APL 42)."""
    return take(case_id, acts.AssignOfficers(**_officers(given)))


@blueprint.route("/cases/<ulid:case_id>/recusals", methods=["POST"])
@requires(*may("apply_for_recusal"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.RecusalIn)
@blueprint.response(200, answers.CaseOut)
def apply_for_recusal(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Apply that somebody keep out of the case; the investigation goes on until the head decides (APL 43)."""
    return take(case_id, acts.ApplyForRecusal(recusal_id=new_id(), **given))


@blueprint.route("/cases/<ulid:case_id>/recusals/<ulid:recusal_id>/decision", methods=["POST"])
@requires(*may("decide_recusal"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.RecusalDecisionIn)
@blueprint.response(200, answers.CaseOut)
def decide_recusal(given: dict[str, Any], case_id: str, recusal_id: str) -> dict[str, Any]:
    """Decide on a recusal; granted, it takes effect on that day (APL 43(3))."""
    return take(case_id, acts.DecideRecusal(recusal_id=recusal_id, **given))


@blueprint.route("/cases/<ulid:case_id>/evidence/<ulid:evidence_id>/exclusion", methods=["POST"])
@requires(*may("exclude_evidence"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ExclusionIn)
@blueprint.response(200, answers.CaseOut)
def exclude_evidence(given: dict[str, Any], case_id: str, evidence_id: str) -> dict[str, Any]:
    """Exclude evidence that was obtained unlawfully; it stays on the file and counts no more (APL 46(3))."""
    return take(case_id, acts.ExcludeEvidence(evidence_id=evidence_id, **given))


@blueprint.route("/cases/<ulid:case_id>/interviews", methods=["POST"])
@requires(*may("interview"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.InterviewIn)
@blueprint.response(200, answers.CaseOut)
def interview(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record an interview by two officers who showed their credentials (APL 55)."""
    return take(case_id, acts.HoldInterview(interview_id=new_id(), **_officers(given)))


@blueprint.route("/cases/<ulid:case_id>/investigation-report", methods=["POST"])
@requires(*may("report_investigation"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ReportIn)
@blueprint.response(200, answers.CaseOut)
def report_investigation(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """End the investigation with facts, evidence and a proposal (APL 57)."""
    fields = {
        **_officers(given),
        "evidence_ids": tuple(given["evidence_ids"]),
        "proposal": Outcome(given["proposal"]),
        "sanction": sanction(given["sanction"]),
        "leniency": given["leniency"] and Leniency(given["leniency"]),
        "review_grounds": tuple(dict.fromkeys(given["review_grounds"])),
    }
    return take(case_id, acts.ReportInvestigation(**fields))


@blueprint.route("/cases/<ulid:case_id>/review", methods=["POST"])
@requires(*may("pass_review", "return_from_review"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ReviewIn)
@blueprint.response(200, answers.CaseOut)
def review(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Review the legality: pass the case or return it with its reasons; never by one of its investigators (APL 58)."""
    return take(case_id, acts.Examine(**{**given, "review_id": new_id(), "points": tuple(given["points"])}))


@blueprint.route("/cases/<ulid:case_id>/discussions", methods=["POST"])
@requires(*may("discuss"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.DiscussionIn)
@blueprint.response(200, answers.CaseOut)
def discuss(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record how the heads discussed the case together, who was present and what they concluded (APL 57(2))."""
    fields = {
        **_officers(given),
        "discussion_id": new_id(),
        "outcome": Outcome(given["outcome"]),
        "sanction": sanction(given["sanction"]),
        "attending": tuple(given["attending"]),
    }
    return take(case_id, acts.Discuss(**fields))


@blueprint.route("/cases/<ulid:case_id>/service", methods=["POST"])
@requires(*may("serve_prior_notice", "serve_decision"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ServiceIn)
@blueprint.response(200, answers.CaseOut)
def serve(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record how the prior notice or the decision reached the party, and from which day it takes effect (APL 61)."""
    fields = {
        **given,
        "document": DocumentKind(given["document"]),
        "method": ServiceMethod(given["method"]),
        "capacity": RecipientCapacity(given["capacity"]),
    }
    return take(case_id, acts.Serve(**fields))


@blueprint.route("/cases/<ulid:case_id>/service-attempts", methods=["POST"])
@requires(*may("attempt_prior_notice", "attempt_decision"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.AttemptIn)
@blueprint.response(200, answers.CaseOut)
def attempt_service(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record that a document did not reach the party, and why; an announcement rests on it."""
    fields = {
        **_officers(given),
        "document": DocumentKind(given["document"]),
        "method": ServiceMethod(given["method"]),
        "outcome": AttemptOutcome(given["outcome"]),
    }
    return take(case_id, acts.AttemptService(**fields))


@blueprint.route("/cases/<ulid:case_id>/service-announcements", methods=["POST"])
@requires(*may("announce_prior_notice", "announce_decision"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.AnnouncementIn)
@blueprint.response(200, answers.CaseOut)
def announce_service(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Announce a document in public when the party cannot be found or other ways have failed (CPL 95)."""
    fields = {**given, "document": DocumentKind(given["document"]), "places": tuple(given["places"])}
    return take(case_id, acts.AnnounceService(**fields))


@blueprint.route("/cases/<ulid:case_id>/statement", methods=["POST"])
@requires(*may("hear_statement", "record_waiver", "record_silence"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.StatementIn)
@blueprint.response(200, answers.CaseOut)
def hear_party(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record the party's statement, its express waiver, or its silence after the period has run out (APL 45, 62)."""
    return take(case_id, acts.HearParty(**{**given, "kind": HeardKind(given["kind"])}))


@blueprint.route("/cases/<ulid:case_id>/hearing", methods=["POST"])
@requires(*may("hold_hearing"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.HearingIn)
@blueprint.response(200, answers.CaseOut)
def hold_hearing(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record a hearing, chaired by somebody who did not investigate (APL 63, 64)."""
    return take(case_id, acts.HoldHearing(**given))


@blueprint.route("/cases/<ulid:case_id>/publication", methods=["POST"])
@requires(*may("publish"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.PublicationIn)
@blueprint.response(200, answers.CaseOut)
def publish(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Record that and where the decision was made public (APL 48)."""
    return take(case_id, acts.Publish(**given))


@blueprint.route("/cases/<ulid:case_id>/closing", methods=["POST"])
@requires(*may("close", "end_repealed"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ClosingIn)
@blueprint.response(200, answers.CaseOut)
def close(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Close the case when nothing is left to perform, or end one whose basis was repealed before a decision."""
    return take(case_id, acts.Close(**given))
