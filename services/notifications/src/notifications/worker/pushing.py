"""Pushing events to subscribers: lanes are claimed here, calls run in threads, results are recorded here."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

import structlog

from notifications.adapters import metrics
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.deliver_event import Call, claim_deliveries, settle_delivery
from notifications.handlers.ports import UnitOfWork
from notifications.worker.loop import NewUnitOfWork

CHANNEL = "webhook"
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
        ended: list[tuple[Call, Outcome]] = []
        while True:
            for call in self._settle_and_claim(ended, under_way, claim=done < RUN_MAX):
                under_way[self._pool.submit(self._call, call)] = call
            if not under_way:
                return done
            finished, _ = wait(under_way, timeout=_LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
            ended = [(under_way.pop(future), future.result()) for future in finished]
            done += len(ended)

    def close(self) -> None:
        """Wait for the calls under way and end the threads."""
        self._pool.shutdown()

    def _settle_and_claim(
        self, ended: list[tuple[Call, Outcome]], under_way: Mapping[Future[Outcome], Call], *, claim: bool
    ) -> list[Call]:
        """Record what ended and claim what is due, in one transaction."""
        room = self._calls_max - len(under_way) if claim else 0
        if not ended and not (room > 0 and self._has_due()):
            return []
        # In the order in which the consumer touches lanes, so that the two cannot wait for each other in a ring.
        ended = sorted(ended, key=lambda pair: (pair[0].subscription_id, pair[0].lane))
        try:
            with self._new() as uow:
                for call, outcome in ended:
                    settle_delivery(uow, call, outcome)
                    metrics.attempted(CHANNEL, outcome)
                return self._claim(uow, room, under_way)
        except Exception as error:
            if len(ended) <= 1:
                raise
            _log.warning("webhook_results_recorded_singly", error=type(error).__name__)
            for pair in ended:
                self._settle_and_claim([pair], under_way, claim=False)
            return []

    def _claim(self, uow: UnitOfWork, room: int, under_way: Mapping[Future[Outcome], Call]) -> list[Call]:
        if room <= 0:
            return []
        busy = Counter(call.subscription_id for call in under_way.values())
        return claim_deliveries(uow, room=room, per_endpoint=max(1, self._calls_max // 4), busy=busy)

    def _has_due(self) -> bool:
        # Looking first costs no write lock, which SQLite has only one of.
        uow = self._new().look()
        return uow.deliveries.any_due(uow.now)

    def _call(self, call: Call) -> Outcome:
        try:
            return self._caller.call(call)
        except Exception as error:  # noqa: BLE001 logged with its trace; it becomes the attempt's outcome
            # A fault of ours must neither lose the event nor try it for ever; nobody knows how far it came.
            _log.exception("webhook_call_failed", delivery_id=call.delivery_id, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, code="internal-error")
