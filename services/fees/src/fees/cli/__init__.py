"""The command ``gongzheng fees``: verify and export the books, parity, the sums of imports.

Every command reads the service's settings from the environment (``FEES_…``), as the service itself does.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from fees.adapters.unit_of_work import FeesUnitOfWork
from fees.bootstrap import bootstrap_from_env
from fees.handlers.export_ledger import export_ledger
from fees.handlers.report_parity import report_parity
from fees.handlers.verify_ledger import verify_ledger
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.money import format_minor
from gongzheng.settings import SettingsError


@click.group()
def fees() -> None:
    """Money: the ledger, parity and imports. 收费：账簿、核对与历史余额。"""


@fees.group()
def ledger() -> None:
    """The double-entry books. 复式账簿。"""


@ledger.command()
def verify() -> None:
    """Derive every figure again and compare; exit status 1 when one differs. 逐笔复算账簿。"""
    with _books() as uow:
        found = verify_ledger(uow)
    for (currency, account), balance in sorted(found.balances.items()):
        click.echo(f"{currency}  {account:<26} {format_minor(balance):>20}")
    click.echo(f"transactions {found.transactions}, obligations {found.obligations}, faults {len(found.faults)}")
    for fault in found.faults:
        click.echo(f"FAULT {fault}", err=True)
    sys.exit(0 if found.holds else 1)


@ledger.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; standard output else.")
def export(output: Path | None) -> None:
    """Write the books as a beancount file. 导出 beancount 账簿。"""
    with _books() as uow, output.open("w", encoding="utf-8") if output else _standard_output() as target:
        for line in export_ledger(uow):
            target.write(line + "\n")


@fees.command()
def parity() -> None:
    """Compare served decisions with obligations; exit status 1 when they differ. 核对决定与应收。"""
    with _books() as uow:
        found = report_parity(uow)
    click.echo(json.dumps(vars(found) | {"holds": found.holds}, ensure_ascii=False, indent=2))
    sys.exit(0 if found.holds else 1)


@fees.command("imports")
@click.argument("import_id", required=False)
def imports(import_id: str | None) -> None:
    """The sums of imports, as stated and as booked; exit status 1 when they differ. 历史案件合计。"""
    with _books() as uow:
        found = uow.openings.sums(import_id)
    for sums in found:
        click.echo(
            f"{sums.import_id}  {sums.currency}  {sums.cases} cases  {'reconciled' if sums.reconciled else 'DIFFERENT'}"
        )
        for name, stated in sums.stated.items():
            click.echo(f"  {name:<10} {format_minor(stated):>16}  booked {format_minor(sums.booked.get(name, 0)):>16}")
        click.echo(f"  {'balance':<10} {format_minor(sums.balance_fen):>16}")
    sys.exit(0 if all(sums.reconciled for sums in found) else 1)


@contextmanager
def _books() -> Iterator[FeesUnitOfWork]:
    """A unit of work of the service that the environment describes.

    Raises:
        click.ClickException: when a setting is missing.
    """
    try:
        service = bootstrap_from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    try:
        with service.uow_factory(SYSTEM) as uow:
            yield uow
    finally:
        service.database.close()


@contextmanager
def _standard_output() -> Iterator[click.utils.LazyFile]:
    yield click.get_text_stream("stdout")  # type: ignore[misc] # both can be written to
