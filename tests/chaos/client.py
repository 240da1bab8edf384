"""A client as every service may demand it: patient, and always with the same Idempotency-Key for the same request."""

import random
import time
from dataclasses import dataclass, field, replace
from typing import Any, Self

import urllib3

from gongzheng_embedded.story.client import PAUSE_S, THROTTLED, Answer, Client, StoryError
from tests.chaos.record import Record

CREATES = {"/cases": "id", "/public/complaints": "complaint_id", "/payment-notices": "notice_id"}
"""Path → the field of the answer that names what was created."""

REPEATED = 0.15  # share of the accepted requests that are sent again, as by a client that lost the answer
FAULT = 500
CREATED = 201
PAUSE_MAX_S = 1.0
LONG_S = 10.0


@dataclass
class TolerantClient(Client):
    """Tries again whatever has no answer or one from 500 up, and writes down what it was told.

    Raises:
        StoryError: when there was no answer in ``patience_s``.
    """

    record: Record = field(default_factory=Record)
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 chance that can be repeated

    def for_work(self, run: str, source: str) -> Self:
        """The same for another piece of work, with fresh tokens, calling from another address of this machine."""
        pool = urllib3.PoolManager(retries=False, maxsize=2, source_address=(source, 0))
        # Tokens are good for an hour, and a long run takes longer.
        return replace(self, run=run, pool=pool, _tokens={})

    def send(self, method: str, service: str, path: str, **options: Any) -> Answer:
        """One call, until it is answered."""
        answer = self._until_answered(method, service, path, **options)
        key = options.get("key")
        if method == "POST" and path in CREATES and key and answer.status == CREATED:
            self.record.accept(path, f"{self.run}-{key}", answer[CREATES[path]])
            if self.chance.random() < REPEATED:
                self.record.repeat()
                again = self._until_answered(method, service, path, **options)
                if again.status == CREATED:
                    self.record.accept(path, f"{self.run}-{key}", again[CREATES[path]])
                else:
                    self.record.break_off(f"POST {path} again: {again.status} {again.body}")
        return answer

    def _until_answered(self, method: str, service: str, path: str, **options: Any) -> Answer:
        give_up_at, pause_s = time.monotonic() + self.patience_s, PAUSE_S
        while True:
            began = time.monotonic()
            try:
                answer = self._once(method, service, path, **options)
            except urllib3.exceptions.HTTPError as away:
                told, took_s = type(away).__name__, time.monotonic() - began
                if took_s > LONG_S:
                    self.record.wait_in_vain(f"{method} {service}{path} ({told})", took_s)
            else:
                told = str(answer.status)
                if answer.status == FAULT:
                    self.record.internal_error(f"{method} {service}{path}: {answer.body}")
                if answer.status < FAULT and answer.status != THROTTLED:
                    self.record.answer(told)
                    return answer
            self.record.answer(told)
            if time.monotonic() > give_up_at:
                raise StoryError(f"{method} {service}{path}: no answer in {self.patience_s} s ({told})")
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
