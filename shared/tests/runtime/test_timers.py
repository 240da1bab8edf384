"""Timers run when due, by one worker at a time, and remember across restarts."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gongzheng.clock import FixedClock
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism, create_tables
from gongzheng.timers import Timer, Timers

pytestmark = pytest.mark.req("X-01")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    """Stands still."""
    return FixedClock(NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def mechanism(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Mechanism]:
    """A database of either kind."""
    sqlite = f"sqlite:///{tmp_path}/test.db"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    database = open_database(url)
    database.connect()
    create_tables(database)
    yield Mechanism(database=database, service="sample", source="https://s/", event_types={}, clock=clock)
    database.close()
    getattr(database, "close_all", lambda: None)()


def test_a_timer_runs_at_once_and_then_every_so_often(mechanism: Mechanism, clock: FixedClock) -> None:
    """Due is what ran long enough ago."""
    timers = Timers(mechanism, [Timer("count", 60, lambda: 7)])
    assert timers.run_due() == {"count": 7}
    assert timers.run_due() == {}
    clock.advance(timedelta(seconds=60))
    assert timers.run_due() == {"count": 7}


def test_a_restart_does_not_run_it_again(mechanism: Mechanism, clock: FixedClock) -> None:
    """When it last ran stands in the database."""
    assert Timers(mechanism, [Timer("count", 60, lambda: 1)]).run_due() == {"count": 1}
    clock.advance(timedelta(seconds=59))
    assert Timers(mechanism, [Timer("count", 60, lambda: 1)]).run_due() == {}


def test_one_that_fails_does_not_keep_the_others(mechanism: Mechanism, clock: FixedClock) -> None:
    """It comes again at its usual time."""

    def fail() -> int:
        raise ZeroDivisionError

    timers = Timers(mechanism, [Timer("bad", 60, fail), Timer("good", 60, lambda: 2)])
    assert timers.run_due() == {"bad": -1, "good": 2}
    assert timers.run_due() == {}
    clock.advance(timedelta(seconds=60))
    assert timers.run_due() == {"bad": -1, "good": 2}


def test_a_clock_set_back_does_not_silence_it(mechanism: Mechanism, clock: FixedClock) -> None:
    """A last run far in the future cannot be true."""
    timers = Timers(mechanism, [Timer("count", 60, lambda: 1)])
    timers.run_due()
    clock.advance(timedelta(days=-2))
    assert timers.run_due() == {"count": 1}


def test_two_workers_never_run_it_at_once(mechanism: Mechanism) -> None:
    """While one is at it, the others pass; and it ran once."""
    inside, most, runs = 0, 0, 0
    guard = threading.Lock()
    start = threading.Barrier(4)

    def run() -> int:
        nonlocal inside, most, runs
        with guard:
            inside, runs = inside + 1, runs + 1
            most = max(most, inside)
        threading.Event().wait(0.05)
        with guard:
            inside -= 1
        return 1

    def work() -> None:
        timers = Timers(mechanism, [Timer("alone", 3600, run)])
        start.wait()
        for _ in range(3):
            timers.run_due()
        mechanism.database.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, runs) == (1, 1)


def test_names_are_unique(mechanism: Mechanism) -> None:
    """Two of one name would take each other's turns."""
    with pytest.raises(ValueError, match="one name"):
        Timers(mechanism, [Timer("a", 1, int), Timer("a", 2, int)])


def test_the_thread_stops_when_told(mechanism: Mechanism) -> None:
    """And runs until then."""
    stop, ran = threading.Event(), threading.Event()

    def run() -> int:
        ran.set()
        return 0

    def work() -> None:
        Timers(mechanism, [Timer("tick", 3600, run)]).run_until(stop, 0.01)
        mechanism.database.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ran.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
