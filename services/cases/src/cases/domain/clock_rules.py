"""``rules/clocks.toml`` as values: the time limits, how each may be extended, and which time is not counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cases.domain.review import review_is_outstanding
from cases.domain.rules import rule_file
from cases.domain.values import Outcome

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.table import Table


@dataclass(frozen=True, kw_only=True)
class ExtensionRule:
    """One extension of a clock; without ``length`` the law leaves it to whoever grants it."""

    unit: str
    law: str
    length: int | None = None
    collective: bool = False


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """One time limit. ``starts`` and ``ends`` are acts, families resolved; ``when`` is a condition on the case.

    ``per`` names the field of the act that says which of several things the clock is about. ``extensions`` are open
    one after the other.
    """

    kind: str
    nature: str
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    length: int
    unit: str
    law: str
    zh: str
    en: str
    when: str | None = None
    per: str | None = None
    extensions: tuple[ExtensionRule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PauseRule:
    """A cause for which time is not counted; ``law`` gives the article for each clock that stands."""

    cause: str
    law: Mapping[str, str]
    zh: str
    en: str


def decision_is_served_on_the_party(case: "Case") -> bool:
    """A transfer to the judiciary is no decision against the party and needs no service."""
    return case.file.decision is not None and case.file.decision.outcome is not Outcome.TRANSFERRED


def money_is_owed(case: "Case") -> bool:
    """The decision takes money."""
    return case.file.decision is not None and case.file.decision.sanction.money_fen > 0


def may_be_sued_at_once(case: "Case") -> bool:
    """The party may go to court without reconsideration before (ARL 23 names when not)."""
    return case.file.decision is not None and not case.file.decision.remedies.reconsideration_first


def decision_has_social_impact(case: "Case") -> bool:
    """The decision says that it has a certain social impact (APL 48)."""
    return case.file.decision is not None and case.file.decision.social_impact


def legal_review_is_outstanding(case: "Case") -> bool:
    """The case must pass legal review and has not yet (APL 58)."""
    return review_is_outstanding(case)


CONDITIONS: Mapping[str, Callable[["Case"], bool]] = {
    "decision_is_served_on_the_party": decision_is_served_on_the_party,
    "legal_review_is_outstanding": legal_review_is_outstanding,
    "may_be_sued_at_once": may_be_sued_at_once,
    "money_is_owed": money_is_owed,
    "decision_has_social_impact": decision_has_social_impact,
}


@cache
def clock_rules() -> Mapping[str, ClockRule]:
    """The clocks of this release by kind.

    Raises:
        ValueError: when a clock names an act or condition that does not exist.
    """
    from cases.domain.table import table  # noqa: PLC0415 the table's guards read clocks

    rules = {entry["kind"]: _rule(entry, table()) for entry in rule_file("clocks")["clock"]}
    for rule in rules.values():
        unknown = {*rule.starts, *rule.ends} - table().rows.keys()
        if unknown or (rule.when is not None and rule.when not in CONDITIONS):
            raise ValueError(
                f"rules/clocks.toml: {rule.kind} names {sorted(unknown) or rule.when}, which does not exist"
            )
    return rules


@cache
def pause_rules() -> Mapping[str, PauseRule]:
    """The causes for which time is not counted.

    Raises:
        ValueError: when one names a clock that does not exist.
    """
    rules = {entry["cause"]: PauseRule(**entry) for entry in rule_file("clocks")["pause"]}
    unknown = {kind for rule in rules.values() for kind in rule.law} - clock_rules().keys()
    if unknown:
        raise ValueError(f"rules/clocks.toml: a pause names clocks that do not exist: {sorted(unknown)}")
    return rules


def causes() -> tuple[str, ...]:
    """The names of the causes, for schemas."""
    return tuple(entry["cause"] for entry in rule_file("clocks")["pause"])


def _rule(entry: Mapping[str, Any], acts: "Table") -> ClockRule:
    return ClockRule(
        **{name: value for name, value in entry.items() if name not in {"starts", "ends", "extension"}},
        starts=acts.members(tuple(entry["starts"])),
        ends=acts.members(tuple(entry["ends"])),
        extensions=tuple(ExtensionRule(**extension) for extension in entry.get("extension", ())),
    )
