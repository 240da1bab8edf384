"""Reporting, filing, officers and recusal."""

from dataclasses import dataclass
from datetime import date

from cases.domain.acts.base import Act
from cases.domain.values import Party, Source


@dataclass(frozen=True, kw_only=True)
class ReportLead(Act):
    """Register a lead as a case."""

    name = "report"
    case_id: str
    organisation_id: str
    source: Source
    summary: str
    matter_id: str | None = None
    conduct_on: date | None = None
    region_code: str = ""
    complaint_id: str | None = None
    party: Party | None = None


@dataclass(frozen=True, kw_only=True)
class FileCase(Act):
    """Decide to file. Party, matter and day of the conduct are settled here at the latest."""

    name = "file"
    matter_id: str
    conduct_on: date
    party: Party | None = None
    checked_facts: str = ""
    harm: bool = False
    conduct_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class NotFile(Act):
    """Decide not to file."""

    name = "not_file"
    reason: str


@dataclass(frozen=True, kw_only=True)
class AssignOfficers(Act):
    """Put officers on the case."""

    name = "assign_officers"


@dataclass(frozen=True, kw_only=True)
class ApplyForRecusal(Act):
    """Apply that an officer, reviewer or head keep out of the case."""

    name = "apply_for_recusal"
    recusal_id: str
    officer_id: str
    ground: str
    own_motion: bool = False


@dataclass(frozen=True, kw_only=True)
class DecideRecusal(Act):
    """Decide on an application for recusal."""

    name = "decide_recusal"
    recusal_id: str
    granted: bool
