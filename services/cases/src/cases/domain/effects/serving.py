"""What was tried, what was announced."""

from typing import TYPE_CHECKING

from cases.domain import acts
from cases.domain.effects.time import stop_for
from cases.domain.facts import Facts
from cases.domain.records import ServiceAnnouncement, ServiceAttempt
from cases.domain.service import issued

if TYPE_CHECKING:
    from cases.domain.case import Case

ANNOUNCEMENT = "announcement"
"""The cause for which time is not counted while a document hangs out (SAMR-PROC 64(2))."""


def attempt(case: "Case", act: acts.AttemptService, _facts: Facts) -> None:
    """The attempt joins the file: it is what a later announcement rests on."""
    found = issued(case, act.document)
    case.file.attempts.append(
        ServiceAttempt(
            document=act.document,
            document_number=found[0] if found is not None else "",
            done_on=act.done_on,
            method=act.method,
            outcome=act.outcome,
            place=act.place,
            note=act.note,
            officer_ids=act.officer_ids,
        )
    )


def announce(case: "Case", act: acts.AnnounceService, facts: Facts) -> None:
    """The announcement joins the file; its time is not counted."""
    found = issued(case, act.document)
    case.file.announcements.append(
        ServiceAnnouncement(
            document=act.document,
            document_number=found[0] if found is not None else "",
            done_on=act.done_on,
            places=act.places,
            course=act.course,
            whereabouts_unknown=act.whereabouts_unknown,
        )
    )
    stop_for(case, ANNOUNCEMENT, facts)
