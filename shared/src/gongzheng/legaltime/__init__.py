"""Legal time: which days count, when a period ends, why it ends then, and what an article is called.

Standard library only, so that the domain of every service may use it.
"""

from gongzheng.legaltime.calendar import (
    CalendarError,
    CalendarYear,
    Holiday,
    WorkCalendar,
    default_calendar,
    extra_calendar,
)
from gongzheng.legaltime.citation import Citation, CitationError, check, expand, statutory_unit
from gongzheng.legaltime.deadlines import Deadline, Extension, Pause, Step, deadline
from gongzheng.legaltime.hours import HourDeadline, Rung, hour_ladder

__all__ = [
    "CalendarError",
    "CalendarYear",
    "Citation",
    "CitationError",
    "Deadline",
    "Extension",
    "Holiday",
    "HourDeadline",
    "Pause",
    "Rung",
    "Step",
    "WorkCalendar",
    "check",
    "deadline",
    "default_calendar",
    "expand",
    "extra_calendar",
    "hour_ladder",
    "statutory_unit",
]
