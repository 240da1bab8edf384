"""What is missing on a machine is told in one sentence, with how to get it; what is there is left alone."""

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup() -> ModuleType:
    """deploy/setup.py, which is a script and not part of a package."""
    spec = importlib.util.spec_from_file_location("gongzheng_setup", ROOT / "deploy" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lacking(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, **programs: str) -> None:
    """A machine on which only these programs are to be found."""
    monkeypatch.setattr(setup.shutil, "which", lambda name, **_: programs.get(name.replace("-", "_")))


def test_what_needs_root_is_named_with_the_command_that_gets_it(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, exit status not zero, nothing half done."""
    lacking(setup, monkeypatch, apt_get="/usr/bin/apt-get")
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup, "has_chinese_font", lambda: False)
    assert setup.main(["run"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "sudo apt-get install --no-install-recommends fonts-noto-cjk" in said


def test_a_machine_without_apt_is_told_the_names(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other distributions have other commands; what is needed is the same."""
    lacking(setup, monkeypatch)
    monkeypatch.setattr(setup, "has_chinese_font", lambda: False)
    assert setup.main(["run"]) == 1
    assert "fonts-noto-cjk (Debian's names)" in capsys.readouterr().err


def test_an_old_python_is_told_to_step_aside(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything else is looked at."""
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2, "final", 0))
    assert setup.main(["run"]) == 1
    assert "Python 3.11 or newer is needed and this one is 3.9" in capsys.readouterr().err


def test_tests_need_servers_and_a_browser_and_running_does_not(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make run` asks for a font and nothing else."""
    lacking(setup, monkeypatch)
    monkeypatch.setattr(setup, "has_chinese_font", lambda: True)
    monkeypatch.setattr(setup, "has_postgresql", lambda: False)
    monkeypatch.setattr(setup, "has_venv", lambda: True)
    monkeypatch.setattr(setup, "is_ubuntu", lambda: False)
    monkeypatch.delenv("GONGZHENG_CHROMIUM", raising=False)
    assert setup.missing_packages("run") == []
    servers, programs = {"postgresql", "rabbitmq-server"}, {"poppler-utils", "chromium", "nodejs", "npm"}
    assert set(setup.missing_packages("test")) == servers | programs


def test_installing_starts_no_service(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Debian would start what it installs; while we install it is told not to, and afterwards it is as before."""
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(setup, "POLICY", policy)
    with setup.no_services([]):
        assert subprocess.run([str(policy)], check=False).returncode == 101
    assert not policy.exists()
    policy.write_text("the operator's own")
    with setup.no_services([]):
        assert policy.read_text() == "the operator's own"
    assert policy.read_text() == "the operator's own"


def test_the_parser_is_installed_once_from_its_lock(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Again only when the lock changed."""
    ran: list[list[str]] = []

    def npm(words: list[str], _why: str, folder: Path) -> None:
        ran.append(words)
        (folder / "node_modules").mkdir(exist_ok=True)

    monkeypatch.setattr(setup, "NODE", tmp_path)
    monkeypatch.setattr(setup, "call", npm)
    for lock in ("first", "first", "second"):
        (tmp_path / "package-lock.json").write_text(lock)
        setup.install_node_packages()
    assert ran == [["npm", "ci", "--silent"]] * 2


def test_every_target_that_people_type_is_explained() -> None:
    """`make` alone lists them; continuous integration types the README's command."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    explained = set(re.findall(r"^([a-z]+):.*## \S", text, re.MULTILINE))
    assert targets - explained == set()
    assert {"run", "test", "lint", "bench", "chaos", "up", "down", "lock", "help"} <= targets
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("make test")
