"""``gongzheng import``: takes over old cases from a file by a mapping, with a report of everything that was refused."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cases.adapters.import_mapping import MappingError, read_mapping
from cases.adapters.import_reader import SourceError
from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.bootstrap import bootstrap_from_env
from cases.worker.importer import Report, run_import
from gongzheng.clock import SystemClock, legal_date
from gongzheng.db.migrate import migrate
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.money import format_minor
from gongzheng.observability.logging import configure_logging

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_SHOWN_MAX = 20


@click.command("import")
@click.argument("file", type=_FILE)
@click.option("--mapping", required=True, type=_FILE, help="TOML file that says which column is what.")
@click.option("--dry-run", is_flag=True, help="Read, check and sum, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option(
    "--refused", type=click.Path(dir_okay=False, path_type=Path), help="Write every refused row to this file."
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder of the one-process mode.")
def import_command(
    file: Path, mapping: Path, *, dry_run: bool, as_json: bool, refused: Path | None, data: Path | None
) -> None:
    """Take over old cases from FILE.

    With CASES_DATABASE_URL set it works on that database; otherwise on the data folder of the one-process mode, where
    the accounts are opened at once. A run that was cut off is simply started again: what is there already is counted
    as such and not taken twice.
    """
    configure_logging("WARNING")
    try:
        mapped = read_mapping(mapping, today=_today())
        with nullcontext() if dry_run else _target(data) as target:
            with _progress(file, quiet=as_json) as progress:
                unit_of_work = target.unit_of_work if target else None
                report = run_import(file, mapped, unit_of_work=unit_of_work, progress=progress)
            ledger = target.settle() if target else {}
    except (MappingError, SourceError) as error:
        raise click.UsageError(str(error)) from None
    if refused is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in report.as_json()["refusals"])
        refused.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(report.as_json() | ledger, ensure_ascii=False))
    else:
        _show(report, refused)


class _OnDatabase:
    """The cases service alone, on the database that the environment names; its relay carries the events on."""

    def __init__(self) -> None:
        self._service = bootstrap_from_env()
        migrate(self._service.database, self._service.migrations)

    def unit_of_work(self) -> CasesUnitOfWork:
        unit: CasesUnitOfWork = self._service.uow_factory(SYSTEM)
        return unit

    def settle(self) -> dict[str, Any]:
        self._service.database.close()
        return {}


@contextmanager
def _target(data: Path | None) -> Iterator[Any]:
    """Where the cases go: the named database, or the one-process mode's data folder when that is installed.

    The latter comes from the entry-point group ``gongzheng.suites``: this service knows no other.
    """
    if "CASES_DATABASE_URL" in os.environ and data is None:
        yield _OnDatabase()
        return
    found = next(iter(entry_points(group="gongzheng.suites")), None)
    if found is None:
        raise click.UsageError("set CASES_DATABASE_URL to the address of the cases database.")
    with found.load()(data or Path(os.environ.get("GONGZHENG_DATA", "data"))) as suite:
        yield suite


def _today() -> date:
    return legal_date(SystemClock().now())


@contextmanager
def _progress(file: Path, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, so that standard output holds the report alone."""
    console = Console(stderr=True)
    # Lines are counted, not rows: a cell may hold line breaks, and the bar need only be near the truth.
    with file.open("rb") as lines:
        total = max(sum(1 for _ in lines) - 1, 1)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(file.name, total=total)
        yield lambda rows: bar.update(task, completed=min(rows, total))


def _show(report: Report, refused: Path | None) -> None:
    console = Console()
    done = "would be imported" if report.dry_run else "imported"
    console.print(f"{report.rows_read} rows read, {report.imported} {done}, ", end="")
    console.print(
        f"{report.already_imported} there already, {report.refused} refused, {sum(report.flagged.values())} flagged"
    )
    table = Table("column", "sum", "currency")
    for column, amount in report.sums.items():
        table.add_row(column, format_minor(amount), report.currency)
    table.add_row("balance (computed)", format_minor(report.balance), report.currency)
    console.print(table)
    for reason, rows in sorted(report.refused_reasons.items()):
        console.print(f"refused, {reason}: {rows}")
    for reason, rows in sorted(report.flagged.items()):
        console.print(f"flagged, {reason}: {rows}")
    for row in report.refusals[:_SHOWN_MAX]:
        console.print(f"  row {row.row} {row.reference}: {row.reason}")
    if len(report.refusals) > _SHOWN_MAX:
        where = f"in {refused}" if refused else "with --refused FILE"
        console.print(f"  … and {len(report.refusals) - _SHOWN_MAX} more, every one {where}")
