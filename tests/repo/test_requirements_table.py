"""docs/requirements.md says what exists and which test shows it; here it is held to that."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "requirements.md"
_ROW = re.compile(r"^\| ([A-Z]-\d{2}) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_MARK = re.compile(r"pytest\.mark\.req\(([^)]*)\)")
_ID = re.compile(r'"([A-Z]-\d{2})"')
_PATH = re.compile(r"\]\(\.\./([^)]+)\)")


def _rows() -> dict[str, tuple[list[str], list[str]]]:
    """Id → (paths where it is built, paths of the tests that show it)."""
    found = _ROW.findall(TABLE.read_text(encoding="utf-8"))
    return {id_: (_PATH.findall(where), _PATH.findall(tests)) for id_, _, where, tests in found}


def _marked() -> dict[str, set[str]]:
    """Id → test files with that mark."""
    found: dict[str, set[str]] = {}
    places = [ROOT / "shared", ROOT / "services", ROOT / "tests"]
    for path in (path for place in places for path in place.rglob("test_*.py")):
        for mark in _MARK.findall(path.read_text(encoding="utf-8")):
            for id_ in _ID.findall(mark):
                found.setdefault(id_, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_requirement_that_a_test_names_has_its_row() -> None:
    """A mark nobody can look up says nothing."""
    assert set() == _marked().keys() - _rows().keys()


@pytest.mark.parametrize("id_", sorted(_rows()))
def test_every_row_leads_to_files_that_exist_and_tests_that_name_it(id_: str) -> None:
    """A row whose test does not carry its id is a claim without proof."""
    where, tests = _rows()[id_]
    assert where
    assert tests
    assert [path for path in where + tests if not (ROOT / path).exists()] == []
    assert set() == set(tests) - _marked().get(id_, set())


def test_the_table_lists_ids_once_and_in_order() -> None:
    """So that two people's additions meet in one place."""
    ids = [id_ for id_, *_ in _ROW.findall(TABLE.read_text(encoding="utf-8"))]
    letters = ["C", "F", "O", "N", "X"]
    assert ids == sorted(set(ids), key=lambda id_: (letters.index(id_[0]), id_))
