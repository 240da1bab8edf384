"""What oversight says happened. None of it carries a reporter, a reporter's words or a tracking code."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class ComplaintReceived:
    """A complaint came in; an alert without content."""

    complaint_id: str
    kind: str
    received_at: datetime
    anonymous: bool


@dataclass(frozen=True, kw_only=True)
class ComplaintAccepted:
    """A report of a violation is released to the competent department, as a screened summary."""

    complaint_id: str
    kind: str
    organisation_id: str
    matter_id: str | None
    summary: str
    accepted_on: date


@dataclass(frozen=True, kw_only=True)
class ComplaintRetained:
    """A complaint about an official is taken up and stays inside oversight; no department gets anything of it."""

    complaint_id: str
    kind: str
    organisation_id: str
    accepted_on: date


@dataclass(frozen=True, kw_only=True)
class ComplaintRejected:
    """A complaint is not taken up."""

    complaint_id: str
    reason: str
    rejected_on: date


@dataclass(frozen=True, kw_only=True)
class ComplaintExtended:
    """The time to resolve a complaint was lengthened."""

    complaint_id: str
    extended_on: date
    due_on: date
    law: str


@dataclass(frozen=True, kw_only=True)
class ComplaintRescheduled:
    """A limit's last day moved because the calendar of its year was published."""

    complaint_id: str
    kind: str
    law: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class ComplaintResolved:
    """A complaint has come to its end."""

    complaint_id: str
    outcome: str
    case_id: str | None
    resolved_on: date


@dataclass(frozen=True, kw_only=True)
class FilingRecorded:
    """A major decision is on file with oversight."""

    filing_id: str
    case_id: str
    decision_id: str
    organisation_id: str
    threshold_law: str
    recorded_on: date


@dataclass(frozen=True, kw_only=True)
class InactionOpened:
    """A duty was not done in time; ``case_id`` or ``complaint_id`` says where."""

    inaction_id: str
    case_id: str | None
    complaint_id: str | None
    clock_id: str
    kind: str
    omission: str
    organisation_id: str
    due_on: date
    law: str


@dataclass(frozen=True, kw_only=True)
class ConductOpened:
    """Something was done that the conduct rules forbid, such as a charge without a basis."""

    conduct_id: str
    kind: str
    charge_id: str | None
    obligation_id: str | None
    case_id: str | None
    organisation_id: str | None
    law: tuple[str, ...]
    occurred_on: date
