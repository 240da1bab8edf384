"""Publication, closing and archiving."""

from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.facts import Facts
from cases.domain.records import Closing, Publication
from cases.domain.values import Outcome

if TYPE_CHECKING:
    from cases.domain.case import Case

_REASONS = {
    Outcome.PENALTY: "performed",
    Outcome.NO_PENALTY: "no_penalty",
    Outcome.DISMISSED: "dismissed",
    Outcome.TRANSFERRED: "transferred",
}


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
    """The case ends; the reason follows from how it was decided."""
    decision = case.file.decision
    reason = "basis_repealed" if act.basis_repealed or decision is None else _REASONS[decision.outcome]
    case.file.closing = Closing(done_on=act.done_on, reason=reason, note=act.note)
    case.events.append(events.CaseClosed(case_id=case.id, closed_on=act.done_on, reason=reason))


def archive(case: "Case", act: acts.Archive, _facts: Facts) -> None:
    """The dossier is sealed under its digest."""
    case.file.dossier_sha256 = act.dossier_sha256
    case.events.append(events.CaseArchived(case_id=case.id, dossier_sha256=act.dossier_sha256, archived_on=act.done_on))
