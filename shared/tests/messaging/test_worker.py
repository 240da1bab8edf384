import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gongzheng.clock import FixedClock, SystemClock
from gongzheng.messaging import metrics
from gongzheng.messaging.pace import Pace
from gongzheng.messaging.worker import Part, Worker, retry_part

from .conftest import Service, deliveries
from .test_relay import wait_for


def _patient(stop: threading.Event) -> None:
    stop.wait()


def _dying(_stop: threading.Event) -> None:
    raise ZeroDivisionError


def _ignore(release: threading.Event) -> None:
    release.wait(5)


def test_a_worker_runs_its_parts_and_stops_them() -> None:
    """Asked to stop, every part ends and the exit status is 0."""
    worker = Worker([Part("one", _patient), Part("two", _patient)])
    worker.start()
    assert worker.healthy
    threading.Timer(0.1, worker.request_stop).start()

    assert worker.wait() == 0
    assert not worker.healthy


def test_a_worker_shows_from_outside_that_it_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor looks at the age of a file; a worker that ended leaves none behind."""
    monkeypatch.setattr("gongzheng.messaging.worker.HEARTBEAT_EVERY_S", 0.01)
    heartbeat = tmp_path / "alive"
    worker = Worker([Part("one", _patient)])
    worker.start()
    waiting = threading.Thread(target=lambda: worker.wait(heartbeat=heartbeat))
    waiting.start()
    wait_for(heartbeat.exists, 5)
    heartbeat.unlink()
    wait_for(heartbeat.exists, 5)

    worker.request_stop()
    waiting.join(5)
    assert not heartbeat.exists()


@pytest.mark.parametrize("ending", [_dying, lambda _stop: None], ids=["raises", "returns early"])
def test_a_part_that_ends_by_itself_takes_the_worker_down(ending: Callable[[threading.Event], None]) -> None:
    """The exit status is not 0, so that whoever supervises the process starts it anew."""
    told: list[str] = []
    worker = Worker([Part("patient", _patient), Part("ending", ending)], on_death=told.append)
    worker.start()

    assert worker.wait() == 1
    assert told == ["ending"]


def test_a_part_that_does_not_stop_in_time_is_told() -> None:
    """A hung thread is no success."""
    release = threading.Event()
    worker = Worker([Part("hung", lambda _stop: _ignore(release))])
    worker.start()

    assert not worker.stop(timeout_s=0.1)
    release.set()


def test_the_process_exits_with_one_when_a_thread_dies() -> None:
    """Seen from outside, as a supervisor sees it."""
    program = (
        "import sys\nfrom gongzheng.messaging.worker import Part, Worker\n"
        "def dying(stop): raise ZeroDivisionError\n"
        "w = Worker([Part('patient', lambda stop: stop.wait() and None), Part('dying', dying)])\n"
        "w.start()\nsys.exit(w.wait())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=60)
    assert done.returncode == 1
    assert b"worker_part_died" in done.stdout + done.stderr


@pytest.mark.req("X-02")
def test_the_retry_part_redrives_as_soon_as_a_gap_is_closed(make_service: Callable[..., Service]) -> None:
    """It is woken; the grace time is not waited for."""
    cases, fees = make_service("cases", clock=SystemClock()), make_service("fees", clock=SystemClock())
    cases.note("a", 1, 2, 3)
    worker = Worker([retry_part(fees.consumer, every_s=30)])
    worker.start()
    time.sleep(0.2)

    fees.consumer.process(deliveries(cases.bodies(), 1, 3))
    fees.consumer.process(deliveries(cases.bodies(), 2))

    wait_for(lambda: fees.effects("a") == [1, 2, 3], 5)
    assert worker.stop()


@pytest.mark.req("X-08")
def test_the_gauges_say_how_far_behind_a_service_is(cases: Service, fees: Service, clock: FixedClock) -> None:
    """Unpublished events and their age, parked ones and those that only an operator can free."""
    cases.note("a", 1, 2, 3)
    fees.consumer.process(deliveries(cases.bodies(), 1, 3))
    clock.set(clock.now().replace(minute=1))

    behind, waiting = metrics.measure(cases.mechanism), metrics.measure(fees.mechanism)

    assert (behind.unpublished, behind.outbox_age_s) == (3, 60.0)
    assert (waiting.unpublished, waiting.parked, waiting.exhausted) == (0, 1, 0)
    assert REGISTRY.get_sample_value("gongzheng_outbox_age_seconds", {"service": "cases"}) == 60.0
    parked = {"service": "fees", "state": "waiting"}
    assert REGISTRY.get_sample_value("gongzheng_parked_events", parked) == 1.0


@pytest.mark.req("X-08")
def test_what_took_effect_and_what_did_not_is_counted(cases: Service, fees: Service) -> None:
    """By outcome, so that a rise of duplicates or parked events can be alarmed on."""

    def count(outcome: str) -> float:
        labels = {"service": "fees", "outcome": outcome}
        return REGISTRY.get_sample_value("gongzheng_events_received_total", labels) or 0.0

    before = {outcome: count(outcome) for outcome in ("handled", "duplicate", "parked")}
    cases.note("a", 1, 2, 3)
    fees.poison = {("a", 2)}
    fees.consumer.process(deliveries(cases.bodies(), 1, 1, 2, 3))

    assert {outcome: count(outcome) - n for outcome, n in before.items()} == {"handled": 1, "duplicate": 1, "parked": 2}


def test_the_pace_is_none_when_idle_and_a_few_milliseconds_under_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """The single event is not delayed; a flood is gathered into batches."""
    now = [100.0]
    monkeypatch.setattr("gongzheng.messaging.pace.time.monotonic", lambda: now[0])
    pace = Pace()
    for _ in range(20):
        now[0] += 0.1
        pace.count(1)
    assert pace.linger_s == 0.0
    for _ in range(100):
        now[0] += 0.01
        pace.count(20)
    assert 0.005 < pace.linger_s <= 0.012
    now[0] += 1
    assert pace.linger_s == 0.0
