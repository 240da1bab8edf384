"""Preservation, seizure and custody on the file."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cases.domain import acts
from cases.domain.facts import Facts
from cases.domain.records import Custody, Measure

if TYPE_CHECKING:
    from cases.domain.case import Case


def approve(case: "Case", act: acts.ApproveMeasure, facts: Facts) -> None:
    """The approval joins the file and waits to be carried out."""
    case.file.measures.append(
        Measure(
            measure_id=act.measure_id,
            kind=act.kind,
            approved_on=act.done_on,
            approved_by=facts.actor.subject,
            reason=act.reason,
            basis=act.basis,
        )
    )


def carry_out(case: "Case", act: acts.CarryOutMeasure, _facts: Facts) -> None:
    """The inventory joins the measure, and its time begins."""
    _change(
        case,
        act.measure_id,
        carried_out_on=act.done_on,
        officer_ids=act.officer_ids,
        place=act.place,
        items=act.items,
        party_present=act.party_present,
        party_signed=act.party_signed,
        note=act.note,
    )


def dispose(case: "Case", act: acts.DisposeMeasure, facts: Facts) -> None:
    """The measure ends."""
    _change(
        case,
        act.measure_id,
        disposed_on=act.done_on,
        disposed_by=facts.actor.subject,
        disposal=act.disposal,
        disposal_reason=act.reason,
    )


def hand_over(case: "Case", act: acts.HandOverEvidence, _facts: Facts) -> None:
    """Another hand in the log."""
    case.file.custody.append(
        Custody(
            evidence_id=act.evidence_id,
            done_on=act.done_on,
            handed_by=act.handed_by,
            received_by=act.received_by,
            place=act.place,
            purpose=act.purpose,
        )
    )


def _change(case: "Case", measure_id: str, **fields: object) -> None:
    measure = case.measure(measure_id)
    case.file.measures[case.file.measures.index(measure)] = replace(measure, **fields)  # type: ignore[arg-type] # the callers name fields of their kind
