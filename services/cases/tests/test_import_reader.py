"""An old file becomes cases by a mapping alone: what is read, what is refused and why."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from cases.adapters.import_mapping import Mapping, MappingError, read_mapping
from cases.adapters.import_reader import SourceError, case_of, rows
from cases.domain.imported_case import RowRefused

ROOT = Path(__file__).parents[3]
NEW_YORK = ROOT / "tests/data/nyc_parking_camera/cases.csv"
NEW_YORK_MAPPING = ROOT / "services/cases/src/cases/data/mappings/nyc_parking_camera.toml"
TODAY = date(2026, 11, 20)

GENERIC = """
[source]
name = "elsewhere"
currency = "EUR"
delimiter = ";"
decimal_separator = ","
group_separator = "."
[case]
reference = "Aktenzeichen"
party_key = "Schuldner"
matter_title = { constant = "Parken" }
happened_on = { column = "Tag", format = "%d.%m.%Y" }
[money]
decided = ["Bussgeld", "Auslagen"]
paid = "Gezahlt"
[check]
balance = "Offen"
"""
HEADER = "Aktenzeichen;Schuldner;Tag;Bussgeld;Auslagen;Gezahlt;Offen\n"


def mapping_of(tmp_path: Path, text: str = GENERIC) -> Mapping:
    """A mapping read from text."""
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, today=TODAY)


def outcome(tmp_path: Path, line: str) -> str:
    """The reason for which one line is refused, or the balance it gives."""
    path = tmp_path / "source.csv"
    path.write_text(HEADER + line + "\n", encoding="utf-8")
    mapping = mapping_of(tmp_path)
    _, row = next(iter(rows(path, mapping)))
    try:
        return f"balance {case_of(row, mapping)[0].balance_fen}"
    except RowRefused as refused:
        return refused.code


@pytest.mark.req("C-31")
def test_the_new_york_sample_sums_to_the_cent() -> None:
    """Sums, balance, refusals and the flagged date are those that the file's description states."""
    mapping = read_mapping(NEW_YORK_MAPPING, today=TODAY)
    sums: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    flags: list[tuple[str, tuple[str, ...]]] = []
    balance = 0
    for _, row in rows(NEW_YORK, mapping):
        try:
            case, money = case_of(row, mapping)
        except RowRefused as error:
            refused[error.code] += 1
            continue
        sums.update(money)
        balance += case.balance_fen
        if case.flags:
            flags.append((case.reference, case.flags))
    assert sums == {
        "fine_amount": 26_841_000,
        "penalty_amount": 5_641_000,
        "interest_amount": 953_339,
        "reduction_amount": 3_861_282,
        "payment_amount": 24_778_672,
    }
    assert balance == 4_795_385
    assert refused == {"amounts-missing": 315}
    assert flags == [("3377436054", ("date-impossible: issue_date",))]


@pytest.mark.req("C-31")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A1;S1;01.02.2020;1.200,50;3;100;1.103,50", "balance 110350"),
        ("A1;S1;;10;0;10;0", "balance 0"),
        (";S1;01.02.2020;10;0;0;10", "reference-missing"),
        ("A1;;01.02.2020;10;0;0;10", "party-key-missing"),
        ("A1;S1;01.02.2020;;;;", "amounts-missing"),
        ("A1;S1;01.02.2020;10;;0;10", "amount-missing"),
        ("A1;S1;01.02.2020;zehn;0;0;10", "amount-unreadable"),
        ("A1;S1;01.02.2020;1.2;0;0;10", "amount-unreadable"),
        ("A1;S1;01.02.2020;10,555;0;0;10", "amount-unreadable"),
        ("A1;S1;01.02.2020;-10;0;0;-10", "amount-negative"),
        ("A1;S1;01.02.2020;10;0;20;-10", "balance-negative"),
        ("A1;S1;01.02.2020;10;0;0;9,99", "balance-differs"),
        ("A1;S1;31.02.2020;10;0;0;10", "date-unreadable"),
        ("A1;S1;01.02.2020;10;0;0", "row-malformed"),
        ("A1;S1;01.02.2020;10;0;0;10;more", "row-malformed"),
    ],
)
def test_a_row_is_taken_or_refused_with_its_reason(tmp_path: Path, line: str, expected: str) -> None:
    """Another file with other names and another notation needs only its mapping."""
    assert outcome(tmp_path, line) == expected


@pytest.mark.req("C-31")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[money]", "[monye]"), "[money] is missing"),
        (("EUR", "Euro"), "three capital letters"),
        (('reference = "Aktenzeichen"', ""), "case.reference must name a column"),
        (('paid = "Gezahlt"', 'payed = "Gezahlt"'), "'payed' is not known"),
        (('format = "%d.%m.%Y"', 'fmt = "%d"'), "case.happened_on must be"),
        (('name = "elsewhere"', "name = "), "is not TOML"),
    ],
)
def test_a_mapping_that_is_wrong_says_where(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    """A mistake in the mapping stops the import before a row is read."""
    with pytest.raises(MappingError, match=said.replace("[", r"\[").replace("]", r"\]")):
        mapping_of(tmp_path, GENERIC.replace(*change))


@pytest.mark.req("C-31")
def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error lists the columns that the source has."""
    path = tmp_path / "source.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(MappingError, match="no column 'Aktenzeichen'; it has a, b"):
        list(rows(path, mapping_of(tmp_path)))


@pytest.mark.req("C-31")
@pytest.mark.parametrize(
    ("format_", "content", "said"),
    [
        ("csv", b"\xff\xfe\x00", "is not utf-8-sig: byte 0"),
        ("json", b'{"a": 1}', "not an array"),
        ("json", b"[{", "is not json: line 1"),
        ("jsonl", b'{"Aktenzeichen": ', "is not jsonl"),
    ],
)
def test_a_source_that_cannot_be_read_says_where(tmp_path: Path, format_: str, content: bytes, said: str) -> None:
    """An unreadable file is refused as a whole, with the place."""
    path = tmp_path / "source"
    path.write_bytes(content)
    mapping = mapping_of(tmp_path, GENERIC.replace("[case]", f'format = "{format_}"\n[case]'))
    with pytest.raises(SourceError, match=said):
        list(rows(path, mapping))


@pytest.mark.req("C-31")
@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_json_is_read_to_the_cent(tmp_path: Path, format_: str) -> None:
    """Amounts written as JSON numbers are read from their digits, not through a float."""
    row = '{"Aktenzeichen":"A","Schuldner":"S","Tag":null,"Bussgeld":94.98,"Auslagen":0,"Gezahlt":0.1,"Offen":94.88}'
    path = tmp_path / "source"
    path.write_text(f"[{row}]" if format_ == "json" else row, encoding="utf-8")
    text = GENERIC.replace("[case]", f'format = "{format_}"\n[case]').replace('decimal_separator = ","\n', "")
    mapping = mapping_of(tmp_path, text.replace('group_separator = "."\n', ""))
    _, read = next(iter(rows(path, mapping)))
    assert case_of(read, mapping)[0].balance_fen == 9488
