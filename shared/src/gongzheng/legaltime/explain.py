"""Why a deadline falls on its day: the steps of the count as text in Chinese and English, each with its citation."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gongzheng.legaltime.calendar import WorkCalendar
from gongzheng.legaltime.citation import CitationError, check, expand
from gongzheng.legaltime.wording import amount, en_date, runs, span, zh_date

if TYPE_CHECKING:
    from gongzheng.legaltime.deadlines import Extension, Pause

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
# Where the general rules stand: (the start is not counted, a missing day number, the last day on a holiday).
_COUNTING = {
    "CIVIL-CODE": ("CIVIL-CODE 201(1)", "CIVIL-CODE 202", "CIVIL-CODE 203(1)"),
    "CPL": ("CPL 85(2)", "CIVIL-CODE 202", "CPL 85(3)"),
    "SAMR-PROC": ("SAMR-PROC 80", "CIVIL-CODE 202", "SAMR-PROC 80"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a count.

    ``kind``: start, count, extension, days_off, make_up, pause, month_end, roll, unsettled, paused or due; ``first``
    and ``last`` are the days it speaks of; ``law`` is the citation it rests on, if any.
    """

    kind: str
    first: date
    last: date
    law: str | None
    zh: str
    en: str

    def to_dict(self) -> dict[str, str | None]:
        """The step as JSON-ready text, dates as YYYY-MM-DD."""
        return {
            "kind": self.kind,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "law": self.law,
            "zh": self.zh,
            "en": self.en,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A period as ``deadline`` counted it. ``parts``: ((length, unit), end) of the period and of each extension."""

    start: date
    parts: tuple[tuple[tuple[int, str], date], ...]
    due: date
    nominal: date
    law: str
    pauses: "tuple[Pause, ...]"
    extensions: "tuple[Extension, ...]"
    days_off: tuple[date, ...]
    make_up: tuple[date, ...]
    stood: tuple[date, ...]
    unsettled: tuple[int, ...]
    paused: bool


def steps(period: Period, calendar: WorkCalendar) -> tuple[Step, ...]:
    """The steps of a count in the order a reader checks them."""
    start_law, month_law, roll_law = _counting(period.law)
    found = [_start(period, start_law), *_counts(period)]
    found += _days_off(period, calendar)
    found += _make_up(period, calendar)
    found += _pauses(period)
    found += _month_end(period, month_law)
    found += _roll(period, calendar, roll_law)
    found += _open_ends(period)
    found.append(
        Step(
            "due",
            period.due,
            period.due,
            None,
            f"届满日为{zh_date(period.due)}。",
            f"The last day is {en_date(period.due)}.",
        )
    )
    return tuple(found)


def _counting(law: str) -> tuple[str, str, str]:
    try:
        return _COUNTING[check(law).act.counting]
    except (CitationError, KeyError):
        return _COUNTING["CIVIL-CODE"]


def _working_days_law(law: str) -> str | None:
    try:
        return check(law).act.working_days_law
    except CitationError:
        return None


def _start(period: Period, law: str) -> Step:
    return Step(
        "start",
        period.start,
        period.start,
        law,
        f"起算日{zh_date(period.start)}不计入（{expand(law)['text_zh']}）。",
        f"The day it starts, {en_date(period.start)}, is not counted ({expand(law)['text_en']}).",
    )


def _counts(period: Period) -> list[Step]:
    (first, end), *rest = period.parts
    zh, en = amount(*first)
    cited = expand(period.law)
    by_zh, by_en = cited["text_zh"], cited["text_en"]
    if (
        first[1] == "working_day"
        and (declared := _working_days_law(period.law))
        and first[0] in check(period.law).act.working_days
    ):
        by_zh += f"，按工作日计依{expand(declared)['text_zh']}"
        by_en += f"; working days by {expand(declared)['text_en']}"
    found = [
        Step(
            "count",
            period.start + _ONE_DAY,
            end,
            period.law,
            f"自次日起计{zh}（{by_zh}），计至{zh_date(end)}。",
            f"{en} from the next day on ({by_en}) run to {en_date(end)}.",
        )
    ]
    before = end
    for ((length, unit), after), extension in zip(rest, period.extensions, strict=True):
        zh, en = amount(length, unit)
        why_zh = f"因{extension.reason_zh}" if extension.reason_zh else ""
        why_en = f" for {extension.reason_en}" if extension.reason_en else ""
        law = expand(extension.law)
        found.append(
            Step(
                "extension",
                before,
                after,
                extension.law,
                f"{why_zh}延长{zh}（{law['text_zh']}），至{zh_date(after)}。",
                f"Extended by {en}{why_en} ({law['text_en']}) to {en_date(after)}.",
            )
        )
        before = after
    return found


def _days_off(period: Period, calendar: WorkCalendar) -> list[Step]:
    """The holidays by name, and the other weekend days as a number."""
    named: dict[str, list[date]] = {}
    weekend = 0
    for day in period.days_off:
        holiday = calendar.holiday(day)
        if holiday is None:
            weekend += 1
        else:
            named.setdefault(f"{holiday.name_zh}|{holiday.name_en}", []).append(day)
    found = []
    for name, days in named.items():
        zh, en = name.split("|")
        for first, last in runs(days):
            span_zh, span_en = span(first, last)
            count = (last - first).days + 1
            found.append(
                Step(
                    "days_off",
                    first,
                    last,
                    None,
                    f"{zh}假期{span_zh}共{count}日不计。",
                    f"{en} ({span_en}) is not counted: {count} day{'s' if count > 1 else ''}.",
                )
            )
    if weekend:
        found.append(
            Step(
                "days_off",
                period.days_off[0],
                period.days_off[-1],
                None,
                f"其余周末{weekend}日不计。",
                f"{weekend} other weekend day{'s are' if weekend > 1 else ' is'} not counted.",
            )
        )
    return found


def _make_up(period: Period, calendar: WorkCalendar) -> list[Step]:
    found = []
    for day in period.make_up:
        holiday = calendar.make_up(day)
        zh, en = (holiday.name_zh, holiday.name_en) if holiday else ("", "")
        found.append(
            Step(
                "make_up",
                day,
                day,
                None,
                f"{zh_date(day)}为{zh}调休上班日，计入。",
                f"{en_date(day)} is a make-up working day for {en} and is counted.",
            )
        )
    return found


def _pauses(period: Period) -> list[Step]:
    found = []
    for pause in period.pauses:
        met = [day for day in period.stood if pause.first <= day and (pause.last is None or day <= pause.last)]
        if not met:
            continue
        span_zh, span_en = span(met[0], met[-1])
        why_zh, why_en = pause.reason_zh or "计时停止", pause.reason_en or "the clock stood"
        law = expand(pause.law)
        found.append(
            Step(
                "pause",
                met[0],
                met[-1],
                pause.law,
                f"{why_zh}（{law['text_zh']}），{span_zh}不计。",
                f"Not counted, because of {why_en} ({law['text_en']}): {span_en}.",
            )
        )
    return found


def _month_end(period: Period, law: str) -> list[Step]:
    (_, unit), end = period.parts[-1]
    if unit not in {"month", "year"} or period.stood or end.day >= period.start.day or len(period.parts) > 1:
        return []
    return [
        Step(
            "month_end",
            end,
            end,
            law,
            f"到期月没有{period.start.day}日，以月末日为最后一日（{expand(law)['text_zh']}）。",
            f"That month has no day {period.start.day}: its last day counts ({expand(law)['text_en']}).",
        )
    ]


def _roll(period: Period, calendar: WorkCalendar, law: str) -> list[Step]:
    if period.due == period.nominal:
        return []
    holiday = calendar.holiday(period.nominal)
    if holiday:
        why_zh, why_en = f"{holiday.name_zh}假期", holiday.name_en
    elif period.nominal.weekday() >= _SATURDAY:
        why_zh, why_en = "周末休息日", "a weekend"
    else:
        why_zh, why_en = "计时停止的日期", "a day on which the clock stands"
    return [
        Step(
            "roll",
            period.nominal,
            period.due,
            law,
            f"最后一日{zh_date(period.nominal)}为{why_zh}，顺延至其后第一个工作日（{expand(law)['text_zh']}）。",
            f"{en_date(period.nominal)} falls on {why_en}, so the period ends on the next working day "
            f"({expand(law)['text_en']}).",
        )
    ]


def _open_ends(period: Period) -> list[Step]:
    found = []
    if period.paused:
        found.append(
            Step(
                "paused",
                period.due,
                period.due,
                None,
                "计时现已停止，恢复后重新计算，本日期为暂定。",
                "The clock stands at present: the date is provisional and computed again when it runs on.",
            )
        )
    if period.unsettled:
        years = "、".join(f"{year}年" for year in period.unsettled)
        years_en = ", ".join(str(year) for year in period.unsettled)
        found.append(
            Step(
                "unsettled",
                period.due,
                period.due,
                None,
                f"{years}节假日安排尚未公布或载入，暂按周末推算，公布后重新计算。",
                f"The holiday notice for {years_en} is not published or not loaded: weekends alone were used, and "
                "the date is provisional until it is.",
            )
        )
    return found
