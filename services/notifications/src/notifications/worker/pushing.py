"""Pushing events to subscribers: lanes are claimed here, calls run in threads, results are recorded here."""

from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

import structlog

from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.deliver_event import Call, claim_deliveries, settle_delivery
from notifications.worker.loop import NewUnitOfWork

RUN_MAX = 5000
_LOOK_AGAIN_S = 0.1
_log = structlog.get_logger(__name__)


class Caller(Protocol):
    """Calls one endpoint once."""

    def call(self, call: Call) -> Outcome:
        """Deliver; safe for several threads."""
        ...


class Pusher:
    """Delivers to at most ``calls_max`` endpoints at once, of which one subscription gets at most a quarter.

    The database is touched by the calling thread only; the threads of the pool do nothing but call.
    """

    def __init__(self, new_unit_of_work: NewUnitOfWork, caller: Caller, *, calls_max: int) -> None:
        self._new, self._caller, self._calls_max = new_unit_of_work, caller, calls_max
        self._pool = ThreadPoolExecutor(calls_max, thread_name_prefix="webhook")

    def run(self) -> int:
        """Deliver what is due until nothing is due and nothing is under way; how many calls were made."""
        done = 0
        under_way: dict[Future[Outcome], Call] = {}
        while True:
            for call in self._claim(under_way) if done < RUN_MAX else ():
                under_way[self._pool.submit(self._call, call)] = call
            if not under_way:
                return done
            finished, _ = wait(under_way, timeout=_LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
            for future in finished:
                settle_delivery(self._new(), under_way.pop(future), future.result())
                done += 1

    def close(self) -> None:
        """Wait for the calls under way and end the threads."""
        self._pool.shutdown()

    def _claim(self, under_way: dict[Future[Outcome], Call]) -> list[Call]:
        room = self._calls_max - len(under_way)
        uow = self._new().look()
        if room <= 0 or not uow.deliveries.any_due(uow.now):
            return []
        busy = Counter(call.subscription_id for call in under_way.values())
        return claim_deliveries(self._new(), room=room, per_endpoint=max(1, self._calls_max // 4), busy=busy)

    def _call(self, call: Call) -> Outcome:
        try:
            return self._caller.call(call)
        except Exception as error:  # noqa: BLE001 logged with its trace; it becomes the attempt's outcome
            # A fault of ours must neither lose the event nor try it for ever; nobody knows how far it came.
            _log.exception("webhook_call_failed", delivery_id=call.delivery_id, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, code="internal-error")
