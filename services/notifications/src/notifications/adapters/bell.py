"""A bell that tells the delivering threads of this process that something was committed for them."""

import threading


class Bell:
    """Rung after a commit; a thread that was busy meanwhile does not miss it. Other processes are found by polling."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Something may be due."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    @property
    def rings(self) -> int:
        """How often it was rung; take this before looking for work."""
        return self._rings

    def wait(self, seen: int, timeout_s: float) -> None:
        """Until it has been rung more often than ``seen``, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != seen, timeout_s)
