"""How dates, lengths and stretches of days are written in Chinese and English."""

from collections.abc import Sequence
from datetime import date, timedelta

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS_ZH = {"working_day": "个工作日", "day": "日", "month": "个月", "year": "年"}
_UNITS_EN = {"working_day": "working day", "day": "calendar day", "month": "month", "year": "year"}
_ONE_DAY = timedelta(days=1)


def zh_date(day: date) -> str:
    """2026年10月9日（星期五）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS_ZH[day.weekday()]}）"


def en_date(day: date) -> str:
    """2026-10-09 (Fri)."""
    return f"{day.isoformat()} ({_WEEKDAYS_EN[day.weekday()]})"


def amount(length: int, unit: str) -> tuple[str, str]:
    """A length with its unit in Chinese and English: 7个工作日, 7 working days."""
    return f"{length}{_UNITS_ZH[unit]}", f"{length} {_UNITS_EN[unit]}{'s' if length > 1 else ''}"


def runs(days: Sequence[date]) -> list[tuple[date, date]]:
    """Consecutive days as (first, last)."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == _ONE_DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def span(first: date, last: date) -> tuple[str, str]:
    """A stretch of days in Chinese and English: 10月1日至10月7日, 2026-10-01 to 2026-10-07."""
    if first == last:
        return f"{first.month}月{first.day}日", first.isoformat()
    year = f"{last.year}年" if last.year != first.year else ""
    return (
        f"{first.month}月{first.day}日至{year}{last.month}月{last.day}日",
        f"{first.isoformat()} to {last.isoformat()}",
    )
