"""Time limits on complaints: when they start, when they are met, when they are broken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from oversight.domain.rulebook import ClockRule


class ClockState(StrEnum):
    """Where a time limit stands."""

    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True, kw_only=True)
class Due:
    """The last day of a time limit, and why it is that day; provisional when the calendar of its year is not known."""

    due_on: date
    provisional: bool
    why_zh: str
    why_en: str


# start, length, unit ("day" or "working_day"), citation, calendar days granted on top → the last day
ComputeDue = Callable[[date, int, str, str, int], Due]


@dataclass(kw_only=True)
class ComplaintClock:
    """One time limit on one complaint. A limit met late stays breached: that it was met at all is in ``met_on``."""

    id: str
    kind: str
    length: int
    unit: str
    law: str
    started_on: date
    due: Due
    extension_days: int = 0
    state: ClockState = ClockState.RUNNING
    met_on: date | None = None

    @classmethod
    def start(cls, clock_id: str, rule: ClockRule, on: date, compute: ComputeDue) -> "ComplaintClock":
        """Start a limit by its rule on the day of the act that starts it."""
        due = compute(on, rule.length, rule.unit, rule.law, 0)
        return cls(
            id=clock_id, kind=rule.kind, length=rule.length, unit=rule.unit, law=rule.law, started_on=on, due=due
        )

    def meet(self, on: date) -> None:
        """The duty was done on this day."""
        if self.met_on is None:
            self.met_on = on
            if self.state is ClockState.RUNNING:
                self.state = ClockState.MET if on <= self.due.due_on else ClockState.BREACHED

    def overdue(self, today: date) -> bool:
        """Whether the last day has passed and the duty is not done."""
        return self.met_on is None and self.state is ClockState.RUNNING and today > self.due.due_on

    def lengthen(self, days: int, compute: ComputeDue) -> None:
        """Grant calendar days that run on from the end of the limit."""
        self.extension_days = days
        self.due = compute(self.started_on, self.length, self.unit, self.law, days)
