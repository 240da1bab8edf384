"""The repository itself: what is committed names no machine and no registry, and stays readable."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 450  # half as much again as the habit of about 300: from here on it is surely two rooms
_ADDRESS = re.compile(r"https?://|file://|--index-url|--find-links")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError|pytest\.mark\.(skip|xfail)\b|pytest\.skip\(")


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    # A file that is being renamed is listed and gone.
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_locks_carry_hashes_and_no_address() -> None:
    """What is installed is fixed by its hash, not by where it came from."""
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert _ADDRESS.search(text) is None
        pinned = re.findall(r"^([a-z0-9_.-]+)==\S+( ;.*)? \\\n    --hash=sha256:", text, re.MULTILINE)
        named = re.findall(r"^([a-z0-9][a-z0-9_.-]*)==", text, re.MULTILINE)
        assert named
        assert len(named) == len(pinned)


def test_the_lock_for_node_carries_hashes_and_no_registry() -> None:
    """The AsyncAPI parser of the tests and all it stands on; addresses of funding pages are none of a registry."""
    folder = ROOT / "tests" / "asyncapi"
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert "omit-lockfile-registry-resolved=true" in (folder / ".npmrc").read_text(encoding="utf-8").split()


def test_everything_that_runs_is_also_in_the_lock_of_the_tests_at_the_same_version() -> None:
    """So that what was tested is what runs, and a test environment also serves `make run`."""

    def versions(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9][a-z0-9_.-]*==\S+)", text, re.MULTILINE))

    assert set() == versions("run.lock") - versions("dev.lock")


def test_no_python_file_grew_into_two_rooms() -> None:
    """A newcomer finds the room from the name; a file of this length is more than one."""
    long = {str(path.relative_to(ROOT)): count for path in _tracked("*.py") if (count := _lines(path)) > LINES_MAX}
    assert long == {}


def test_nothing_is_left_unfinished() -> None:
    """No stub, skipped test or note to self waits in the code."""
    here = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked("*.py", "*.js", "*.sh", "Makefile")
        if path != here
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if _UNFINISHED.search(line)
    ]
    assert found == []


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
