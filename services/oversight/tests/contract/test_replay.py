"""What oversight knows of cases, made again from the log of cases by the command that operators use."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gongzheng import cli
from gongzheng.contracts import registry
from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from services.oversight.tests.house import House

pytestmark = pytest.mark.req("X-02")
Capture = pytest.CaptureFixture[str]
Run = Callable[..., int]


def _example(name: str) -> dict[str, Any]:
    return dict(registry().example(f"cn.gongzheng.cases.{name}.v1"))


@pytest.fixture
def log(any_house: House, tmp_path: Path) -> Path:
    """Three cases reported and filed, all heard of; what cases published, in a file."""
    events: list[Envelope] = []
    for n in range(3):
        case_id = new_id()
        same = {"case_id": case_id, "complaint_id": None}
        reported = any_house.event("cases.case.reported", case_id, _example("case.reported") | same)
        numbered = same | {"case_number": f"2026-{n}"}
        filed = any_house.event("cases.case.filed", case_id, _example("case.filed") | numbered)
        events += [reported, filed]
    any_house.hear(*events)
    file = tmp_path / "cases.log"
    file.write_text("\n".join(event.to_json() for event in events))
    return file


@pytest.fixture
def run(any_house: House, log: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, with this house as its service."""
    monkeypatch.setattr(cli, "load_service", lambda _name: any_house.service)
    monkeypatch.setattr("gongzheng.runtime.consumer_of", lambda _service: any_house.consumer)
    return lambda *options: cli.run(["replay", "oversight", "known-cases", f"--log=cases={log}", *options])


def test_known_cases_are_made_again(any_house: House, run: Run, capsys: Capture) -> None:
    """Found damaged, mended, found equal; complaints, filings and the outbox are not touched."""
    execute = any_house.service.mechanism.execute
    before = execute("SELECT * FROM case_known ORDER BY case_id").fetchall()
    said = any_house.count("outbox")
    assert run("--check") == 0
    assert "6 events, as the log says" in capsys.readouterr().out

    execute("DELETE FROM case_known WHERE case_number = '2026-0'")
    execute("UPDATE case_known SET organisation_id = 'somebody' WHERE case_number = '2026-1'")
    assert run("--check") == 1
    assert "2 rows, 3 expected; 2 missing or wrong, 1 unexpected or wrong" in capsys.readouterr().out
    assert run("--as", "li") == 0
    assert "replaced" in capsys.readouterr().out

    assert execute("SELECT * FROM case_known ORDER BY case_id").fetchall() == before
    assert run("--check") == 0
    assert any_house.count("outbox") == said
    who = execute("SELECT actor FROM audit WHERE action = 'projection.replay'").fetchone()[0]
    assert who == "operator:li"


@pytest.mark.usefixtures("run")
def test_what_stands_in_the_way_is_told_in_one_sentence(capsys: Capture) -> None:
    """An unknown projection, no log, a log that is not there."""
    assert cli.run(["replay", "oversight"]) == 0
    assert "known-cases: case_known" in capsys.readouterr().out
    assert cli.run(["replay", "oversight", "everything"]) == 2
    assert "lists them" in capsys.readouterr().err
    assert cli.run(["replay", "oversight", "known-cases"]) == 2
    assert "OVERSIGHT_FEEDS" in capsys.readouterr().err
    assert cli.run(["replay", "oversight", "known-cases", "--log=cases=/nowhere"]) == 2
    assert "cannot be read" in capsys.readouterr().err
