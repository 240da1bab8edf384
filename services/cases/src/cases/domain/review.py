"""When a case must pass legal review and when the heads decide together: ``rules/review.toml`` (APL 57, 58)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cases.domain.records import Discussion, Review
from cases.domain.rules import rule_file
from cases.domain.values import EvidenceKind, HeardKind

if TYPE_CHECKING:
    from cases.domain.case import Case

DECLARED = "declared"
PARTY = "party"
"""The ``relation`` of an interview with the party itself."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Why a case is reviewed; ``collective`` are the articles by which it is also decided together."""

    name: str
    found: str
    law: str
    zh: str
    en: str
    collective: tuple[str, ...] = ()


def hearing_was_held(case: "Case") -> bool:
    """The case has gone through a hearing (APL 58(1)(2))."""
    return bool(case.file.hearings)


def party_never_spoke(case: "Case") -> bool:
    """The right to be heard ran out in silence, and the file holds no word of the party at all (APL 46)."""
    answers = case.heard_on_current_notice()
    return bool(answers) and all(h.kind is HeardKind.SILENCE for h in answers) and not _spoke_before(case)


def review_was_returned(case: "Case") -> bool:
    """A reviewer has returned the case before (APL 58(1))."""
    return any(not review.passed for review in case.file.reviews)


FINDERS: Mapping[str, Callable[["Case"], bool]] = {
    "hearing_was_held": hearing_was_held,
    "party_never_spoke": party_never_spoke,
    "review_was_returned": review_was_returned,
}


@cache
def grounds() -> tuple[Ground, ...]:
    """All grounds of this release.

    Raises:
        ValueError: when one is found by a function that does not exist.
    """
    read = tuple(
        Ground(**{**entry, "collective": tuple(entry.get("collective", ()))}) for entry in rule_file("review")["ground"]
    )
    unknown = {ground.found for ground in read} - FINDERS.keys() - {DECLARED}
    if unknown:
        raise ValueError(f"rules/review.toml names functions that do not exist: {sorted(unknown)}")
    return read


def declarable() -> tuple[str, ...]:
    """The grounds that an investigation report names."""
    return tuple(ground.name for ground in grounds() if ground.found == DECLARED)


def points() -> tuple[str, ...]:
    """The points that a review looks at (SAMR-PROC 53)."""
    return tuple(entry["name"] for entry in rule_file("review")["point"])


def grounds_of(case: "Case") -> list[Ground]:
    """Why this case must be reviewed; nothing when it need not be."""
    declared = case.file.reports[-1].review_grounds if case.file.reports else ()
    return [g for g in grounds() if (g.name in declared if g.found == DECLARED else FINDERS[g.found](case))]


def current_review(case: "Case") -> Review | None:
    """The last review of the report that stands now, and after the hearing where one was held."""
    hearing = case.file.hearings[-1] if case.file.hearings else None
    reviews = [
        review
        for review in case.file.reviews
        if review.of_report == len(case.file.reports) and (hearing is None or review.done_on >= hearing.done_on)
    ]
    return reviews[-1] if reviews else None


def review_is_outstanding(case: "Case") -> bool:
    """The case must be reviewed, and no review of it has passed yet (APL 58)."""
    review = current_review(case)
    return bool(grounds_of(case)) and (review is None or not review.passed)


def current_discussion(case: "Case") -> Discussion | None:
    """The heads' last discussion of the report that stands now, after everything that the party has said."""
    heard = [h.done_on for h in case.heard_on_current_notice()] + [h.done_on for h in case.file.hearings]
    found = [
        discussion
        for discussion in case.file.discussions
        if discussion.of_report == len(case.file.reports) and all(discussion.done_on >= day for day in heard)
    ]
    return found[-1] if found else None


def _spoke_before(case: "Case") -> bool:
    return any(interview.relation == PARTY for interview in case.file.interviews) or any(
        piece.counts and piece.kind is EvidenceKind.PARTY_STATEMENT for piece in case.evidence
    )
