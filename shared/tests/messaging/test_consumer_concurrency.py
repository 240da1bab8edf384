"""Several consumers and retries at once over one database: what each promises alone holds for all of them together."""

import random
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from gongzheng.clock import SystemClock
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.messaging import inbox
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.failures import is_outage
from gongzheng.messaging.lanes import Lanes

from .conftest import NOTED, Fault, Service, deliveries

LANES, LENGTH, THREADS = 8, 25, 3
DEADLINE_S = 30


class Storm:
    """Threads that deliver everything, and threads that retry; one call of the handler in ten fails."""

    def __init__(self, fees: Service, bodies: list[str], seed: int) -> None:
        self.fees, self.bodies, self.seed = fees, bodies, seed
        self.failures: list[BaseException] = []
        self._chance = random.Random(seed)  # noqa: S311 chance that can be repeated
        self._stop = threading.Event()

    def consumer(self) -> Consumer:
        """As a process of its own would have."""
        return Consumer(self.fees.mechanism, self.fees.uow, {NOTED: self._sometimes_fails})

    def _sometimes_fails(self, uow: UnitOfWork, event: Envelope) -> None:
        self.fees.on_noted(uow, event)
        if self._chance.random() < 0.1:
            raise Fault("by chance")

    def deliver(self, number: int) -> None:
        """Everything once, out of order by a few places, in batches of seven."""
        chance = random.Random(f"{self.seed}-{number}")  # noqa: S311 as above
        order = sorted(range(1, len(self.bodies) + 1), key=lambda n: (n - 1) % LENGTH + chance.uniform(0, 6))
        consumer = self.consumer()
        for start in range(0, len(order), 7):
            batch = deliveries(self.bodies, *order[start : start + 7])
            while not self._tried(partial(consumer.process, batch)):
                pass

    def retry(self) -> None:
        """What is due, again and again."""
        lanes = Lanes(self.consumer())
        while not self._stop.is_set():
            self._tried(lanes.retry_due)
            time.sleep(0.005)

    def _tried(self, work: Callable[[], object]) -> bool:
        """As a worker does: an outage (here: a deadlock that ended) is tried again, anything else is a fault."""
        try:
            work()
        except Exception as error:
            if not is_outage(error):
                raise
            return False
        return True

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 shown by the test
            self.failures.append(error)
        finally:
            self.fees.mechanism.database.close()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Until everything is delivered and over, or a fault, or the time is up."""
        givers = [threading.Thread(target=self._guarded, args=(partial(self.deliver, n),)) for n in range(THREADS)]
        retriers = [threading.Thread(target=self._guarded, args=(self.retry,)) for _ in range(2)]
        for thread in givers + retriers:
            thread.start()
        for thread in givers:
            thread.join()
        deadline = time.monotonic() + DEADLINE_S
        while not self.failures and not is_over() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._stop.set()
        for thread in retriers:
            thread.join()


@pytest.mark.real
@pytest.mark.req("X-01", "X-02")
@pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_consumers_and_retries_at_once_leave_every_lane_complete_and_in_order(
    make_service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Nothing is handled twice, nothing overtakes, and nothing is left behind without a time of its own."""
    monkeypatch.setattr(inbox, "RETRY_AFTER_S", (0.02,) * 1000)
    monkeypatch.setattr(inbox, "GAP_GRACE_S", 0.02)
    cases, fees = (make_service(name, clock=SystemClock()) for name in ("cases", "fees"))
    for lane in range(LANES):
        cases.note(f"case-{lane}", *range(LENGTH))
    storm = Storm(fees, cases.bodies(), seed)

    storm.run(lambda: len(fees.effects()) == LANES * LENGTH and fees.lanes.overview() == [])

    assert storm.failures == []
    for lane in range(LANES):
        assert fees.effects(f"case-{lane}") == list(range(1, LENGTH + 1))
    assert fees.lanes.overview() == []
