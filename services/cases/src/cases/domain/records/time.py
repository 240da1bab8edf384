"""The timeline and the clocks."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the timeline: which act, on which day, recorded when and by whom. Appended, never changed."""

    act: str
    done_on: date
    recorded_at: datetime
    actor_subject: str
    actor_name: str
    state: str
    officer_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClockRecord:
    """One running of a time limit on the case; ``why`` explains the last day in both languages."""

    clock_id: str
    kind: str
    nature: str
    law: str
    unit: str
    length: int
    started_on: date
    due_on: date
    provisional: bool
    why_zh: str
    why_en: str
    ended_on: date | None = None
    warned_on: date | None = None
    breached_on: date | None = None

    def state(self, today: date) -> str:
        """``running``, ``warned``, ``breached``, ``run_out`` (a right or a payment), or ``ended`` (in time or late)."""
        if self.ended_on is not None:
            return "ended" if self.ended_on <= self.due_on or self.nature != "duty" else "ended_late"
        if today > self.due_on:
            return "breached" if self.nature == "duty" else "run_out"
        return "warned" if self.warned_on is not None else "running"
