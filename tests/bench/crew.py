"""Processes that work beside each other until told to stop, as they do in production."""

import multiprocessing
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

_STOP_S = 30.0
# Children of a server that has imported everything once: they start at once and share no thread or connection with us.
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.bench.ours", "tests.bench.floors"])


class CrewFailed(RuntimeError):
    """A process ended on its own, and with it the measurement."""


class Crew:
    """A context manager over processes; each target gets the event that ends it as its last argument."""

    def __init__(self) -> None:
        self._stop = _context.Event()
        self._results = _context.SimpleQueue()
        self._processes: list[tuple[str, Any]] = []

    def start(self, role: str, target: Callable[..., Any], *args: Any) -> None:
        """Start one process; what the target returns is kept for :meth:`dismiss`."""
        process = _context.Process(target=_work, args=(role, target, args, self._stop, self._results), daemon=True)
        process.start()
        self._processes.append((role, process))

    def pids(self, role: str) -> list[int]:
        """The processes of one role."""
        return [process.pid for name, process in self._processes if name == role]

    def wait_for(self, reached: Callable[[], bool], *, seconds: float, every_s: float = 0.01) -> None:
        """Poll until something is so.

        Raises:
            CrewFailed: when a process died or the time is over.
        """
        deadline = time.monotonic() + seconds
        while not reached():
            self.check()
            if time.monotonic() > deadline:
                raise CrewFailed(f"not reached within {seconds:.0f} s")
            time.sleep(every_s)

    def check(self) -> None:
        """Raise when a process ended before it was told to."""
        dead = [role for role, process in self._processes if process.exitcode not in (None, 0)]
        if dead:
            raise CrewFailed(f"ended on its own: {', '.join(dead)}")

    def dismiss(self) -> dict[str, list[Any]]:
        """Tell all to stop and wait; what each role returned."""
        self._stop.set()
        returned: dict[str, list[Any]] = {}
        for _ in self._processes:
            self.wait_for(lambda: not self._results.empty(), seconds=_STOP_S)
            role, result = self._results.get()
            returned.setdefault(role, []).append(result)
        for _, process in self._processes:
            process.join(_STOP_S)
        self.check()
        self._processes.clear()
        return returned

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for _, process in self._processes:
            process.join(_STOP_S if kind is None else 5.0)
            if process.is_alive():
                process.kill()
                process.join()


def _work(role: str, target: Callable[..., Any], args: tuple[Any, ...], stop: Any, results: Any) -> None:
    results.put((role, target(*args, stop)))
