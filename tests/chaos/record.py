"""What the clients of a run were told: the things that were created for them, and every answer that was none."""

import threading
import time
from collections import Counter, defaultdict

KEPT_MAX = 50


class Record:
    """Shared by all clients of a run; every method may be called by any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.created: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.answers: Counter[str] = Counter()
        self.repeated = 0
        self.imported: dict[str, int] = {}
        self.contradictions: list[str] = []
        self.broken: list[str] = []
        self.told: Counter[str] = Counter()
        self.internal_errors: list[str] = []
        self.long_waits: list[str] = []
        self._began = time.monotonic()

    def accept(self, path: str, key: str, identity: str) -> None:
        """A creating request was accepted; the same key must always mean the same thing."""
        with self._guard:
            known = self.created[path].setdefault(key, identity)
            if known != identity:
                self.contradictions.append(f"POST {path} under {key}: first {known}, then {identity}")

    def answer(self, what: str) -> None:
        """Count an answer, by status, or a call that ended without one, by what came instead."""
        with self._guard:
            self.answers[what] += 1

    def wait_in_vain(self, what: str, seconds: float) -> None:
        """A call took long and was not answered."""
        with self._guard:
            if len(self.long_waits) < KEPT_MAX:
                moment = round(time.monotonic() - self._began, 1)
                self.long_waits.append(f"{moment} s: {what}, {seconds:.1f} s")

    def internal_error(self, what: str) -> None:
        """A service said 500, which no outage is a reason for."""
        with self._guard:
            if len(self.internal_errors) < KEPT_MAX:
                self.internal_errors.append(what)

    def repeat(self) -> None:
        """A request that had been accepted was sent once more."""
        with self._guard:
            self.repeated += 1

    def take_over(self, file: str, rows: int) -> None:
        """An import of a file came to its end with so many rows taken over, now or before."""
        with self._guard:
            self.imported[file] = rows

    def finish(self, work: str) -> None:
        """A piece of work was done to its end."""
        with self._guard:
            self.told[work] += 1

    def break_off(self, what: str) -> None:
        """A piece of work could not be done although it was tried again and again."""
        with self._guard:
            if len(self.broken) < KEPT_MAX:
                self.broken.append(what)
