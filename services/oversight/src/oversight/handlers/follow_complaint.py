"""Tell whoever holds a tracking code how far their report has come."""

from dataclasses import dataclass
from datetime import date

from oversight.domain.complaint import Complaint, Step
from oversight.domain.errors import TrackingCodeUnknown
from oversight.domain.tracking import CODE_DIGITS, clean_code
from oversight.handlers.ports import Work

_NOBODY = "0" * 26


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the reporter may see. ``answer_by`` is the last day of the limit that runs now, if one runs."""

    state: str
    received_on: date
    steps: tuple[Step, ...]
    answer_by: date | None


def follow_complaint(uow: Work, typed: str) -> Progress:
    """How far the report of this code has come.

    Every call costs the same queries and the same slow hashes, whether the code is right, wrong or no code at all.

    Raises:
        TrackingCodeUnknown: no report belongs to the code.
    """
    code = clean_code(typed)
    looked_up = code or "0" * CODE_DIGITS
    with uow:
        candidates = uow.trackings.candidates(uow.codes.prefix(looked_up))
    index = uow.codes.which(looked_up, [hashed for _, hashed in candidates])
    with uow:
        complaint = uow.complaints.find(_NOBODY if index is None else candidates[index][0])
    if complaint is None or code is None:
        raise TrackingCodeUnknown
    return _progress(complaint)


def _progress(complaint: Complaint) -> Progress:
    running = [clock.due.due_on for clock in complaint.clocks if clock.met_on is None]
    return Progress(
        state=complaint.state,
        received_on=complaint.received_on,
        steps=tuple(complaint.steps),
        answer_by=min(running, default=None),
    )
