"""The mapping file (TOML) that says which column of a foreign file is what; a new file needs a new mapping, no code."""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cases.domain.imported_case import ACCOUNTS

TEXTS = ("reference", "party_key", "matter_title", "outcome")
DATES = ("happened_on", "title_on")
_REQUIRED_TEXTS = ("reference", "party_key", "matter_title")
_FORMATS = ("csv", "json", "jsonl")


class MappingError(ValueError):
    """A mapping file that does not say what it must; the text says where and what."""


@dataclass(frozen=True, kw_only=True)
class DateColumn:
    """A column that holds dates in one ``strptime`` format."""

    column: str
    format: str


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping read and checked.

    ``money`` maps each account to the source columns that add up to it; ``balance_column`` is only ever compared.
    Dates outside ``earliest``…``latest`` are impossible: the row is taken, the date left out and the row flagged.
    """

    name: str
    format: str
    encoding: str
    delimiter: str
    currency: str
    decimal_separator: str
    group_separator: str
    texts: dict[str, str]
    dates: dict[str, DateColumn]
    money: dict[str, tuple[str, ...]]
    balance_column: str | None
    earliest: date
    latest: date
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def money_columns(self) -> tuple[str, ...]:
        """Every money column once, in the order of the accounts."""
        return tuple(dict.fromkeys(column for columns in self.money.values() for column in columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the source must have."""
        named = [*self.texts.values(), *(d.column for d in self.dates.values()), *self.money_columns]
        return tuple(dict.fromkeys([*named, *([self.balance_column] if self.balance_column else [])]))


def read_mapping(path: Path, *, today: date) -> Mapping:
    """Read a mapping file.

    Raises:
        MappingError: when it is not TOML, lacks a part, or names something that does not exist.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name} is not TOML in UTF-8: {error}") from None
    source, case, money = (_section(raw, name, path) for name in ("source", "case", "money"))
    _only(raw, {"source", "case", "money", "check", "limits"}, path)
    check, limits = raw.get("check", {}), raw.get("limits", {})
    _only(source, {"name", "format", "encoding", "delimiter", "currency", "decimal_separator", "group_separator"}, path)
    _only(case, {*TEXTS, *DATES}, path)
    _only(money, set(ACCOUNTS), path)
    _only(check, {"balance"}, path)
    _only(limits, {"earliest", "latest"}, path)
    return Mapping(
        name=_text(source, "name", path),
        format=_choice(source.get("format", "csv"), _FORMATS, "source.format", path),
        encoding=source.get("encoding", "utf-8-sig"),
        delimiter=source.get("delimiter", ","),
        currency=_currency(source, path),
        decimal_separator=source.get("decimal_separator", "."),
        group_separator=source.get("group_separator", ""),
        texts={name: case[name] for name in TEXTS if isinstance(case.get(name), str)},
        constants=_constants(case, path),
        dates={name: _date_column(case[name], name, path) for name in DATES if name in case},
        money={account: _columns(money[account], account, path) for account in ACCOUNTS if account in money},
        balance_column=check.get("balance"),
        earliest=limits.get("earliest", date(1949, 10, 1)),
        latest=limits.get("latest", today),
    )


def _section(raw: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = raw.get(name)
    if not isinstance(section, dict) or not section:
        raise MappingError(f"{path.name}: the section [{name}] is missing")
    return section


def _only(section: dict[str, Any], known: set[str], path: Path) -> None:
    if unknown := sorted(set(section) - known):
        raise MappingError(f"{path.name}: {unknown[0]!r} is not known here; known are {', '.join(sorted(known))}")


def _text(section: dict[str, Any], name: str, path: Path) -> str:
    value = section.get(name)
    if not isinstance(value, str) or not value:
        raise MappingError(f"{path.name}: {name} must be a text")
    return value


def _choice(value: object, known: tuple[str, ...], name: str, path: Path) -> str:
    if value not in known:
        raise MappingError(f"{path.name}: {name} is {value!r}; it may be {', '.join(known)}")
    return str(value)


def _currency(source: dict[str, Any], path: Path) -> str:
    currency = _text(source, "currency", path)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise MappingError(f"{path.name}: source.currency is a code of three capital letters, such as CNY")
    return currency


def _constants(case: dict[str, Any], path: Path) -> dict[str, str]:
    constants = {n: case[n]["constant"] for n in TEXTS if isinstance(case.get(n), dict) and "constant" in case[n]}
    missing = [name for name in _REQUIRED_TEXTS if not isinstance(case.get(name), str) and name not in constants]
    if missing:
        raise MappingError(f'{path.name}: case.{missing[0]} must name a column, or be {{ constant = "…" }}')
    return constants


def _date_column(value: object, name: str, path: Path) -> DateColumn:
    if not isinstance(value, dict) or not {"column", "format"} == set(value):
        raise MappingError(f'{path.name}: case.{name} must be {{ column = "…", format = "%Y-%m-%d" }}')
    return DateColumn(column=value["column"], format=value["format"])


def _columns(value: object, account: str, path: Path) -> tuple[str, ...]:
    columns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
    if not columns or not all(isinstance(column, str) for column in columns):
        raise MappingError(f"{path.name}: money.{account} must name a column or a list of columns")
    return columns
