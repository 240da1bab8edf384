"""The clocks of ``rules/clocks.toml``: which start and end with which act, and when their last day is (APL 85)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from cases.domain.records import ClockRecord
from cases.domain.review import review_is_outstanding
from cases.domain.rules import rule_file
from cases.domain.values import Outcome
from gongzheng.ids import new_id
from gongzheng.legaltime import WorkCalendar, deadline

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.table import Table


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """One time limit. ``starts`` and ``ends`` are acts, families resolved; ``when`` is a condition on the case."""

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
    "may_be_sued_at_once": may_be_sued_at_once,
    "legal_review_is_outstanding": legal_review_is_outstanding,
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


def _rule(entry: dict[str, object], acts: "Table") -> ClockRule:
    def members(key: str) -> tuple[str, ...]:
        names = entry[key]
        return acts.members(tuple(names)) if isinstance(names, list) else ()

    when = entry.get("when")
    return ClockRule(
        kind=str(entry["kind"]),
        nature=str(entry["nature"]),
        starts=members("starts"),
        ends=members("ends"),
        length=int(str(entry["length"])),
        unit=str(entry["unit"]),
        law=str(entry["law"]),
        zh=str(entry["zh"]),
        en=str(entry["en"]),
        when=None if when is None else str(when),
    )


def last_day(rule: ClockRule, started_on: date, calendar: WorkCalendar) -> ClockRecord:
    """A running of a clock that starts on a day; the start day is not counted."""
    computed = deadline(started_on, rule.length, rule.unit, calendar=calendar, law=rule.law)  # type: ignore[arg-type] # the rule test checks the unit
    return ClockRecord(
        clock_id=new_id(),
        kind=rule.kind,
        nature=rule.nature,
        law=rule.law,
        unit=rule.unit,
        length=rule.length,
        started_on=started_on,
        due_on=computed.due,
        provisional=computed.provisional,
        why_zh=computed.why_zh,
        why_en=computed.why_en,
    )


def after_act(case: "Case", act: str, day: date, calendar: WorkCalendar) -> list[ClockRecord]:
    """The case's clocks after an act: those that it ends are ended, those that it starts are added."""
    rules = clock_rules()
    clocks = [
        replace(clock, ended_on=day)
        if clock.ended_on is None and clock.kind in rules and act in rules[clock.kind].ends
        else clock
        for clock in case.clocks
    ]
    for rule in rules.values():
        if act in rule.starts and (rule.when is None or CONDITIONS[rule.when](case)):
            # A second start (a new notice) lets the first running end, so that one period is not counted twice.
            clocks = [replace(c, ended_on=day) if c.kind == rule.kind and c.ended_on is None else c for c in clocks]
            clocks.append(last_day(rule, day, calendar))
    return clocks
