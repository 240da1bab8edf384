"""An import from file to register: each case once, whatever happens on the way."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import peewee
import pytest

from cases.adapters.import_mapping import Mapping, read_mapping
from cases.adapters.tables import ImportedCaseRow
from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.worker import importer
from cases.worker.importer import run_import
from services.cases.tests.support.service import Desk

MAPPING = """
[source]
name = "elsewhere"
currency = "USD"
[case]
reference = "no"
party_key = "who"
matter_title = "what"
[money]
decided = "fine"
paid = "paid"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Mapping:
    """A mapping with two money columns."""
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return read_mapping(path, today=date(2026, 11, 20))


def source(tmp_path: Path, *rows: str) -> Path:
    """A source with these rows."""
    path = tmp_path / "source.csv"
    path.write_text("no,who,what,fine,paid\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def many(tmp_path: Path, count: int) -> Path:
    """A source of so many good rows, every seventh of them without amounts."""
    return source(
        tmp_path, *(f"A{n},P,parking,,,"[:-1] if n % 7 == 0 else f"A{n},P,parking,10,1" for n in range(count))
    )


def events(desk: Desk) -> list[str]:
    """The references of the cases that were announced, in order."""
    rows = desk.service.mechanism.execute(
        "SELECT body FROM outbox WHERE type = 'cn.gongzheng.cases.case.imported.v1' ORDER BY id"
    ).fetchall()
    return [json.loads(row[0])["data"]["source_reference"] for row in rows]


def open_work(desk: Desk) -> CasesUnitOfWork:
    """A unit of work of the service."""
    uow: CasesUnitOfWork = desk.service.uow_factory()
    return uow


@pytest.mark.req("C-31")
def test_a_second_run_takes_nothing_twice(any_desk: Desk, tmp_path: Path, mapping: Mapping) -> None:
    """The same file again counts as there already, with the same sums; a row that was changed is refused."""
    path = source(tmp_path, "A1,P,parking,10.50,1", "A2,P,parking,20,20", "A3,P,parking,,")
    first = run_import(path, mapping, unit_of_work=lambda: open_work(any_desk))
    again = run_import(path, mapping, unit_of_work=lambda: open_work(any_desk))
    assert (first.imported, first.already_imported, first.refused, first.balance) == (2, 0, 1, 950)
    assert (again.imported, again.already_imported, again.refused, again.balance) == (0, 2, 1, 950)
    assert first.sums == again.sums == {"fine": 3050, "paid": 2100}
    assert events(any_desk) == ["A1", "A2"]
    source(tmp_path, "A1,P,parking,10.50,2", "A4,P,parking,5,0")
    changed = run_import(path, mapping, unit_of_work=lambda: open_work(any_desk))
    assert [(r.row, r.reference, r.reason) for r in changed.refusals] == [(1, "A1", "changed-since-import")]
    assert (changed.imported, changed.balance) == (1, 500)


@pytest.mark.req("C-31")
def test_a_run_that_was_killed_goes_on_where_it_stopped(
    any_desk: Desk, tmp_path: Path, mapping: Mapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the third batch, started again: every case once, sums as in one piece."""
    monkeypatch.setattr(importer, "BATCH_ROWS", 10)
    path = many(tmp_path, 60)

    def killed_after(batches: int) -> Iterator[CasesUnitOfWork]:
        for _ in range(batches):
            yield open_work(any_desk)
        raise KeyboardInterrupt

    works = killed_after(2)
    with pytest.raises(KeyboardInterrupt):
        run_import(path, mapping, unit_of_work=lambda: next(works))
    report = run_import(path, mapping, unit_of_work=lambda: open_work(any_desk))
    accepted = 60 - len(range(0, 60, 7))
    assert (report.rows_read, report.imported, report.already_imported) == (60, accepted - 20, 20)
    assert report.sums == {"fine": accepted * 1000, "paid": accepted * 100}
    assert events(any_desk) == [f"A{n}" for n in range(60) if n % 7]
    assert {r.reason for r in report.refusals} == {"amounts-missing"}


@pytest.mark.req("C-31")
def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk, tmp_path: Path, mapping: Mapping) -> None:
    """The report of a dry run is the report of the run that follows."""
    path = many(tmp_path, 20)
    dry = run_import(path, mapping, unit_of_work=None).as_json()
    assert events(desk) == []
    real = run_import(path, mapping, unit_of_work=lambda: open_work(desk)).as_json()
    differing = {name for name in dry if dry[name] != real[name]}
    assert differing == {"import_id", "dry_run"}


@pytest.mark.req("C-31")
def test_a_reference_that_comes_twice_is_taken_once(desk: Desk, tmp_path: Path, mapping: Mapping) -> None:
    """The second row is refused by its number, even when it says the same."""
    path = source(tmp_path, "A1,P,parking,10,1", "A1,P,parking,10,1")
    report = run_import(path, mapping, unit_of_work=lambda: open_work(desk))
    assert [(r.row, r.reason) for r in report.refusals] == [(2, "reference-repeated")]
    assert report.sums == {"fine": 1000, "paid": 100}


@pytest.mark.req("C-31")
def test_what_was_taken_over_cannot_be_changed(any_desk: Desk, tmp_path: Path, mapping: Mapping) -> None:
    """The database itself refuses."""
    run_import(source(tmp_path, "A1,P,parking,10,1"), mapping, unit_of_work=lambda: open_work(any_desk))
    database = any_desk.service.database
    for change in (ImportedCaseRow.update(paid_fen=0), ImportedCaseRow.delete()):
        with pytest.raises(peewee.DatabaseError, match="append-only"), database.atomic():
            change.execute()
