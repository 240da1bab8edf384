"""``gongzheng up`` and ``gongzheng demo`` as a person types them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.common import free_port

STEPS_S = 60.0


@contextmanager
def up(data: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, until its ready line."""
    words = [sys.executable, "-m", "gongzheng.cli", "up", "--data", str(data), "--port", str(port), *options]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate()


def ready_line(running: subprocess.Popen[str]) -> str:
    """What the command says when it is ready: its first line, and its only one."""
    assert running.stdout is not None
    return running.stdout.readline()


def status(url: str, **headers: str) -> int:
    """What an address answers."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 our own address
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


@pytest.mark.req("X-11")
def test_one_command_ends_in_one_line_that_says_where_to_look_and_who_to_be(tmp_path: Path) -> None:
    """Ready means ready: all four services answer, and Ctrl+C ends it in good order."""
    port = free_port()
    with up(tmp_path / "data", port, "--no-demo") as running:
        line = ready_line(running)
        assert f"http://127.0.0.1:{port}" in line
        assert "顾明衡" in line
        for service in ("cases", "fees", "oversight", "notifications"):
            assert status(f"http://127.0.0.1:{port}/{service}/health/ready") == 200
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0


@pytest.mark.req("X-11", "X-01")
def test_a_demonstration_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    """SIGKILL in the middle; started again, the story ends, and no step happened twice."""
    port, story = free_port(), tmp_path / "data" / "story.json"
    with up(tmp_path / "data", port, "--pace", "0.2") as running:
        ready_line(running)
        wait_for(lambda: story.exists() and "step:assign" in story.read_text())
        running.kill()
    with up(tmp_path / "data", port, "--pace", "0") as running:
        ready_line(running)
        wait_for(lambda: "step:webhook" in story.read_text(), seconds=4 * STEPS_S)
        remembered = json.loads(story.read_text())
    assert remembered["main_state"] == "archived"
    assert remembered["receipts"] == ["0000000001", "0000000002"]
    assert len(remembered["refusals"]) == 11


def wait_for(happened: Callable[[], bool], seconds: float = STEPS_S) -> None:
    """Poll until it happened."""
    give_up_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_a_port_that_is_taken_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Not with a traceback."""
    port = free_port()
    with up(tmp_path / "first", port, "--no-demo") as running:
        ready_line(running)
        second = gongzheng("up", "--data", str(tmp_path / "second"), "--port", str(port))
    assert second.returncode != 0
    assert f"127.0.0.1:{port} cannot be used" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_data_folder_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Two processes on one folder would both believe that they publish."""
    with up(tmp_path / "data", free_port(), "--no-demo") as running:
        ready_line(running)
        second = gongzheng("up", "--data", str(tmp_path / "data"), "--port", str(free_port()))
    assert second.returncode != 0
    assert "another process runs the suite" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.req("X-06")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])  # noqa: S104 what must be refused
def test_an_address_that_others_can_reach_is_refused_without_a_real_issuer(tmp_path: Path, host: str) -> None:
    """The demonstration logins give a token to whoever asks: that is for this machine only."""
    refused = gongzheng("up", "--host", host, "--data", str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "GONGZHENG_ISSUER" in refused.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.req("X-06")
def test_a_foreign_name_for_this_machine_is_not_answered(tmp_path: Path) -> None:
    """A web page could point its own name here and read tokens (DNS rebinding)."""
    port = free_port()
    with up(tmp_path / "data", port, "--no-demo") as running:
        ready_line(running)
        assert status(f"http://127.0.0.1:{port}/", Host="evil.example") == 421
        assert status(f"http://127.0.0.1:{port}/", Host=f"localhost:{port}") == 200


def test_the_demonstration_prints_its_figures_as_json() -> None:
    """For machines: one JSON object on standard output and nothing else."""
    told = gongzheng("demo", "--json", timeout=180)
    assert told.returncode == 0, told.stderr
    figures = json.loads(told.stdout)
    story = figures.pop("story")
    assert figures.pop("elapsed_s") > 0
    assert figures.pop("events") > 50
    assert figures == {
        "cases": 3,
        "decided": 2,
        "collected_fen": story["paid_fen"] + story["second_case_paid_fen"],
        "receipts": 4,
        "complaints": 1,
        "notifications": 12,
        "ledger_balanced": True,
        "audit_verified": True,
    }
    assert story["state"] == "archived"
    assert {refusal["code"] for refusal in story["refusals"]} >= {"two-officers-required", "party-not-heard"}


def gongzheng(*words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "gongzheng.cli", *words], check=False, capture_output=True, text=True, timeout=timeout
    )
