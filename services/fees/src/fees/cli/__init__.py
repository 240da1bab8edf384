"""The command ``gongzheng fees``: verify and export the books, parity, the sums of imports.

Each command reads the service's settings from the environment (``FEES_…``), or only looks at the database that
``--database`` names. Exit status 1 means that the figures do not agree.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from fees.adapters import tables
from fees.adapters.unit_of_work import FeesUnitOfWork, Tools
from fees.adapters.vault import Vault
from fees.bootstrap import NAME, bootstrap_from_env
from fees.domain.events import EVENT_TYPES
from fees.handlers.export_ledger import export_ledger
from fees.handlers.report_parity import report_parity
from fees.handlers.verify_ledger import verify_ledger
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.money import format_minor

Command = TypeVar("Command", bound=Callable[..., Any])


def _database(command: Command) -> Command:
    return click.option(
        "--database", metavar="URL", help="Look at this database (sqlite:////path or postgresql://…) and no settings."
    )(command)


@click.group()
def fees() -> None:
    """Money (收费): the ledger, parity and the sums of imports."""


@fees.group()
def ledger() -> None:
    """The double-entry books (复式账簿)."""


@ledger.command()
@_database
def verify(database: str | None) -> None:
    """Derive every figure again and compare (逐笔复算)."""
    with _books(database) as uow:
        found = verify_ledger(uow)
    for (currency, account), balance in sorted(found.balances.items()):
        click.echo(f"{currency}  {account:<26} {format_minor(balance):>20}")
    for fault in found.faults:
        click.echo(f"FAULT  {fault}", err=True)
    click.echo(f"{found.transactions} transactions, {found.obligations} obligations, {len(found.faults)} faults")
    raise click.exceptions.Exit(0 if found.holds else 1)


@ledger.command()
@_database
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output.")
def export(database: str | None, output: Path | None) -> None:
    """Write the books as a beancount file, which bean-check accepts (导出账簿)."""
    with _books(database) as uow:
        lines = export_ledger(uow)
        if output is None:
            for line in lines:
                click.echo(line)
        else:
            with output.open("w", encoding="utf-8") as target:
                target.writelines(line + "\n" for line in lines)


@fees.command()
@_database
def parity(database: str | None) -> None:
    """Compare served decisions with obligations (决定与应收核对)."""
    with _books(database) as uow:
        found = report_parity(uow)
    click.echo(json.dumps({"holds": found.holds} | vars(found), ensure_ascii=False, indent=2))
    raise click.exceptions.Exit(0 if found.holds else 1)


@fees.command()
@_database
@click.argument("import_id", required=False)
def imports(database: str | None, import_id: str | None) -> None:
    """The sums of imports, as stated and as booked (历史案件合计)."""
    with _books(database) as uow:
        found = uow.openings.sums(import_id)
    for sums in found:
        verdict = "reconciled" if sums.reconciled else "DIFFERENT"
        click.echo(f"{sums.import_id}  {sums.currency}  {sums.cases} cases  {verdict}")
        for name, stated in sums.stated.items():
            booked = format_minor(sums.booked.get(name, 0))
            click.echo(f"  {name:<10} {format_minor(stated):>16}  booked {booked:>16}")
        click.echo(f"  {'balance':<10} {format_minor(sums.balance_fen):>16}")
    raise click.exceptions.Exit(0 if all(sums.reconciled for sums in found) else 1)


@contextmanager
def _books(url: str | None) -> Iterator[FeesUnitOfWork]:
    """A unit of work over the database that is named, or over that of the environment's service."""
    mechanism, uow_factory = _over(url) if url else _of_environment()
    try:
        with uow_factory() as uow:
            yield uow
    finally:
        mechanism.database.close()


def _of_environment() -> tuple[Mechanism, Callable[[], FeesUnitOfWork]]:
    service = bootstrap_from_env()
    return service.mechanism, lambda: service.uow_factory(SYSTEM)


def _over(url: str) -> tuple[Mechanism, Callable[[], FeesUnitOfWork]]:
    try:
        database = open_database(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--database") from None
    tables.proxy.initialize(database)
    mechanism = Mechanism(database=database, service=NAME, source="urn:gongzheng:fees", event_types=EVENT_TYPES)
    # Nothing that these commands do opens a secret; a vault without the key only completes the tools.
    tools = Tools(vault=Vault(bytes(32)))
    return mechanism, lambda: FeesUnitOfWork(mechanism, tools)
