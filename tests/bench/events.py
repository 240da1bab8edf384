"""The event that the pipeline benchmarks send: a case was reported."""

from dataclasses import dataclass

TYPE = "cn.gongzheng.cases.case.reported.v1"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """The fields of ``case.reported``."""

    case_id: str
    organisation_id: str
    source: str
    complaint_id: str | None
    matter_id: str | None
    received_on: str


def reported(case_id: str) -> Reported:
    """One event about a case."""
    return Reported(
        case_id=case_id,
        organisation_id="91330201MA2AFX1234",
        source="inspection",
        complaint_id=None,
        matter_id="food-safety-unlicensed-production",
        received_on="2026-11-20",
    )
