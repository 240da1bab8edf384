"""The calendar of working days against an independent package, and what it refuses to load."""

import random
from datetime import date, timedelta
from functools import cache
from itertools import count, takewhile
from pathlib import Path

import chinese_calendar
import pytest

from gongzheng.legaltime import CalendarError, CalendarYear, WorkCalendar, default_calendar, extra_calendar

pytestmark = pytest.mark.req("C-30")

CALENDAR = default_calendar()
SAMPLES = 10_000
# A Saturday that the notice for 2006 makes a working day; the package has it as a weekend.
NOT_IN_THE_PACKAGE = date(2005, 12, 31)

NEXT_YEAR = """
year = 2027
title_zh = "国务院办公厅关于2027年部分节假日安排的通知"
sources = ["https://example.invalid/notice"]

[[holiday]]
name_zh = "元旦"
name_en = "New Year's Day"
days = [2026-12-31, 2027-01-01]
make_up = [2027-01-02]
"""


@cache
def oracle() -> dict[date, bool]:
    """Every day the package knows, and whether it is a working day."""
    last = max(chinese_calendar.constants.holidays).year
    days = (date(2004, 1, 1) + timedelta(days=n) for n in count())
    return {day: chinese_calendar.is_workday(day) for day in takewhile(lambda day: day.year <= last, days)}


def test_ten_thousand_random_days_agree_with_an_independent_calendar() -> None:
    """Whatever day is drawn, both calendars call it the same."""
    draw = random.Random(20040101)  # noqa: S311 a repeatable draw, not a secret
    days = sorted(set(oracle()) - {NOT_IN_THE_PACKAGE})
    drawn = [draw.choice(days) for _ in range(SAMPLES)]
    assert [day for day in drawn if CALENDAR.is_working_day(day) != oracle()[day]] == []


def test_every_single_day_agrees_but_one() -> None:
    """Over all published years the only difference is a day on which the notice itself is clear."""
    assert [day for day, working in oracle().items() if CALENDAR.is_working_day(day) != working] == [NOT_IN_THE_PACKAGE]
    assert CALENDAR.is_working_day(NOT_IN_THE_PACKAGE)


def test_counting_from_ten_thousand_random_days_agrees_with_a_naive_count() -> None:
    """Adding working days gives the day that a naive walk over the independent calendar gives."""
    draw = random.Random(20261231)  # noqa: S311 a repeatable draw, not a secret
    table = {**oracle(), NOT_IN_THE_PACKAGE: True}
    ordered = sorted(table)
    working = [day for day in ordered if table[day]]
    place = {day: n for n, day in enumerate(working)}
    for _ in range(SAMPLES):
        day, length = draw.choice(ordered[:-200]), draw.randint(1, 90)
        after = next(n for n in count(1) if table[day + timedelta(days=n)])
        expected = working[place[day + timedelta(days=after)] + length - 1]
        assert expected == CALENDAR.add_working_days(day, length), (day, length)
        assert length == CALENDAR.working_days_between(day, expected)


def test_counting_back_undoes_counting_on() -> None:
    """From a working day, so many working days on and as many back end where they began."""
    day = date(2026, 2, 14)
    assert day == CALENDAR.add_working_days(CALENDAR.add_working_days(day, 40), -40)
    assert CALENDAR.working_days_between(date(2026, 3, 10), date(2026, 3, 3)) == -5


def test_every_shipped_year_names_its_notice() -> None:
    """Each year has its title and at least one address where the notice can be read, and no year is missing."""
    assert list(CALENDAR.years) == list(range(2004, CALENDAR.years[-1] + 1))
    for entry in CALENDAR.entries:
        assert str(entry.year) in entry.title_zh
        assert all(source.startswith("https://") for source in entry.sources)


def test_an_unpublished_year_is_counted_from_weekends_and_said_to_be_unknown() -> None:
    """National Day of a far year counts as a working day, and the calendar admits that it does not know."""
    assert not CALENDAR.knows(2099)
    assert CALENDAR.is_working_day(date(2099, 10, 1))
    assert not CALENDAR.is_working_day(date(2099, 10, 3))


def test_the_last_days_of_december_wait_for_the_next_notice() -> None:
    """2018-12-31 became a holiday only by the notice for 2019, so such days are settled only with the next year."""
    before = WorkCalendar([entry for entry in CALENDAR.entries if entry.year <= 2018])
    assert before.is_working_day(date(2018, 12, 31))
    assert not before.settled(date(2018, 12, 29))
    assert before.settled(date(2018, 12, 28))
    assert not CALENDAR.is_working_day(date(2018, 12, 31))
    assert CALENDAR.settled(date(2018, 12, 31))


def test_an_operator_adds_a_year_from_a_file(tmp_path: Path) -> None:
    """A file named in the settings makes its year known, moves the December before it, and changes the fingerprint."""
    file = tmp_path / "2027.toml"
    file.write_text(NEXT_YEAR, encoding="utf-8")
    known = extra_calendar(str(file))
    assert known.knows(2027)
    assert not known.is_working_day(date(2026, 12, 31))
    assert known.is_working_day(date(2027, 1, 2))
    assert known.fingerprint != WorkCalendar([e for e in known.entries if e.year != 2027]).fingerprint
    assert known.fingerprint == extra_calendar(str(tmp_path)).fingerprint
    assert CALENDAR is extra_calendar("")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("year = 2027", "year = "), "TOMLDecodeError"),
        (('title_zh = "国务院办公厅关于2027年部分节假日安排的通知"', ""), "title_zh"),
        (("[2027-01-02]", "[2027-01-01]"), "both a holiday and a working day"),
        (("[2027-01-02]", "[2027-01-04]"), "no weekend day"),
        (("2026-12-31", "2026-11-30"), "neither in 2027 nor in the December before"),
        (("2026-12-31", '"2026-12-31"'), "not a date"),
        (("2026-12-31", "2026-12-31T00:00:00"), "not a date"),
        (('["https://example.invalid/notice"]', "[]"), "are needed"),
    ],
)
def test_an_unsound_file_is_refused_with_the_reason(change: tuple[str, str], said: str) -> None:
    """A slip in a calendar file would move every deadline, so it is refused and named."""
    with pytest.raises(CalendarError, match=said):
        CalendarYear.parse(NEXT_YEAR.replace(*change), "2027.toml")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A wrong path in the settings stops the start instead of being passed over."""
    with pytest.raises(CalendarError, match=r"2031\.toml"):
        extra_calendar(str(tmp_path / "2031.toml"))
    with pytest.raises(CalendarError, match="0 calendar files"):
        extra_calendar(str(tmp_path))


@pytest.mark.parametrize("length", [0, 36_601, -36_601])
def test_counting_has_a_limit(length: int) -> None:
    """Nothing counts for ever."""
    with pytest.raises(ValueError, match="cannot count"):
        CALENDAR.add_working_days(date(2026, 1, 1), length)
