"""The prior notice, the party's answer, the hearing."""

from dataclasses import dataclass
from datetime import date

from cases.domain.acts.base import Act
from cases.domain.sanction import Sanction
from cases.domain.values import HeardKind


@dataclass(frozen=True, kw_only=True)
class IssuePriorNotice(Act):
    """Draw up the prior notice."""

    name = "issue_prior_notice"
    notice_id: str
    facts: str
    reasons: str
    sanction: Sanction


@dataclass(frozen=True, kw_only=True)
class HearParty(Act):
    """Record the party's statement, waiver or silence."""

    kind: HeardKind
    content: str = ""
    hearing_requested: bool = False
    hearing_waived: bool = False

    @property
    def row(self) -> str:
        """The three ways are three rows."""
        return {"statement": "hear_statement", "waiver": "record_waiver", "silence": "record_silence"}[self.kind.value]


@dataclass(frozen=True, kw_only=True)
class HoldHearing(Act):
    """Record a hearing."""

    name = "hold_hearing"
    announced_on: date
    record: str
    place: str = ""
