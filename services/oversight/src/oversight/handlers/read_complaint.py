"""Read complaints inside oversight; the unit complained about learns nothing, not even that one exists."""

from typing import Any

from oversight.domain.complaint import Complaint
from oversight.domain.errors import NotFound
from oversight.domain.screening import Reporter, screen
from oversight.handlers.ports import CONTENT, IDENTITY, Work


def visible_complaint(uow: Work, complaint_id: str, expected_version: int | None = None) -> Complaint:
    """The complaint, if the caller may know of it.

    Raises:
        NotFound: there is none, or it is about the caller's own organisation (XINFANG 30(3)).
        PreconditionFailed: its version is another than the caller saw.
    """
    complaint = uow.complaints.find(complaint_id)
    if complaint is None or complaint.hidden_from(uow.actor.organisation_id):
        raise NotFound
    return uow.complaints.get(complaint_id, expected_version)


def read_content(uow: Work, complaint_id: str) -> dict[str, Any]:
    """The report in the reporter's own words; the look is on record. Who reported is not in it.

    Raises:
        NotFound: as for the complaint, or because the content was destroyed.
    """
    with uow:
        complaint = visible_complaint(uow, complaint_id)
        sealed = uow.sealed.get(complaint.id, CONTENT)
        if sealed is None:
            raise NotFound
        return uow.vault.open(complaint.id, CONTENT, sealed)


def screen_against_report(uow: Work, complaint: Complaint, *texts: str) -> None:
    """Let texts pass that give away neither the reporter nor the report's own words.

    Raises:
        SummaryRevealsReporter, SummaryRepeatsReport: SUPERVISION 10, XINFANG 30(3).
    """
    content, identity = (uow.sealed.get(complaint.id, part) for part in (CONTENT, IDENTITY))
    words = uow.vault.open(complaint.id, CONTENT, content) if content else {}
    reporter = Reporter(**uow.vault.open(complaint.id, IDENTITY, identity)) if identity else Reporter()
    report = "\n".join(str(words.get(name) or "") for name in ("text", "about", "place"))
    for text in texts:
        screen(text, report=report, reporter=reporter)
