"""Reads a foreign file row by row, in constant memory, and makes cases of its rows by a mapping."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from cases.adapters.import_mapping import Mapping, MappingError
from cases.domain.imported_case import ImportedCase, RowRefused, imported_case
from gongzheng.money import parse_minor

Row = dict[str, str]
_CELL_MAX = 10_000
_GROUP_DIGITS = 3
_EXTRA = "\0extra"


class SourceError(ValueError):
    """A source that cannot be read at all; the text says where it breaks."""


def rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, Row]]:
    """Each row with its number (1 is the first after the header), cells stripped of surrounding white space.

    Raises:
        SourceError: when the file is not in the encoding or format that the mapping says.
        MappingError: when a column that the mapping names is not there.
    """
    try:
        with path.open(encoding=mapping.encoding, newline="") as file:
            if mapping.format == "csv":
                yield from _csv_rows(file, mapping)
            elif mapping.format == "jsonl":
                yield from _objects((json.loads(line, parse_float=str) for line in file if line.strip()), mapping)
            else:
                yield from _objects(_array(json.load(file, parse_float=str)), mapping)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not {mapping.encoding}: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise SourceError(f"{path.name} is not {mapping.format}: line {error.lineno}, {error.msg}") from None
    except csv.Error as error:
        raise SourceError(f"{path.name} is not CSV: {error}") from None
    except LookupError:
        raise MappingError(f"the encoding {mapping.encoding!r} is not known") from None


def _csv_rows(file: Iterator[str], mapping: Mapping) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(file, delimiter=mapping.delimiter, restkey=_EXTRA, strict=True)
    _expect(set(reader.fieldnames or ()), mapping)
    for number, raw in enumerate(reader, start=1):
        malformed = _EXTRA in raw or any(value is None for value in raw.values())
        yield number, {} if malformed else {name: value.strip() for name, value in raw.items()}


def _array(value: object) -> Iterator[object]:
    if not isinstance(value, list):
        raise SourceError("the JSON source is not an array of objects")
    return iter(value)


def _objects(values: Iterator[object], mapping: Mapping) -> Iterator[tuple[int, Row]]:
    for number, raw in enumerate(values, start=1):
        if number == 1 and isinstance(raw, dict):
            _expect(set(raw), mapping)
        flat = isinstance(raw, dict) and not any(isinstance(value, (dict, list)) for value in raw.values())
        cells = raw.items() if flat and isinstance(raw, dict) else ()
        yield number, {str(name): "" if value is None else str(value).strip() for name, value in cells}


def _expect(names: set[str], mapping: Mapping) -> None:
    if missing := [column for column in mapping.columns if column not in names]:
        raise MappingError(f"the source has no column {missing[0]!r}; it has {', '.join(sorted(names))}")


def case_of(row: Row, mapping: Mapping) -> tuple[ImportedCase, dict[str, int]]:
    """A case of one row, and the row's money columns in minor units.

    Raises:
        RowRefused: when the row cannot be taken over; the code says why.
    """
    if not row or any(len(cell) > _CELL_MAX for cell in row.values()):
        raise RowRefused("row-malformed")
    by_column = {column: _amount(row.get(column, ""), column, mapping) for column in mapping.money_columns}
    if all(amount is None for amount in by_column.values()):
        raise RowRefused("amounts-missing")
    if blank := [column for column, amount in by_column.items() if amount is None]:
        raise RowRefused("amount-missing", blank[0])
    money = {column: amount for column, amount in by_column.items() if amount is not None}
    dates, flags = _dates(row, mapping)
    case = imported_case(
        texts=mapping.constants | {name: row.get(column, "") for name, column in mapping.texts.items()},
        amounts={account: sum(money[column] for column in columns) for account, columns in mapping.money.items()},
        dates=dates,
        currency=mapping.currency,
        flags=flags,
        expected_balance_fen=_expected(row, mapping),
    )
    return case, money


def _expected(row: Row, mapping: Mapping) -> int | None:
    if mapping.balance_column is None:
        return None
    return _amount(row.get(mapping.balance_column, ""), mapping.balance_column, mapping)


def _amount(cell: str, column: str, mapping: Mapping) -> int | None:
    if not cell:
        return None
    whole, point, fraction = cell.partition(mapping.decimal_separator)
    if mapping.group_separator in whole and mapping.group_separator:
        head, *groups = whole.split(mapping.group_separator)
        # "1,5" must not become 15: a group separator stands before exactly three digits.
        if not all(len(group) == _GROUP_DIGITS for group in groups) or not 1 <= len(head.lstrip("-")) <= _GROUP_DIGITS:
            raise RowRefused("amount-unreadable", column)
        whole = head + "".join(groups)
    try:
        return parse_minor(f"{whole}.{fraction}" if point else whole)
    except ValueError:
        raise RowRefused("amount-unreadable", column) from None


def _dates(row: Row, mapping: Mapping) -> tuple[dict[str, date | None], tuple[str, ...]]:
    dates: dict[str, date | None] = {}
    flags = []
    for name, wanted in mapping.dates.items():
        cell = row.get(wanted.column, "")
        dates[name] = _date(cell, wanted.format, wanted.column) if cell else None
        found = dates[name]
        if found is not None and not mapping.earliest <= found <= mapping.latest:
            dates[name] = None
            flags.append(f"date-impossible: {wanted.column}")
    return dates, tuple(flags)


def _date(cell: str, format_: str, column: str) -> date:
    try:
        return datetime.strptime(cell, format_).date()  # noqa: DTZ007 a date without a time has no zone
    except ValueError:
        raise RowRefused("date-unreadable", column) from None
