"""Reads the data files that a registrar loads: organisations, officers, legal bases and matters. Format 1, TOML.

The formats are described in ``data/catalogue/README.md`` and ``data/demo/README.md``. A file is taken whole or not at
all; every fault is named by entry and field.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar

from cases.domain.codes import credit_code_valid, region_code_valid
from cases.domain.errors import FileNotLoadable
from cases.domain.register import (
    LegalBasis,
    Matter,
    Officer,
    Organisation,
    Qualification,
    SanctionLine,
    Suspension,
)
from cases.domain.values import Employment, Level, PartyKind, Period, SanctionKind

FORMAT = 1
ENTRIES_MAX = 5_000
FAULTS_MAX = 100
TEXT_CHARS_MAX = 4_000
NUMBER_MAX = 2**53 - 1

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


class _Fault(ValueError):
    """One field of one entry is not as the format says."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


class _Entry:
    """One table of a file, read field by field."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it must be there and not be empty."""
        value = self._table.get(name, default)
        if (
            not isinstance(value, str)
            or "\0" in value
            or len(value) > TEXT_CHARS_MAX
            or (default is None and not value)
        ):
            raise _Fault(name, "a text is needed")
        return value

    def optional(self, name: str) -> str | None:
        """A text, or None when absent."""
        return self.text(name) if name in self._table else None

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """True or false."""
        value = self._table.get(name, default)
        if not isinstance(value, bool):
            raise _Fault(name, "true or false is needed")
        return value

    def number(self, name: str) -> int | None:
        """A whole number that is not negative, or None when absent."""
        value = self._table.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= NUMBER_MAX:
            raise _Fault(name, "a whole number of 0 or more is needed")
        return value

    def day(self, name: str) -> date:
        """A date that must be there."""
        found = self.optional_day(name)
        if found is None:
            raise _Fault(name, "a date is needed")
        return found

    def optional_day(self, name: str) -> date | None:
        """A date, or None when absent."""
        value = self._table.get(name)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise _Fault(name, "a date without quotes is needed")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty when absent."""
        value = self._table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise _Fault(name, "a list of texts is needed")
        return tuple(value)

    def choice(self, name: str, kind: type[E]) -> E:
        """One of a closed list."""
        try:
            return kind(self.text(name))
        except ValueError:
            raise _Fault(name, f"one of {', '.join(str(item.value) for item in kind)} is needed") from None

    def choices(self, name: str, kind: type[E]) -> tuple[E, ...]:
        """Some of a closed list."""
        try:
            return tuple(kind(text) for text in self.texts(name))
        except ValueError:
            raise _Fault(name, f"some of {', '.join(str(item.value) for item in kind)} are needed") from None

    def period(self, since: str, until: str) -> Period:
        """A closed interval of days."""
        first, last = self.day(since), self.optional_day(until)
        if last is not None and last < first:
            raise _Fault(until, f"lies before {since}")
        return Period(since=first, until=last)

    def tables(self, name: str) -> list["_Entry"]:
        """The tables below this one."""
        value = self._table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise _Fault(name, "an array of tables is needed")
        return [_Entry(item) for item in value]


def read_organisations(content: bytes) -> list[Organisation]:
    """The organisations of a file.

    Raises:
        FileNotLoadable: naming each fault.
    """
    return _read(content, {"organisation": _organisation})["organisation"]


def read_officers(content: bytes) -> list[Officer]:
    """The officers of a file.

    Raises:
        FileNotLoadable: naming each fault.
    """
    return _read(content, {"officer": _officer})["officer"]


def read_catalogue(content: bytes) -> tuple[list[LegalBasis], list[Matter]]:
    """The legal bases and the matters of a file.

    Raises:
        FileNotLoadable: naming each fault.
    """
    found = _read(content, {"basis": _basis, "matter": _matter})
    return found["basis"], found["matter"]


def _read(content: bytes, readers: Mapping[str, Callable[[_Entry], Any]]) -> dict[str, list[Any]]:
    try:
        file = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FileNotLoadable(
            "文件不是有效的TOML。", "The file is not valid TOML.", errors={"file": [str(error)[:200]]}
        ) from None
    errors: dict[str, list[str]] = {}
    if file.get("format") != FORMAT:
        errors["format"] = [f"must be {FORMAT}"]
    if unknown := sorted(set(file) - {"format", *readers}):
        errors["file"] = [f"holds unknown tables: {', '.join(unknown)[:200]}"]
    found = {name: _entries(name, file.get(name, []), reader, errors) for name, reader in readers.items()}
    if not errors and not any(found.values()):
        errors["file"] = ["holds no entry"]
    if errors:
        raise FileNotLoadable("请更正后重新载入。", "Mend the file and load it again.", errors=errors)
    return found


def _entries(name: str, tables: Any, reader: Callable[[_Entry], T], errors: dict[str, list[str]]) -> list[T]:
    if not isinstance(tables, list) or len(tables) > ENTRIES_MAX or not all(isinstance(t, dict) for t in tables):
        errors[name] = [f"must be an array of at most {ENTRIES_MAX} tables"]
        return []
    found = []
    for number, table in enumerate(tables, start=1):
        try:
            found.append(reader(_Entry(table)))
        except _Fault as fault:
            if len(errors) < FAULTS_MAX:
                errors[f"{name}.{number}.{fault.field}"] = [fault.reason]
    return found


def _organisation(entry: _Entry) -> Organisation:
    code = entry.text("credit_code")
    if not credit_code_valid(code):
        raise _Fault("credit_code", "is no unified social credit code (GB 32100)")
    region = entry.text("region_code")
    if not region_code_valid(region):
        raise _Fault("region_code", "six digits are needed")
    return Organisation(
        id=code,
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        level=entry.choice("level", Level),
        region_code=region,
        document_prefix=entry.text("document_prefix"),
        parent=entry.optional("parent"),
        qualifications=tuple(
            Qualification(
                kind=below.text("kind"),
                law=below.texts("law"),
                fields=below.texts("fields"),
                period=below.period("valid_from", "valid_to"),
                granted_by_zh=below.text("granted_by_zh", ""),
                granted_by_en=below.text("granted_by_en", ""),
                entrusted_by=below.optional("entrusted_by"),
            )
            for below in entry.tables("qualification")
        ),
    )


def _officer(entry: _Entry) -> Officer:
    return Officer(
        id=entry.text("credential_number"),
        subject=entry.text("subject"),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en", ""),
        organisation_id=entry.text("organisation"),
        employment=entry.choice("employment", Employment),
        credential=entry.period("credential_from", "credential_to"),
        trained_on=entry.optional_day("trained_on"),
        legal_qualification_from=entry.optional_day("legal_qualification_from"),
        revoked_on=entry.optional_day("revoked_on"),
        roles=entry.texts("roles"),
        suspensions=tuple(
            Suspension(
                period=below.period("valid_from", "valid_to"),
                reason_zh=below.text("reason_zh", ""),
                reason_en=below.text("reason_en", ""),
            )
            for below in entry.tables("suspension")
        ),
    )


def _basis(entry: _Entry) -> LegalBasis:
    return LegalBasis(
        id=entry.text("id"),
        short=entry.text("short"),
        title_zh=entry.text("title_zh"),
        title_en=entry.text("title_en"),
        kind=entry.text("kind"),
        period=entry.period("in_force_from", "in_force_to"),
        status=entry.text("status"),
        version_zh=entry.text("version_zh", ""),
        repealed_by=entry.optional("repealed_by"),
    )


def _matter(entry: _Entry) -> Matter:
    sanctioned = entry.texts("sanctioned")
    if not sanctioned:
        raise _Fault("sanctioned", "names no article")
    return Matter(
        id=entry.text("id"),
        field=entry.text("field"),
        basis_id=entry.text("basis"),
        title_zh=entry.text("title_zh"),
        title_en=entry.text("title_en"),
        violated=entry.texts("violated"),
        sanctioned=sanctioned,
        period=entry.period("in_force_from", "in_force_to"),
        status=entry.text("status"),
        party_kinds=entry.choices("party_kinds", PartyKind),
        limitation_years=entry.number("limitation_years") or 0,
        limitation_years_with_harm=entry.number("limitation_years_with_harm"),
        procedures=entry.texts("procedures"),
        order_to_correct=entry.flag("order_to_correct", default=False),
        correct_first=entry.flag("correct_first", default=False),
        reconsideration_first=entry.text("reconsideration_first", ""),
        closing_only=entry.flag("closing_only", default=False),
        fine_level=entry.choice("fine_level", Level) if entry.optional("fine_level") else None,
        fine_level_from_fen=entry.number("fine_level_from_fen") or 0,
        fine_level_law=entry.text("fine_level_law", ""),
        quote_zh=entry.text("quote_zh", ""),
        sanctions=tuple(_sanction_line(below) for below in entry.tables("sanction")),
    )


def _sanction_line(entry: _Entry) -> SanctionLine:
    line = SanctionLine(
        kind=entry.choice("kind", SanctionKind),
        mandatory=entry.flag("mandatory", default=False),
        grave_only=entry.flag("grave_only", default=False),
        party_kinds=entry.choices("party_kinds", PartyKind),
        min_fen=entry.number("min_fen"),
        max_fen=entry.number("max_fen"),
        base=entry.optional("base"),
        min_permille=entry.number("min_permille"),
        max_permille=entry.number("max_permille"),
        base_from_fen=entry.number("base_from_fen"),
        base_below_fen=entry.number("base_below_fen"),
        unit=entry.optional("unit"),
        when_zh=entry.text("when_zh", ""),
        when_en=entry.text("when_en", ""),
    )
    if line.kind is SanctionKind.FINE and (line.max_fen is None) == (line.max_permille is None):
        raise _Fault("sanction", "a fine is given either in fen or in thousandths of a base")
    if line.max_permille is not None and line.base is None:
        raise _Fault("sanction", "thousandths need a base")
    return line
