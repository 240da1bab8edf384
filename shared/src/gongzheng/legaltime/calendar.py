"""The calendar of working days, as the State Council publishes it for one year at a time.

A working day is a Monday to Friday that no notice makes a holiday, or a weekend day that a notice makes a make-up
working day (调休上班). A year whose notice is not loaded is counted from weekends alone, and whoever asks is told so.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Self

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_DECEMBER = 12
# Notices for a year have moved working days of the December before it five times since 2004 (the earliest was the 29th,
# in the notices for 2008 and 2019), so a year's last days are settled only by the next year's notice.
_REACHED_BACK_TO = 29
WALK_DAYS_MAX = 36_600
YEAR_FILES_MAX = 500


class CalendarError(ValueError):
    """A calendar file that cannot be used; the text names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of a notice: the days off, weekends included, and the make-up working days that pay for them."""

    name_zh: str
    name_en: str
    days: tuple[date, ...]
    make_up: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """What the notice (and any amending notice) for one year says."""

    year: int
    title_zh: str
    sources: tuple[str, ...]
    holidays: tuple[Holiday, ...]

    @classmethod
    def parse(cls, text: str, where: str = "calendar") -> Self:
        """Read one year's file; the format is described in the README of this folder.

        Raises:
            CalendarError: when it is not TOML, lacks a field, or has a date outside the year (the December before
                may be named), a holiday that is also a make-up day, or a make-up day that is no weekend day.
        """
        try:
            raw = tomllib.loads(text)
            year = raw["year"]
            holidays = tuple(_holiday(entry) for entry in raw["holiday"])
            found = cls(year, str(raw["title_zh"]), tuple(str(s) for s in raw["sources"]), holidays)
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as problem:
            raise CalendarError(f"{where}: {type(problem).__name__}: {problem}") from problem
        found._require_sound(where)
        return found

    def _require_sound(self, where: str) -> None:
        off = [day for holiday in self.holidays for day in holiday.days]
        working = [day for holiday in self.holidays for day in holiday.make_up]
        if not isinstance(self.year, int) or not self.sources or not off:
            raise CalendarError(f"{where}: year, sources and at least one holiday are needed")
        for day in (*off, *working):
            if type(day) is not date:
                raise CalendarError(f"{where}: {day!r} is not a date")
            if day.year != self.year and (day.year, day.month) != (self.year - 1, _DECEMBER):
                raise CalendarError(f"{where}: {day} is neither in {self.year} nor in the December before")
        if both := sorted(set(off) & set(working)):
            raise CalendarError(f"{where}: {both[0]} is both a holiday and a working day")
        if weekday := sorted(day for day in working if day.weekday() < _SATURDAY):
            raise CalendarError(f"{where}: {weekday[0]} is a make-up day but no weekend day")


def _holiday(entry: Mapping[str, Any]) -> Holiday:
    days, make_up = entry["days"], entry.get("make_up", [])
    return Holiday(str(entry["name_zh"]), str(entry["name_en"]), tuple(days), tuple(make_up))


class WorkCalendar:
    """The working days of all years whose notice is loaded, and weekends for the others."""

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        """Build from years; of two files for the same year the later one counts."""
        self._years = {entry.year: entry for entry in years}
        self._off: dict[date, Holiday] = {}
        self._make_up: dict[date, Holiday] = {}
        for entry in sorted(self._years.values(), key=lambda each: each.year):
            for holiday in entry.holidays:
                self._off.update(dict.fromkeys(holiday.days, holiday))
                self._make_up.update(dict.fromkeys(holiday.make_up, holiday))

    @classmethod
    def load(cls, *places: Traversable) -> Self:
        """Read files and folders of ``*.toml``, in the order given; later ones replace the same year of earlier ones.

        Raises:
            CalendarError: when a place is missing, holds no calendar, or a file is not sound.
        """
        found: list[CalendarYear] = []
        for place in places:
            if place.is_dir():
                inside = sorted((f for f in place.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
            else:
                inside = [place]
            if not inside or len(inside) > YEAR_FILES_MAX:
                raise CalendarError(f"{place}: {len(inside)} calendar files")
            for file in inside:
                try:
                    found.append(CalendarYear.parse(file.read_text(encoding="utf-8"), file.name))
                except (OSError, UnicodeDecodeError) as problem:
                    raise CalendarError(f"{file.name}: {problem}") from problem
        return cls(found)

    def with_files(self, *places: Traversable) -> "WorkCalendar":
        """This calendar with more years, as when an operator loads the notice for the next year."""
        return WorkCalendar([*self.entries, *WorkCalendar.load(*places).entries])

    @property
    def entries(self) -> tuple[CalendarYear, ...]:
        """What was loaded, by year."""
        return tuple(self._years[year] for year in self.years)

    @property
    def years(self) -> tuple[int, ...]:
        """The years whose notice is loaded."""
        return tuple(sorted(self._years))

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal characters that change when any day changes: a stored due date is recomputed then."""
        kinds = (("off", self._off), ("work", self._make_up))
        days = sorted((day.isoformat(), kind) for kind, table in kinds for day in table)
        return hashlib.sha256(repr((self.years, days)).encode()).hexdigest()[:16]

    def knows(self, year: int) -> bool:
        """Whether the notice for a year is loaded."""
        return year in self._years

    def settled(self, day: date) -> bool:
        """Whether no notice still to come can change what a day is.

        The last three days of December also need the next year's notice.
        """
        if not self.knows(day.year):
            return False
        return (day.month, day.day) < (_DECEMBER, _REACHED_BACK_TO) or self.knows(day.year + 1)

    def holiday(self, day: date) -> Holiday | None:
        """The holiday that makes a day a day off, if a notice names it."""
        return self._off.get(day)

    def make_up(self, day: date) -> Holiday | None:
        """The holiday for whose sake a weekend day is worked."""
        return self._make_up.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether a day is a working day (工作日)."""
        if day in self._make_up:
            return True
        return day.weekday() < _SATURDAY and day not in self._off

    def next_working_day(self, day: date) -> date:
        """The day itself if it is a working day, otherwise the first one after it."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day (before it, when negative); the day itself does not count.

        Raises:
            ValueError: when count is 0 or so large that it leaves the range of dates.
        """
        if count == 0 or abs(count) > WALK_DAYS_MAX or not 1 < day.year < MAXYEAR - WALK_DAYS_MAX // 200:
            raise ValueError(f"cannot count {count} working days from {day}")
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after ``first`` up to and including ``last``; negative when last is earlier."""
        if last < first:
            return -self.working_days_between(last, first)
        if (last - first).days > WALK_DAYS_MAX:
            raise ValueError(f"more than {WALK_DAYS_MAX} days lie between {first} and {last}")
        return sum(self.is_working_day(first + _ONE_DAY * n) for n in range(1, (last - first).days + 1))


def extra_calendar(setting: str) -> WorkCalendar:
    """The shipped calendar with an operator's files, named as the setting gives them: paths separated by ``:``.

    Raises:
        CalendarError: when a path is missing or a file is not sound.
    """
    places = [Path(part) for part in setting.split(":") if part.strip()]
    return default_calendar().with_files(*places) if places else default_calendar()


@cache
def default_calendar() -> WorkCalendar:
    """The calendar shipped with this package: every year from 2004 to the last one published."""
    return WorkCalendar.load(files("gongzheng.legaltime") / "data")
