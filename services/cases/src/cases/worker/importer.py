"""Runs an import from file to report: in batches that commit, so that a killed run goes on where it stopped."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import Any

from cases.adapters.import_mapping import Mapping
from cases.adapters.import_reader import case_of, rows
from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.domain.imported_case import ImportedCase, RowRefused
from cases.handlers.import_cases import import_cases
from gongzheng.ids import new_id

BATCH_ROWS = 200
"""A commit per row costs ten times as much; a kill loses at most this much work and no row."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A row that was not taken over: its number in the source (1 is the first), its reference and why."""

    row: int
    reference: str
    reason: str


@dataclass(kw_only=True)
class Report:
    """What an import read and did. Sums and balance in minor units of ``currency``, over every accepted row."""

    import_id: str
    source: str
    currency: str
    dry_run: bool
    rows_read: int = 0
    imported: int = 0
    already_imported: int = 0
    refused: int = 0
    refused_reasons: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    balance: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, row: int, reference: str, reason: str) -> None:
        """Count and list a row that was not taken over."""
        self.refused += 1
        self.refused_reasons[reason] += 1
        self.refusals.append(Refusal(row=row, reference=reference, reason=reason))

    def accept(self, case: ImportedCase, money: dict[str, int]) -> None:
        """Add an accepted row's amounts to the sums."""
        self.sums.update(money)
        self.balance += case.balance_fen
        self.flagged.update(flag.partition(":")[0] for flag in case.flags)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values; sums hold every money column, also one that is zero throughout."""
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        counted = {name: dict(value) for name, value in plain.items() if isinstance(value, Counter)}
        return plain | counted | {"refusals": [asdict(refusal) for refusal in self.refusals]}


@dataclass(frozen=True)
class _Read:
    row: int
    case: ImportedCase
    money: dict[str, int]


def run_import(
    path: Path,
    mapping: Mapping,
    *,
    unit_of_work: Callable[[], CasesUnitOfWork] | None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Report:
    """Read the file, take over what can be, and report; without a unit of work it is a dry run.

    Raises:
        SourceError, MappingError: when the file as a whole cannot be read; what was committed stays and counts as
            already imported next time.
    """
    report = Report(import_id=new_id(), source=mapping.name, currency=mapping.currency, dry_run=unit_of_work is None)
    report.sums.update(dict.fromkeys(mapping.money_columns, 0))
    reading, seen = _readable(path, mapping, report), set[str]()
    while batch := list(islice(reading, BATCH_ROWS)):
        fresh = [read for read in batch if not _repeated(read, seen, report)]
        _take(fresh, report, unit_of_work)
        progress(report.rows_read)
    progress(report.rows_read)
    return report


def _readable(path: Path, mapping: Mapping, report: Report) -> Iterator[_Read]:
    for number, row in rows(path, mapping):
        report.rows_read += 1
        try:
            yield _Read(number, *case_of(row, mapping))
        except RowRefused as refused:
            report.refuse(number, row.get(mapping.texts.get("reference", ""), ""), refused.code)


def _repeated(read: _Read, seen: set[str], report: Report) -> bool:
    if read.case.reference in seen:
        report.refuse(read.row, read.case.reference, "reference-repeated")
        return True
    seen.add(read.case.reference)
    return False


def _take(batch: list[_Read], report: Report, unit_of_work: Callable[[], CasesUnitOfWork] | None) -> None:
    changed: set[str] = set()
    if unit_of_work is None:
        report.imported += len(batch)
    else:
        with unit_of_work() as uow:
            taken = import_cases(
                uow, source=report.source, import_id=report.import_id, cases=[read.case for read in batch]
            )
        report.imported += len(taken.imported)
        report.already_imported += len(taken.unchanged)
        changed = set(taken.changed)
    for read in batch:
        if read.case.reference in changed:
            report.refuse(read.row, read.case.reference, "changed-since-import")
        else:
            report.accept(read.case, read.money)
