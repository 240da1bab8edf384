"""Take in a complaint or report from anybody."""

from dataclasses import asdict, dataclass, field
from datetime import date

from gongzheng.ids import new_id
from oversight.domain.complaint import Complaint, Kind
from oversight.domain.errors import DateNotPossible
from oversight.domain.screening import Reporter
from oversight.domain.tracking import draw_code
from oversight.handlers.ports import CONTENT, IDENTITY, Work


@dataclass(frozen=True, kw_only=True)
class Report:
    """What somebody reports: in their words, sealed at once. ``about`` and ``place`` are free text too."""

    kind: Kind
    text: str
    about: str = ""
    place: str = ""
    occurred_on: date | None = None
    language: str = "zh"
    accused_organisation_id: str | None = None
    reporter: Reporter = field(default_factory=Reporter)


@dataclass(frozen=True, kw_only=True)
class Received:
    """What the reporter gets: the only time the code is seen."""

    complaint_id: str
    tracking_code: str
    received_on: date


def receive_complaint(uow: Work, report: Report) -> Received:
    """Register the complaint, seal its words and its reporter, and draw the code by which only they can follow it.

    Raises:
        DateNotPossible: it is said to have happened in the future.
    """
    if report.occurred_on is not None and report.occurred_on > uow.today:
        raise DateNotPossible("occurred_on lies in the future.", errors={"occurred_on": ["future"]})
    code = draw_code()
    prefix, hashed = uow.codes.prefix(code), uow.codes.hash(code)
    with uow:
        complaint = Complaint.receive(
            complaint_id=new_id(),
            kind=report.kind,
            anonymous=report.reporter.anonymous,
            received_at=uow.now,
            received_on=uow.today,
            language=report.language,
            accused_organisation_id=report.accused_organisation_id,
            new_id=new_id,
            compute=uow.compute_due,
        )
        uow.complaints.add(complaint)
        uow.trackings.add(complaint.id, prefix, hashed)
        uow.sealed.add(complaint.id, CONTENT, uow.vault.seal(complaint.id, CONTENT, _content(report)))
        if not report.reporter.anonymous:
            uow.sealed.add(complaint.id, IDENTITY, uow.vault.seal(complaint.id, IDENTITY, asdict(report.reporter)))
        uow.audit("complaint.receive", f"complaint/{complaint.id}")
    return Received(complaint_id=complaint.id, tracking_code=code, received_on=complaint.received_on)


def _content(report: Report) -> dict[str, str | None]:
    return {
        "text": report.text,
        "about": report.about,
        "place": report.place,
        "occurred_on": report.occurred_on.isoformat() if report.occurred_on else None,
    }
