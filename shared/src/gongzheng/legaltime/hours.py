"""Periods in hours: the ladder on which a major incident is reported upwards.

Hours run without a break, nights and holidays included, from the moment the thing happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LEGAL_ZONE = ZoneInfo("Asia/Shanghai")
HOURS_MAX = 24 * 366


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: who must know within how many hours, and by which rule."""

    name: str
    hours: int
    law: str


@dataclass(frozen=True, slots=True)
class HourDeadline:
    """The moment (UTC) by which a rung must be reached, and why."""

    name: str
    due: datetime
    hours: int
    law: str
    why_zh: str
    why_en: str


def hour_ladder(start: datetime, rungs: Sequence[Rung]) -> tuple[HourDeadline, ...]:
    """The deadline of each rung, all counted from the same moment, in the order given.

    Raises:
        ValueError: when the moment is not aware or a rung has no or too many hours.
    """
    if start.tzinfo is None:
        raise ValueError("a ladder of hours starts at an aware moment")
    return tuple(_hour_deadline(start.astimezone(UTC), rung) for rung in rungs)


def _hour_deadline(start: datetime, rung: Rung) -> HourDeadline:
    if not 1 <= rung.hours <= HOURS_MAX:
        raise ValueError(f"{rung.name}: {rung.hours} hours")
    due = start + timedelta(hours=rung.hours)
    from_, to = (moment.astimezone(_LEGAL_ZONE) for moment in (start, due))
    return HourDeadline(
        rung.name,
        due,
        rung.hours,
        rung.law,
        f"自{from_:%Y年%m月%d日%H时%M分}起连续计{rung.hours}小时（节假日和夜间不扣除），至{to:%Y年%m月%d日%H时%M分}。",
        f"{rung.hours} hours without a break (nights and holidays count) from {from_:%Y-%m-%d %H:%M} end at "
        f"{to:%Y-%m-%d %H:%M}, Beijing time.",
    )
