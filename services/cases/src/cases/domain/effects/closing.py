"""Publication, closing and archiving."""

from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.facts import Facts
from cases.domain.records import Closing, Publication

if TYPE_CHECKING:
    from cases.domain.case import Case


def publish(case: "Case", act: acts.Publish, _facts: Facts) -> None:
    """Where the decision was made public."""
    case.file.publications.append(Publication(done_on=act.done_on, place=act.place))
    if case.file.decision is not None:
        case.events.append(
            events.DecisionPublished(
                case_id=case.id,
                decision_id=case.file.decision.decision_id,
                published_on=act.done_on,
                place=act.place,
            )
        )


def close(case: "Case", act: acts.Close, _facts: Facts) -> None:
    """The case ends, with its reason."""
    case.file.closing = Closing(done_on=act.done_on, reason=act.reason, note=act.note)
    case.events.append(events.CaseClosed(case_id=case.id, closed_on=act.done_on, reason=act.reason))


def archive(case: "Case", act: acts.Archive, _facts: Facts) -> None:
    """The dossier is sealed under its digest."""
    case.file.dossier_sha256 = act.dossier_sha256
    case.events.append(events.CaseArchived(case_id=case.id, dossier_sha256=act.dossier_sha256, archived_on=act.done_on))
