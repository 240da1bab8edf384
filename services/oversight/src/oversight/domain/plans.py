"""Assessment plans and special campaigns, as far as they are entered: none of them may ask for fines."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from oversight.domain.amount_targets import Measure, refuse_amount_targets
from oversight.domain.errors import DateNotPossible


class PlanKind(StrEnum):
    """Which kind of plan."""

    ASSESSMENT = "assessment"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the author enters. ``starts_on`` and ``ends_on`` are both in the plan's term."""

    title_zh: str
    title_en: str
    text: str
    starts_on: date
    ends_on: date
    metrics: tuple[Measure, ...] = ()


@dataclass(kw_only=True)
class Plan:
    """One plan on record. ``state`` is "draft" until it is put into force."""

    id: str
    kind: PlanKind
    draft: Draft
    author: str
    entered_on: date
    state: str = "draft"
    version: int = 1
    events: list[object] = field(default_factory=list)

    @classmethod
    def enter(cls, plan_id: str, kind: PlanKind, draft: Draft, *, author: str, on: date) -> "Plan":
        """Enter a plan.

        Raises:
            AmountTargetRefused: it asks for an amount or number of fines (APL 74).
            DateNotPossible: it ends before it starts.
        """
        texts = {"title_zh": draft.title_zh, "title_en": draft.title_en, "text": draft.text}
        refuse_amount_targets(texts, draft.metrics)
        if draft.ends_on < draft.starts_on:
            raise DateNotPossible("ends_on lies before starts_on.", errors={"ends_on": ["before-start"]})
        return cls(id=plan_id, kind=kind, draft=draft, author=author, entered_on=on)
