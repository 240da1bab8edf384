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
class ClockExtension:
    """More time for a clock: how much, by which article, granted when, by whom and why; ``record`` when together."""

    length: int
    unit: str
    law: str
    granted_on: date
    granted_by: str
    reason: str
    officer_ids: tuple[str, ...] = ()
    record: str = ""


@dataclass(frozen=True, kw_only=True)
class ClockPause:
    """Days that are not counted, both ends included; without ``last`` the clock still stands."""

    cause: str
    first: date
    last: date | None
    law: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True)
class ClockRecord:
    """One running of a time limit on the case; ``why`` explains the last day in both languages.

    ``calendar`` is the fingerprint of the working-day calendar it was counted with. ``about`` names the thing whose
    clock it is, where each of several things has its own (a seizure), and is empty otherwise.
    """

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
    extensions: tuple[ClockExtension, ...] = ()
    pauses: tuple[ClockPause, ...] = ()
    calendar: str = ""
    about: str = ""

    @property
    def paused(self) -> bool:
        """Whether the clock stands now."""
        return self.ended_on is None and any(pause.last is None for pause in self.pauses)

    def state(self, today: date) -> str:
        """``running``, ``paused``, ``warned``, ``breached``, ``run_out`` (no duty), ``ended`` or ``ended_late``."""
        if self.ended_on is not None:
            return "ended" if self.ended_on <= self.due_on or self.nature != "duty" else "ended_late"
        if self.paused:
            return "paused"
        if today > self.due_on:
            return "breached" if self.nature == "duty" else "run_out"
        return "warned" if self.warned_on is not None else "running"
