"""Oversight's unit of work: the repositories of one transaction, and the tools that the settings provide."""

from dataclasses import dataclass
from datetime import date

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor, UnitOfWork
from gongzheng.legaltime import Extension, WorkCalendar, deadline
from gongzheng.messaging.envelope import Envelope
from oversight.adapters import tables
from oversight.adapters.codes import CodeBook
from oversight.adapters.complaints import Complaints, SealedParts, Trackings
from oversight.adapters.records import (
    CasesKnown,
    InactionItems,
    Records,
    conduct_from,
    conduct_row,
    filing_from,
    filing_row,
    plan_from,
    plan_row,
)
from oversight.adapters.vault import Vault
from oversight.domain.clocks import Due
from oversight.domain.filing import Filing, Thresholds
from oversight.domain.items import ConductItem
from oversight.domain.plans import Plan


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What the settings provide and no request changes."""

    vault: Vault
    codes: CodeBook
    thresholds: Thresholds
    calendar: WorkCalendar
    organisation_id: str


class OversightUnitOfWork(UnitOfWork):
    """One transaction of oversight."""

    def __init__(
        self, mechanism: Mechanism, tools: Tools, *, actor: Actor = SYSTEM, cause: Envelope | None = None
    ) -> None:
        super().__init__(mechanism, actor=actor, cause=cause)
        self.vault, self.codes, self.thresholds = tools.vault, tools.codes, tools.thresholds
        self.organisation_id = tools.organisation_id
        self._calendar = tools.calendar
        self.complaints = Complaints(self.emit)
        self.sealed = SealedParts()
        self.trackings = Trackings()
        self.cases = CasesKnown()
        self.filings = Records[Filing](self.emit, tables.Filing, filing_row, filing_from)
        self.inaction = InactionItems(self.emit)
        self.conduct = Records[ConductItem](self.emit, tables.ConductItem, conduct_row, conduct_from)
        self.plans = Records[Plan](self.emit, tables.Plan, plan_row, plan_from)

    def compute_due(self, start: date, length: int, unit: str, law: str, extension_days: int) -> Due:
        """The last day of a limit by the work calendar, and why."""
        granted = [Extension(length=extension_days, unit="day", law=law)] if extension_days else []
        found = deadline(
            start,
            length,
            "working_day" if unit == "working_day" else "day",
            calendar=self._calendar,
            extensions=granted,
            law=law,
        )
        return Due(due_on=found.due, provisional=found.provisional, why_zh=found.why_zh, why_en=found.why_en)
