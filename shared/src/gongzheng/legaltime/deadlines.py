"""Deadlines: when a period that the law gives ends, and why it ends on that day.

The day that starts a period is not counted. Working-day periods count working days only, make-up working days included.
Periods in calendar days, months and years whose last day is no working day end on the next working day. Days on which
the clock stands (a hearing, testing, recusal …) are not counted at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, get_args

from gongzheng.legaltime import explain
from gongzheng.legaltime.calendar import WALK_DAYS_MAX, WorkCalendar
from gongzheng.legaltime.explain import Step

Unit = Literal["working_day", "day", "month", "year"]
LENGTH_MAX = {"working_day": 3_660, "day": 3_660, "month": 600, "year": 50}
PARTS_MAX = 200
_REMEMBERED = 4096
_ONE_DAY = timedelta(days=1)
_MONTHS_PER_YEAR = 12
__all__ = ["Deadline", "Extension", "Pause", "Step", "Unit", "add_months", "deadline"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Days on which the clock stands, both ends included; ``last=None`` while it still stands.

    ``law`` is the citation that stops the clock; the reasons appear in the explanation.
    """

    first: date
    last: date | None
    law: str
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Extension:
    """More time, granted as the law allows, running on from the end of the period before it."""

    length: int
    unit: Unit
    law: str
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """The last day of a period.

    ``provisional``: the date may move, because a year it depends on has no published calendar yet, or because the clock
    stands (``paused``). ``nominal`` is the last day before rolling to a working day. ``calendar`` is the fingerprint of
    the calendar used: recompute what was stored with another one.
    """

    due: date
    provisional: bool
    unit: Unit
    law: str
    why_zh: str
    why_en: str
    steps: tuple[Step, ...]
    start: date
    length: int
    nominal: date
    paused: bool
    calendar: str


@dataclass(slots=True)
class _Walk:
    """What was met while counting."""

    end: date
    counted: int = 0
    days_off: list[date] = field(default_factory=list)
    make_up: list[date] = field(default_factory=list)
    stood: list[date] = field(default_factory=list)


def add_months(start: date, months: int) -> date:
    """The same day number so many months later, or the last day of that month where it is missing (CIVIL-CODE 202)."""
    index = start.year * _MONTHS_PER_YEAR + start.month - 1 + months
    first = date(index // _MONTHS_PER_YEAR, index % _MONTHS_PER_YEAR + 1, 1)
    following = date((index + 1) // _MONTHS_PER_YEAR, (index + 1) % _MONTHS_PER_YEAR + 1, 1)
    return first.replace(day=min(start.day, (following - first).days))


class _Counter:
    """Counts one period: the days that stand still are the same for all its parts."""

    def __init__(self, calendar: WorkCalendar, pauses: Sequence[Pause], as_of: date | None) -> None:
        self.calendar = calendar
        self.spans = [(pause.first, _last(pause, as_of)) for pause in pauses]
        self.walk = _Walk(date.min)

    def stands(self, day: date) -> bool:
        """Whether the clock stands on a day."""
        return any(first <= day <= last for first, last in self.spans)

    def days(self, start: date, count: int, *, working: bool) -> date:
        """The day on which ``count`` days after ``start`` have been counted."""
        day, left = start, count
        limit = start + timedelta(days=WALK_DAYS_MAX)
        while left:
            day += _ONE_DAY
            if day > limit:
                raise ValueError(f"the period from {start} does not end within {WALK_DAYS_MAX} days")
            left -= self._counts(day, working=working)
        return day

    def _counts(self, day: date, *, working: bool) -> bool:
        if self.stands(day):
            self.walk.stood.append(day)
            return False
        if working and not self.calendar.is_working_day(day):
            self.walk.days_off.append(day)
            return False
        if working and self.calendar.make_up(day):
            self.walk.make_up.append(day)
        self.walk.counted += 1
        return True

    def months(self, start: date, count: int) -> date:
        """The corresponding day so many months later, moved on by the days on which the clock stood."""
        nominal = add_months(start, count)
        days = (start + _ONE_DAY * n for n in range(1, (nominal - start).days + 1)) if self.spans else ()
        stood = [day for day in days if self.stands(day)]
        self.walk.stood.extend(stood)
        return self.days(nominal, len(stood), working=False)

    def roll(self, day: date) -> date:
        """The day itself, or the first working day after it on which the clock does not stand."""
        while not self.calendar.is_working_day(day) or self.stands(day):
            day += _ONE_DAY
        return day


def _last(pause: Pause, as_of: date | None) -> date:
    last = pause.last or as_of
    if last is None:
        raise ValueError("a pause that has not ended needs as_of")
    if pause.last is not None and pause.last < pause.first:
        raise ValueError(f"a pause ends on {pause.last}, before it begins on {pause.first}")
    return last


def _check_length(length: int, unit: str) -> None:
    if unit not in get_args(Unit):
        raise ValueError(f"no such unit: {unit!r}")
    if not 1 <= length <= LENGTH_MAX[unit]:
        raise ValueError(f"a period of {length} {unit}s is outside 1 to {LENGTH_MAX[unit]}")


def deadline(
    start: date,
    length: int,
    unit: Unit,
    *,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
    law: str,
    roll: bool = True,
    as_of: date | None = None,
) -> Deadline:
    """The last day of a period of ``length`` ``unit``s that starts on ``start``, with the reasons in two languages.

    Args:
        start: the day of the fact that starts the period (legal date, Asia/Shanghai); it is not counted.
        length: how many units, at least 1.
        unit: "working_day", "day", "month" or "year"; ``statutory_unit`` tells the first two apart.
        calendar: the working days.
        pauses: when the clock stands; overlapping pauses count once.
        extensions: granted extensions, in order; each runs on from the end of the period before it, before rolling.
        law: the citation that gives the period, e.g. "APL 61".
        roll: whether a last day that is no working day moves to the next one (calendar-day, month and year periods).
        as_of: today; needed when a pause has not ended, which then counts up to and including this day.

    Raises:
        ValueError: for a length or unit out of range, an unended pause without ``as_of``, or more than 200 parts.
    """
    return _deadline(start, length, unit, calendar, tuple(pauses), tuple(extensions), law, roll, as_of)


# Most periods of one day are the same few: they start today, and their lengths are the law's.
@lru_cache(maxsize=_REMEMBERED)
def _deadline(
    start: date,
    length: int,
    unit: Unit,
    calendar: WorkCalendar,
    pauses: tuple[Pause, ...],
    extensions: tuple[Extension, ...],
    law: str,
    roll: bool,  # noqa: FBT001 as above
    as_of: date | None,
) -> Deadline:
    parts = [(length, unit), *((extension.length, extension.unit) for extension in extensions)]
    if len(parts) > PARTS_MAX or len(pauses) > PARTS_MAX:
        raise ValueError(f"more than {PARTS_MAX} pauses or extensions")
    for part in parts:
        _check_length(*part)
    counter = _Counter(calendar, pauses, as_of)
    ends = _count_parts(counter, start, parts)
    nominal, last_unit = ends[-1], parts[-1][1]
    due = counter.roll(nominal) if roll and last_unit != "working_day" else nominal
    paused = any(pause.last is None and pause.first <= due for pause in pauses)
    unsettled = _unsettled(
        calendar, start, nominal, due, counted=any(u == "working_day" for _, u in parts), rolled=roll
    )
    steps = explain.steps(
        explain.Period(
            start=start,
            parts=tuple(zip(parts, ends, strict=True)),
            due=due,
            nominal=nominal,
            law=law,
            pauses=tuple(p for p in pauses if p.first <= due),
            extensions=extensions,
            days_off=tuple(counter.walk.days_off),
            make_up=tuple(counter.walk.make_up),
            stood=tuple(sorted(set(counter.walk.stood))),
            unsettled=unsettled,
            paused=paused,
        ),
        calendar,
    )
    return Deadline(
        due=due,
        provisional=bool(unsettled) or paused,
        unit=unit,
        law=law,
        why_zh="".join(step.zh for step in steps),
        why_en=" ".join(step.en for step in steps),
        steps=steps,
        start=start,
        length=length,
        nominal=nominal,
        paused=paused,
        calendar=calendar.fingerprint,
    )


def _count_parts(counter: _Counter, start: date, parts: Sequence[tuple[int, str]]) -> list[date]:
    """The end of each part. Months after months count from the first start, so that a month end is not lost."""
    ends: list[date] = []
    end = anchor = start
    months = 0
    for length, unit in parts:
        if unit in {"month", "year"}:
            months += length * (_MONTHS_PER_YEAR if unit == "year" else 1)
            end = counter.months(anchor, months)
        else:
            end = anchor = counter.days(end, length, working=unit == "working_day")
            months = 0
        ends.append(end)
    return ends


def _unsettled(
    calendar: WorkCalendar, start: date, nominal: date, due: date, *, counted: bool, rolled: bool
) -> tuple[int, ...]:
    """The years whose notice is still missing although the date depends on them."""
    first = start + _ONE_DAY if counted else nominal
    if not counted and not rolled:
        return ()
    missing: set[int] = set()
    for n in range((due - first).days + 1):
        day = first + _ONE_DAY * n
        if not calendar.settled(day):
            missing.add(day.year + 1 if calendar.knows(day.year) else day.year)
    return tuple(sorted(missing))
