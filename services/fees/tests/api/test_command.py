"""``gongzheng fees``: the books verified, exported and believed by another program."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import realization
from click.testing import CliRunner

from fees.adapters import tables
from fees.cli import fees


@pytest.fixture
def books(house: Any, make: Any) -> Any:
    """Two currencies, part payments, an overpayment, a surcharge, an imported case."""
    house.load()
    bank = house.bank()
    bank.pay(house.owe()["payment_code"], 400_000)
    bank.pay(house.owe(confiscation_fen=50_000)["payment_code"], 1_400_000)
    house.hear(house.event("case.imported", make.imported()))
    house.on("2026-12-03")
    house.run_timers()
    house.service.database.close()
    yield house
    tables.proxy.initialize(house.service.database)


def run(house: Any, *words: str) -> Any:
    """The command over the house's database."""
    return CliRunner().invoke(fees, [*words, "--database", house.url])


@pytest.mark.req("F-05")
def test_verification_of_sound_books_ends_with_success(books: Any) -> None:
    """It shows each balance and counts no fault."""
    done = run(books, "ledger", "verify")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "6 transactions, 3 obligations, 0 faults")
    assert "treasury.payable" in done.output


@pytest.mark.req("F-05")
def test_verification_of_touched_books_fails_and_says_where(books: Any) -> None:
    """One fen."""
    books.service.database.connect()
    books.service.mechanism.execute("UPDATE obligation SET paid_fine_fen = paid_fine_fen + 1 WHERE state = 'open'"
                                    " AND origin = 'decision'")  # fmt: skip
    books.service.database.close()
    done = run(books, "ledger", "verify")
    assert done.exit_code == 1
    assert "FAULT" in done.output
    assert "receivable.fine" in done.output


@pytest.mark.req("F-05")
def test_beancount_accepts_the_export_and_reaches_the_same_balances(books: Any, tmp_path: Path) -> None:
    """bean-check is silent, and each account of the file has the balance of the API, to the fen."""
    target = tmp_path / "books.beancount"
    assert run(books, "ledger", "export", "--output", str(target)).exit_code == 0
    program = shutil.which("bean-check", path=str(Path(sys.executable).parent))
    assert program, "bean-check comes with beancount"
    checked = subprocess.run([program, str(target)], check=False, capture_output=True, text=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")

    tables.proxy.initialize(books.service.database)
    entries, errors, _ = loader.load_file(str(target))
    assert errors == []
    accounts = realization.realize(entries)  # type: ignore[no-untyped-call] # beancount publishes none
    theirs = {
        (node.account, position.units.currency): int(position.units.number * 100)
        for node in realization.iter_children(accounts)  # type: ignore[no-untyped-call] # the same
        for position in node.balance
    }
    ours = {
        (item["beancount"], item["currency"]): item["balance_fen"]
        for item in books.auditor.get("/ledger/accounts").expect(200)["items"]
        if item["balance_fen"]
    }
    assert theirs == ours


@pytest.mark.req("F-05")
def test_beancount_refuses_an_export_in_which_a_figure_was_touched(books: Any, tmp_path: Path) -> None:
    """The assertions at the end are not decoration."""
    lines = run(books, "ledger", "export").output.replace("4000.00 CNY", "4000.01 CNY", 1)
    target = tmp_path / "touched.beancount"
    target.write_text(lines, encoding="utf-8")
    assert loader.load_file(str(target))[1] != []


@pytest.mark.req("F-12")
@pytest.mark.req("F-13")
def test_parity_and_imports_are_told_on_the_command_line(books: Any) -> None:
    """Both agree, and say so by their exit status."""
    parity, imports = run(books, "parity"), run(books, "imports")
    assert (parity.exit_code, json.loads(parity.output)["holds"]) == (0, True)
    assert imports.exit_code == 0
    assert "reconciled" in imports.output
    assert "15.00" in imports.output


def test_a_wrong_address_is_told_in_one_sentence() -> None:
    """Exit status 2, no trace."""
    done = CliRunner().invoke(fees, ["ledger", "verify", "--database", "nonsense"])
    assert done.exit_code == 2
    assert "postgresql://" in done.output
