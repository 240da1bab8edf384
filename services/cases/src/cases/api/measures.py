"""Preservation, seizure, and the hands through which evidence goes."""

from typing import Any

from cases.api import answers, schemas_measures
from cases.api.acts import take
from cases.api.roles import may
from cases.domain import acts
from cases.domain.errors import CasesError
from cases.domain.values import Disposal, InventoryItem, MeasureKind
from cases.handlers.acting import authorised
from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.http import Blueprint, idempotent, refuses, requires, unit_of_work
from gongzheng.ids import new_id

blueprint = Blueprint("measures", __name__, description="Preservation of evidence, seizure, custody")


@blueprint.route("/cases/<ulid:case_id>/measures", methods=["POST"])
@requires(*may("approve_measure"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_measures.MeasureApprovalIn)
@blueprint.response(200, answers.CaseOut)
def approve(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Approve a preservation (APL 56) or a seizure (AEL 22), by the head, before it is carried out."""
    fields = {**given, "kind": MeasureKind(given["kind"]), "basis": tuple(given["basis"])}
    return take(case_id, acts.ApproveMeasure(measure_id=new_id(), **fields))


@blueprint.route("/cases/<ulid:case_id>/measures/<ulid:measure_id>/execution", methods=["POST"])
@requires(*may("preserve", "seize"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_measures.MeasureIn)
@blueprint.response(200, answers.CaseOut)
def carry_out(given: dict[str, Any], case_id: str, measure_id: str) -> dict[str, Any]:
    """Carry it out with two officers and an inventory; from that day its time runs (APL 56, AEL 24, 25)."""
    with unit_of_work() as uow:
        kind = authorised(uow, case_id).measure(measure_id).kind
    fields = {
        **given,
        "officer_ids": tuple(given["officer_ids"]),
        "items": tuple(InventoryItem(**item) for item in given["items"]),
    }
    return take(case_id, acts.CarryOutMeasure(measure_id=measure_id, kind=kind, **fields))


@blueprint.route("/cases/<ulid:case_id>/measures/<ulid:measure_id>/disposal", methods=["POST"])
@requires(*may("dispose_measure"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_measures.DisposalIn)
@blueprint.response(200, answers.CaseOut)
def dispose(given: dict[str, Any], case_id: str, measure_id: str) -> dict[str, Any]:
    """Decide what becomes of it; after its last day it can only be released (SAMR-PROC 35, AEL 27, 28)."""
    fields = {**given, "disposal": Disposal(given["disposal"])}
    return take(case_id, acts.DisposeMeasure(measure_id=measure_id, **fields))


@blueprint.route("/cases/<ulid:case_id>/evidence/<ulid:evidence_id>/custody", methods=["POST"])
@requires(*may("hand_over_evidence"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_measures.CustodyIn)
@blueprint.response(200, answers.CaseOut)
def hand_over(given: dict[str, Any], case_id: str, evidence_id: str) -> dict[str, Any]:
    """Record that a piece of evidence passed on; whoever hands it on must be who has it (APL 47)."""
    return take(case_id, acts.HandOverEvidence(evidence_id=evidence_id, **given))
