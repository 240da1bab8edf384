"""The broker's nodes as the injector sees them: which are down or stand still, and how they come back."""

import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests.support.common import ServerFailed, tail
from tests.support.rabbitmq import RabbitServer

SHORT_OF_MEMORY, AS_USUAL = ("absolute", "1MB"), ("0.4",)
TRIES, PAUSE_S = 20, 2.0


class Nodes:
    """Nodes are counted from 0. Methods that pick one return its number, or None when there is none to pick."""

    def __init__(self, nodes: Sequence[RabbitServer]) -> None:
        self._nodes = nodes
        self._down: set[int] = set()  # killed, or not ready again yet
        self._still: set[int] = set()
        self._threads: list[threading.Thread] = []

    def __len__(self) -> int:
        return len(self._nodes)

    def any_up(self, chance: random.Random) -> RabbitServer | None:
        """One of those that are at work."""
        index = self._pick(chance)
        return None if index is None else self._nodes[index]

    def kill(self, chance: random.Random) -> int | None:
        """End one of those that are up, as a crash would."""
        index = self._pick(chance)
        if index is not None:
            self._down.add(index)
            self._nodes[index].kill()
        return index

    def launch(self, index: int) -> None:
        """Start it again; it counts as up once it takes commands."""
        node = self._nodes[index].launch()

        def wait() -> None:
            with suppress(ServerFailed):  # it died again, or takes very long: it will be noticed
                node.await_ready()
            self._down.discard(index)

        self._thread(wait)

    def pause(self, chance: random.Random) -> int | None:
        """Let one of those that are up stand still."""
        index = self._pick(chance)
        if index is not None:
            self._still.add(index)
            self._nodes[index].signal(signal.SIGSTOP)
        return index

    def go_on(self, index: int) -> None:
        """Let it go on."""
        self._still.discard(index)
        self._nodes[index].signal(signal.SIGCONT)

    def block(self, chance: random.Random, for_s: float) -> int | None:
        """Let one be short of memory for so long: the whole broker asks publishers to wait."""
        index = self._pick(chance)
        if index is not None:
            self._thread(lambda: _block(self._nodes[index], for_s))
        return index

    def dead(self) -> list[tuple[int, str]]:
        """Nodes that ended without being killed, with their last lines; each is told once and counts as down then."""
        found = [n for n, node in enumerate(self._nodes) if n not in self._down and not node.is_running]
        self._down |= set(found)
        return [(n, tail(self._nodes[n].log_file, 5)) for n in found]

    def heal(self) -> None:
        """Wait until all are well again."""
        for index in list(self._still):
            self.go_on(index)
        for thread in self._threads:
            thread.join()
        for node in self._nodes:
            if not node.is_running:
                node.launch()
            node.await_ready()

    def _pick(self, chance: random.Random) -> int | None:
        up = [n for n in range(len(self._nodes)) if n not in self._down | self._still]
        return chance.choice(up) if up else None

    def _thread(self, work: Callable[[], None]) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._threads.append(threading.Thread(target=work, name="node", daemon=True))
        self._threads[-1].start()


def _block(node: RabbitServer, for_s: float) -> None:
    _set_memory(node, SHORT_OF_MEMORY, tries=1)
    time.sleep(for_s)
    # Whatever became of it meanwhile: a node that has started again does not remember.
    _set_memory(node, AS_USUAL, tries=TRIES)


def _set_memory(node: RabbitServer, limit: tuple[str, ...], *, tries: int) -> None:
    for _ in range(tries):
        with suppress(subprocess.CalledProcessError, subprocess.TimeoutExpired):
            node.ctl("set_vm_memory_high_watermark", *limit)
            return
        time.sleep(PAUSE_S)
