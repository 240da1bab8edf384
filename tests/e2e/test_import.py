"""``gongzheng import``, as an operator types it: the real sample, and its accounts in the other service's books."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/data/nyc_parking_camera/cases.csv"
MAPPING = ROOT / "services/cases/src/cases/data/mappings/nyc_parking_camera.toml"
SUMS = {
    "fine_amount": 26_841_000,
    "penalty_amount": 5_641_000,
    "interest_amount": 953_339,
    "reduction_amount": 3_861_282,
    "payment_amount": 24_778_672,
}
BALANCE = 4_795_385


def command(*words: str) -> list[str]:
    """The command line."""
    return [str(Path(sys.executable).with_name("gongzheng")), "import", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Type it."""
    return subprocess.run(command(*words), capture_output=True, text=True, check=False, cwd=ROOT, timeout=240)


def report(*words: str) -> dict[str, Any]:
    """The JSON report of a run that went well."""
    done = run("--mapping", str(MAPPING), str(SAMPLE), "--json", *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def opening_balances(data: Path) -> list[tuple[Any, ...]]:
    """What the books of fees say of the imported accounts: number and outstanding sum."""
    with sqlite3.connect(data / "fees.db") as books:
        owed = "decided_fen + surcharge_fen + interest_fen - waived_fen - paid_fen"
        return books.execute(f"SELECT count(*), sum({owed}) FROM opening_balance").fetchall()  # noqa: S608 a constant


@pytest.mark.req("C-31", "F-13")
def test_the_sample_is_taken_over_once_even_when_the_run_is_killed(tmp_path: Path) -> None:
    """A dry run, a run killed with SIGKILL, the rest: the sums of the source, and the same balance in the ledger."""
    data = tmp_path / "data"
    dry = report("--dry-run")
    assert (dry["rows_read"], dry["imported"], dry["refused"]) == (4086, 3771, 315)
    assert not data.exists()
    killed = subprocess.Popen(
        command("--mapping", str(MAPPING), str(SAMPLE), "--json", "--data", str(data)),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for_rows(data / "cases.db")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    refused = tmp_path / "refused.jsonl"
    real = report("--data", str(data), "--refused", str(refused))
    assert real["imported"] + real["already_imported"] == 3771
    assert real["already_imported"] > 0
    assert (real["refused_reasons"], real["flagged"]) == ({"amounts-missing": 315}, {"date-impossible": 1})
    assert (real["sums"], real["balance"], real["currency"]) == (SUMS, BALANCE, "USD")
    assert real["events_waiting"] == 0
    assert len(refused.read_text(encoding="utf-8").splitlines()) == 315
    assert opening_balances(data) == [(3771, BALANCE)]


def wait_for_rows(database: Path) -> None:
    """Until the first batch is committed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if database.exists():
            try:
                with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as cases:
                    if cases.execute("SELECT count(*) FROM imported_case").fetchone()[0]:
                        return
            except sqlite3.OperationalError:
                pass
        time.sleep(0.01)
    raise AssertionError("no row was committed")


@pytest.mark.req("C-31")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mapping", str(ROOT / "README.md"), str(SAMPLE)], "is not TOML"),
        (["--mapping", str(MAPPING), str(MAPPING), "--dry-run"], "has no column"),
        (["--mapping", str(MAPPING), "/nowhere.csv"], "does not exist"),
        ([str(SAMPLE)], "Missing option '--mapping'"),
    ],
)
def test_wrong_input_is_one_sentence_and_status_2(words: list[str], said: str) -> None:
    """No traceback, nothing on standard output, and the sentence says what to mend."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
