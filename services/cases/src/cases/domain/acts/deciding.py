"""The decision, its service, and what fees reports back."""

from dataclasses import dataclass

from cases.domain.acts.base import Act
from cases.domain.sanction import NONE, Sanction
from cases.domain.values import Leniency, Outcome


@dataclass(frozen=True, kw_only=True)
class Discuss(Act):
    """Record how the heads discussed the case: ``officer_ids`` were present, ``attending`` reported to them."""

    name = "discuss"
    discussion_id: str
    record: str
    outcome: Outcome
    sanction: Sanction = NONE
    attending: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decide(Act):
    """Decide the case."""

    decision_id: str
    outcome: Outcome
    facts: str
    reasons: str
    reconsideration_body: str
    court: str
    sanction: Sanction = NONE
    defence_opinion: str = ""
    surcharge_applies: bool = True
    social_impact: bool = False
    collector: str = ""
    without_statement: str = ""
    distinct_act: str = ""
    leniency: Leniency | None = None

    @property
    def row(self) -> str:
        """Each outcome is a row of its own."""
        return f"decide_{self.outcome.value}"


@dataclass(frozen=True, kw_only=True)
class Demand(Act):
    """Fees has opened the obligation."""

    name = "demand"
    obligation_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Settle(Act):
    """Fees has received everything that was owed."""

    name = "settle"
    obligation_id: str = ""
