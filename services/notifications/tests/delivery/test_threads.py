"""The delivering threads themselves: woken by a commit, alive after a failure, gone when told to stop."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from notifications.adapters.bell import Bell
from notifications.worker import loop
from notifications.worker.loop import run_until

if TYPE_CHECKING:
    from tests.support.webhooks import WebhookReceiver


def eventually(look: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it becomes true in that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.req("N-02")
@pytest.mark.req("N-05")
def test_the_threads_of_the_service_send_mail_and_call_webhooks_by_themselves(
    open_house: Callable[..., Any], tmp_path: Any, catcher: Any, receiver: "WebhookReceiver"
) -> None:
    """As a worker runs them; both end soon after they are told to."""
    house = open_house(f"sqlite:///{tmp_path}/real.db", smtp_url=f"smtp://127.0.0.1:{catcher.port}")
    service = house.service
    stop = threading.Event()
    threads = [threading.Thread(target=run, args=(stop,), name=name) for name, run in service.loops.items()]
    assert sorted(service.loops) == ["mail", "webhooks"]
    made = house.subscribe(receiver.url)
    for thread in threads:
        thread.start()
    house.hear(house.decision())
    try:
        assert eventually(lambda: bool(catcher.messages() and receiver.calls))
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert receiver.calls[0].verify(made["secret"])


def test_a_commit_wakes_the_thread_at_once() -> None:
    """Without waiting for the next look."""
    bell, stop, worked = Bell(), threading.Event(), threading.Event()
    looks: list[float] = []

    def work() -> int:
        looks.append(time.monotonic())
        if len(looks) > 1:
            worked.set()
        return 0

    thread = threading.Thread(target=run_until, args=(stop, bell, work), kwargs={"name": "test", "poll_s": 30.0})
    thread.start()
    assert eventually(lambda: bool(looks))
    bell.ring()
    assert worked.wait(5)
    stop.set()
    bell.ring()
    thread.join(5)
    assert not thread.is_alive()


def test_a_ring_during_the_work_is_not_missed() -> None:
    """What is committed while the thread is busy is looked for right after."""
    bell = Bell()
    seen = bell.rings
    bell.ring()
    began = time.monotonic()
    bell.wait(seen, 10.0)
    assert time.monotonic() - began < 5


def test_a_failing_look_does_not_end_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may be away for a while."""
    monkeypatch.setattr(loop, "_AFTER_FAILURE_S", 0.01)
    stop, bell = threading.Event(), Bell()
    tries: list[int] = []

    def work() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError
        stop.set()
        return 1

    run_until(stop, bell, work, name="test")
    assert len(tries) == 3
