"""What a placeholder holds and how it is written in each language: text, money, dates, codes, choices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from gongzheng.money import format_minor

_CURRENCY_ZH = {"CNY": "元", "USD": "美元"}
_CODE_GROUP = 4
_MONTHS_EN = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 one line reads better than twelve
)


class Kind(StrEnum):
    """What a placeholder may hold."""

    TEXT = "text"
    FEN = "fen"
    DATE = "date"
    CODE = "code"
    CHOICE = "choice"
    FLAG = "flag"


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """One declared placeholder.

    ``source`` is the dotted path of its value in the event's data, per language where ``source_by_language`` says so.
    ``choices`` maps a code to its words per language. An optional one may be missing; a line that needs it is then
    left out.
    """

    name: str
    kind: Kind
    source: str
    source_by_language: Mapping[str, str] = field(default_factory=dict)
    currency_source: str | None = None
    optional: bool = False
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path in the event's data that this placeholder reads."""
        extra = (self.currency_source,) if self.currency_source else ()
        return tuple(dict.fromkeys((self.source, *self.source_by_language.values(), *extra)))

    def present(self, facts: Mapping[str, Any]) -> bool:
        """Whether a line that asks for it is kept: something is there, and it is neither false nor zero."""
        return bool(facts.get(self.source))

    def fault(self, facts: Mapping[str, Any]) -> str | None:
        """Why the facts cannot be written here, or None."""
        value = facts.get(self.source)
        if value is None:
            return None if self.optional else "missing"
        if self.kind is Kind.CHOICE:
            return None if value in self.choices else "not one of the choices"
        wanted: type = {Kind.FEN: int, Kind.FLAG: bool}.get(self.kind, str)
        if type(value) is not wanted:
            return f"not {self.kind}"
        return "not a date" if self.kind is Kind.DATE and not _is_date(str(value)) else None

    def write(self, facts: Mapping[str, Any], language: str) -> str:
        """The value in the words of the language; empty when it is missing."""
        value = facts.get(self.source_by_language.get(language, self.source)) or facts.get(self.source)
        if value is None or self.kind is Kind.FLAG:
            return ""
        if self.kind is Kind.FEN:
            return _money(value, str(facts.get(self.currency_source or "", None) or "CNY"), language)
        if self.kind is Kind.DATE:
            return _date(date.fromisoformat(value), language)
        if self.kind is Kind.CODE:
            return " ".join(value[i : i + _CODE_GROUP] for i in range(0, len(value), _CODE_GROUP))
        if self.kind is Kind.CHOICE:
            return self.choices[value][language]
        return _one_line(str(value))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _one_line(text: str) -> str:
    """A value never brings line breaks or control characters of its own into a message."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _money(amount: int, currency: str, language: str) -> str:
    whole, _, minor = format_minor(abs(amount)).partition(".")
    grouped = f"{int(whole):,}.{minor}"
    sign = "-" if amount < 0 else ""
    if language == "zh":
        return f"{sign}{grouped}{_CURRENCY_ZH.get(currency, currency)}"
    return f"{currency} {sign}{grouped}"


def _date(day: date, language: str) -> str:
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
