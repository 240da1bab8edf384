"""docs/threat-model.md names a test for each answer; here it is held to that."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| (T-\d{2}) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"\[(test_\w+)\]\(\.\./([^)]+)\)")
ROWS = dict(_ROW.findall(MODEL))


@pytest.mark.parametrize("id_", sorted(ROWS))
def test_every_threat_has_an_answer_and_a_test_that_exists(id_: str) -> None:
    """An answer nobody tries is a hope."""
    shown = _TEST.findall(ROWS[id_])
    assert shown
    for name, path in shown:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), f"{name} is not in {path}"


def test_threats_are_numbered_without_gap() -> None:
    """So that one can be cited."""
    assert list(ROWS) == [f"T-{number:02d}" for number in range(1, len(ROWS) + 1)]
