"""Deadlines on their boundary days, rule by rule, with the date worked out by hand from the published calendar."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzheng.legaltime import Deadline, Extension, Pause, WorkCalendar, deadline, default_calendar, statutory_unit
from gongzheng.legaltime.deadlines import Unit, add_months

pytestmark = pytest.mark.req("C-30")

CALENDAR = default_calendar()


def due(start: str, length: int, unit: Unit, **more: Any) -> Deadline:
    """A deadline from text dates."""
    return deadline(date.fromisoformat(start), length, unit, calendar=CALENDAR, **{"law": "APL 61", **more})


@dataclass(frozen=True)
class Row:
    """One period of the law and the boundary day it must end on."""

    law: str
    start: str
    length: int
    unit: Unit
    end: str


ROWS = [
    # APL 85: 2, 3, 5 and 7 days are working days. 2026-10-10 (Sat) is worked, 10-01 to 10-07 are off.
    Row("APL 61", "2026-09-28", 7, "working_day", "2026-10-13"),
    Row("APL 64", "2026-09-29", 5, "working_day", "2026-10-12"),
    Row("APL 71", "2026-09-30", 2, "working_day", "2026-10-09"),
    Row("APL 48", "2026-02-13", 3, "working_day", "2026-02-25"),  # 02-14 (Sat) is worked, 02-15 to 02-23 off
    Row("APL 56", "2026-01-30", 7, "working_day", "2026-02-10"),
    # First trap: the 15-day payment period and the 90-day decision limit are calendar days.
    Row("APL 67", "2026-03-02", 15, "day", "2026-03-17"),
    Row("APL 67", "2026-09-18", 15, "day", "2026-10-08"),  # the last day, 10-03, is a holiday
    Row("APL 67", "2026-04-24", 15, "day", "2026-05-09"),  # a Saturday, but a make-up working day
    Row("APL 60", "2026-01-05", 90, "day", "2026-04-07"),  # 04-05 is Tomb-sweeping Day
    # SAMR-PROC 18 says working days itself.
    Row("SAMR-PROC 18", "2026-01-05", 15, "working_day", "2026-01-26"),
    # AEL 69: up to ten days are working days; AEL 25 gives 30 calendar days; AEL 53 months.
    Row("AEL 54", "2026-04-27", 10, "working_day", "2026-05-13"),
    Row("AEL 25", "2026-04-03", 30, "day", "2026-05-06"),  # 05-03 lies in the Labour Day holidays
    Row("AEL 53", "2025-11-30", 3, "month", "2026-02-28"),  # no 30 February; 02-28 (Sat) is a make-up working day
    # ARL 88: 3, 5, 7 and 10 days are working days; 60 days are not.
    Row("ARL 30", "2026-06-15", 5, "working_day", "2026-06-23"),  # 06-19 is the Dragon Boat Festival
    Row("ARL 48", "2026-06-15", 7, "working_day", "2026-06-25"),
    Row("ARL 48", "2026-06-15", 10, "working_day", "2026-06-30"),
    Row("ARL 20", "2026-08-03", 60, "day", "2026-10-08"),  # 10-02 is a holiday
    # ALL 46 and 45.
    Row("ALL 46", "2026-02-27", 6, "month", "2026-08-27"),
    Row("ALL 46", "2025-08-31", 6, "month", "2026-02-28"),
    Row("ALL 45", "2026-05-08", 15, "day", "2026-05-25"),  # 05-23 is a Saturday
    # APL 36 and ARL 20 in years.
    Row("APL 36", "2024-02-29", 2, "year", "2026-02-28"),
    Row("ARL 20", "2025-03-03", 1, "year", "2026-03-03"),
    Row("SCL 39", "2023-10-04", 2, "year", "2025-10-09"),  # 2025-10-04 to 10-08 are holidays
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.law} {row.start}")
def test_each_period_ends_on_its_boundary_day(row: Row) -> None:
    """The period of each article ends on the day worked out by hand, and the explanation cites the article."""
    found = due(row.start, row.length, row.unit, law=row.law)
    assert date.fromisoformat(row.end) == found.due
    assert not found.provisional
    assert any(step.law == row.law for step in found.steps)


@pytest.mark.parametrize(
    ("act", "working", "calendar"),
    [
        ("APL", {2, 3, 5, 7}, {1, 4, 6, 10, 15, 30, 90}),
        ("AEL", set(range(1, 11)), {11, 15, 30}),
        ("ARL", {3, 5, 7, 10}, {1, 2, 15, 30, 60}),
        ("ALL", set(), {5, 7, 15}),
        ("DECREE-235", set(), {2, 15}),
    ],
)
def test_each_act_says_which_of_its_days_are_working_days(act: str, working: set[int], calendar: set[int]) -> None:
    """APL 85, AEL 69 and ARL 88(2) name the lengths; all others are calendar days."""
    assert {statutory_unit(act, days) for days in working} <= {"working_day"}
    assert {statutory_unit(act, days) for days in calendar} == {"day"}


def test_a_make_up_saturday_is_not_rolled_over() -> None:
    """A last day on a Saturday that is worked is the last day."""
    found = due("2026-04-24", 15, "day", law="APL 67")
    assert found.due == found.nominal == date(2026, 5, 9)
    assert [step.kind for step in found.steps] == ["start", "count", "due"]


def test_a_limitation_may_end_without_rolling() -> None:
    """Where the caller says so, a last day on a holiday stays."""
    assert due("2024-10-02", 2, "year", law="APL 36", roll=False).due == date(2026, 10, 2)


def test_days_of_a_hearing_are_not_counted() -> None:
    """Ten days of a hearing move a 90-day limit by ten days."""
    pause = Pause(
        first=date(2026, 1, 12), last=date(2026, 1, 21), law="SAMR-PROC 64", reason_zh="听证", reason_en="hearing"
    )
    found = due("2026-01-05", 90, "day", law="APL 60", pauses=[pause])
    assert found.nominal == date(2026, 4, 15)
    assert [(s.first, s.last) for s in found.steps if s.kind == "pause"] == [(date(2026, 1, 12), date(2026, 1, 21))]
    assert "听证" in found.why_zh


def test_overlapping_pauses_count_once() -> None:
    """A day on which two reasons stop the clock is left out once."""
    pauses = [
        Pause(first=date(2026, 1, 12), last=date(2026, 1, 21), law="SAMR-PROC 64"),
        Pause(first=date(2026, 1, 20), last=date(2026, 1, 23), law="SAMR-PROC 64"),
    ]
    assert due("2026-01-05", 90, "day", law="APL 60", pauses=pauses).nominal == date(2026, 4, 17)


def test_a_pause_in_working_days_skips_only_the_working_days_in_it() -> None:
    """A weekend inside a pause would not have counted anyway."""
    pause = Pause(first=date(2026, 3, 5), last=date(2026, 3, 9), law="APL 43")
    assert due("2026-03-02", 5, "working_day", pauses=[pause]).due == date(2026, 3, 12)


def test_a_pause_after_the_end_changes_nothing_and_is_not_mentioned() -> None:
    """What comes after the last day is of no account."""
    pause = Pause(first=date(2026, 6, 1), last=date(2026, 6, 9), law="APL 43")
    found = due("2026-03-02", 5, "working_day", pauses=[pause])
    assert found == due("2026-03-02", 5, "working_day")


def test_a_month_period_moves_by_the_days_on_which_the_clock_stood() -> None:
    """Three months with a pause of nine days end nine days later."""
    pause = Pause(first=date(2026, 3, 2), last=date(2026, 3, 10), law="ARL 39")
    assert due("2026-02-10", 3, "month", law="AEL 53", pauses=[pause]).due == date(2026, 5, 19)


def test_a_clock_that_still_stands_gives_a_provisional_date() -> None:
    """An unended pause counts up to today; without today it is an error, not a guess."""
    pause = Pause(first=date(2026, 3, 4), last=None, law="APL 43")
    found = due("2026-03-02", 5, "working_day", pauses=[pause], as_of=date(2026, 3, 6))
    assert found.due == date(2026, 3, 12)
    assert found.provisional
    assert found.paused
    assert "暂定" in found.why_zh
    with pytest.raises(ValueError, match="as_of"):
        due("2026-03-02", 5, "working_day", pauses=[pause])


def test_an_extension_runs_on_from_the_unrolled_end() -> None:
    """90 + 30 days are 120 days, even when the 90th fell on a holiday."""
    extension = Extension(length=30, unit="day", law="SAMR-PROC 64", reason_zh="案情复杂", reason_en="complexity")
    found = due("2026-01-05", 90, "day", law="APL 60", extensions=[extension])
    assert found.due == date(2026, 5, 6)  # 05-05 is the last day of the Labour Day holidays
    assert found.nominal == date(2026, 5, 5)
    assert "案情复杂" in found.why_zh
    assert "complexity" in found.why_en


def test_month_after_month_keeps_the_month_end() -> None:
    """Two months and one more from 31 December end on 31 March, not on 28 March."""
    one = Extension(length=1, unit="month", law="ARL 62")
    assert due("2025-12-31", 2, "month", law="ARL 62", extensions=[one]).due == date(2026, 3, 31)


def test_days_after_months_count_from_the_end_of_the_months() -> None:
    """A mixed extension is counted in its own unit."""
    ten = Extension(length=10, unit="working_day", law="DECREE-809 21")
    assert due("2026-04-15", 1, "month", extensions=[ten]).due == date(2026, 5, 29)


def test_a_deadline_that_reaches_an_unpublished_year_is_provisional() -> None:
    """The year is named in the explanation, and loading it settles the date."""
    last = CALENDAR.years[-1]
    start = date(last, 12, 1)
    found = deadline(start, 90, "day", calendar=CALENDAR, law="APL 60")
    assert found.provisional
    assert f"{last + 1}年节假日安排尚未公布" in found.why_zh
    assert str(last + 1) in found.why_en
    known = WorkCalendar([e for e in CALENDAR.entries if e.year < last])
    before = deadline(date(last - 1, 12, 1), 90, "day", calendar=known, law="APL 60")
    after = deadline(date(last - 1, 12, 1), 90, "day", calendar=CALENDAR, law="APL 60")
    assert (before.provisional, after.provisional) == (True, False)
    assert before.calendar != after.calendar


def test_a_calendar_day_period_depends_only_on_its_last_day() -> None:
    """Ninety days that cross into an unknown year and back … cannot; but a period inside known days is settled."""
    assert not due("2026-09-01", 90, "day", law="APL 60").provisional
    assert due("2026-12-20", 9, "working_day").provisional == (not CALENDAR.knows(2027))


def test_rolling_into_a_holiday_of_the_next_year_is_seen() -> None:
    """A last day on 31 December depends on next year's notice as well."""
    known = WorkCalendar([e for e in CALENDAR.entries if e.year <= 2018])
    before = deadline(date(2018, 12, 16), 15, "day", calendar=known, law="APL 67")
    after = deadline(date(2018, 12, 16), 15, "day", calendar=CALENDAR, law="APL 67")
    assert (before.due, before.provisional) == (date(2018, 12, 31), True)
    assert (after.due, after.provisional) == (date(2019, 1, 2), False)


def test_the_explanation_tells_every_step_in_both_languages() -> None:
    """A person can follow the count: start, holiday, weekend, make-up day, end, each with its article."""
    found = due("2026-09-28", 7, "working_day", law="APL 61(1)")
    assert found.why_zh == (
        "起算日2026年9月28日（星期一）不计入（《中华人民共和国民法典》第二百零一条第一款）。"
        "自次日起计7个工作日（《中华人民共和国行政处罚法》第六十一条第一款，按工作日计依《中华人民共和国行政处罚法》第八十五条），"
        "计至2026年10月13日（星期二）。"
        "国庆节假期10月1日至10月7日共7日不计。其余周末1日不计。"
        "2026年10月10日（星期六）为国庆节调休上班日，计入。"
        "届满日为2026年10月13日（星期二）。"
    )
    assert "2026-10-10 (Sat) is a make-up working day for National Day and is counted." in found.why_en
    assert [step.kind for step in found.steps] == ["start", "count", "days_off", "days_off", "make_up", "due"]
    assert found.steps[0].to_dict()["first"] == "2026-09-28"


def test_litigation_and_reconsideration_cite_civil_procedure_for_the_counting() -> None:
    """ALL 101 and ARL 88(1) send the reader to the Civil Procedure Law, so the explanation does too."""
    assert "民事诉讼法" in due("2026-05-08", 15, "day", law="ALL 45").why_zh
    assert "民事诉讼法" in due("2026-08-03", 60, "day", law="ARL 20").why_zh
    assert "民法典" in due("2026-05-08", 15, "day", law="APL 67").why_zh


@pytest.mark.parametrize(
    ("length", "unit"), [(0, "day"), (-1, "working_day"), (3_661, "day"), (601, "month"), (51, "year"), (1, "week")]
)
def test_a_length_or_unit_out_of_range_is_refused(length: int, unit: Any) -> None:
    """A period that no law gives is a slip of the caller."""
    with pytest.raises(ValueError, match=r"outside|no such unit"):
        due("2026-01-05", length, unit)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    """A slip in the dates of a pause does not shorten a period in silence."""
    with pytest.raises(ValueError, match="before it begins"):
        due("2026-01-05", 5, "day", pauses=[Pause(first=date(2026, 1, 9), last=date(2026, 1, 8), law="APL 43")])


DAYS = st.dates(date(2004, 1, 1), date(2025, 6, 30))


@settings(max_examples=300, deadline=None)
@given(start=DAYS, length=st.integers(1, 120), unit=st.sampled_from(["working_day", "day", "month"]))
def test_a_deadline_always_ends_on_a_working_day_after_its_start(start: date, length: int, unit: Unit) -> None:
    """Whatever the period, its last day is a working day, and a longer period never ends earlier."""
    length = min(length, 12) if unit == "month" else length
    found = deadline(start, length, unit, calendar=CALENDAR, law="APL 61")
    longer = deadline(start, length + 1, unit, calendar=CALENDAR, law="APL 61")
    assert CALENDAR.is_working_day(found.due)
    assert start < found.nominal <= found.due <= longer.due


@settings(max_examples=200, deadline=None)
@given(start=DAYS, length=st.integers(1, 90), offset=st.integers(1, 60), span=st.integers(1, 30))
def test_a_pause_never_shortens_a_period(start: date, length: int, offset: int, span: int) -> None:
    """With a pause the calendar-day end moves by exactly the paused days that lie in the period."""
    first = date.fromordinal(start.toordinal() + offset)
    pause = Pause(first=first, last=date.fromordinal(first.toordinal() + span - 1), law="APL 43")
    plain = deadline(start, length, "day", calendar=CALENDAR, law="APL 60")
    paused = deadline(start, length, "day", calendar=CALENDAR, law="APL 60", pauses=[pause])
    moved = (paused.nominal - plain.nominal).days
    assert moved == (span if first <= plain.nominal else 0)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-01", 1, "2027-01-01"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_month_end(start: str, months: int, end: str) -> None:
    """Where the last month has no such day its last day counts (CIVIL-CODE 202)."""
    assert date.fromisoformat(end) == add_months(date.fromisoformat(start), months)
