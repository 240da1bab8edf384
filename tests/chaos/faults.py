"""The injector: lets the planned faults happen, ends them in time, and starts again what died.

Everything runs in the one thread that calls it. The servers end with the thread that launched them, and one thread
cannot wait for itself: a fault that lasts is two steps on a timeline.
"""

import heapq
import itertools
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pika.exceptions
import psycopg

from gongzheng_embedded.people import SERVICES
from tests.chaos.instruments import set_full
from tests.chaos.network import Network
from tests.chaos.plan import Fault
from tests.chaos.republish import older_events, publish, scattered_events, waiting_events
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.real import KINDS, RealSuite

LOOK_S = 0.05
RESTART_AFTER_S = 1.0  # as a supervisor waits before it starts a process again that ended by itself
GATHER_S = 1.5  # what a relay that stands still leaves unpublished meanwhile
TRY_AGAIN_S, TRIES = 3.0, 5  # what needs a server that is away is put off


class Injector:
    """``log`` is every fault with its moment and outcome; ``deaths`` are processes that ended without being killed."""

    def __init__(
        self, suite: RealSuite, network: Network, postgres: PostgresServer, nodes: Sequence[RabbitServer]
    ) -> None:
        self._suite, self._network, self._postgres, self._nodes = suite, network, postgres, nodes
        self._steps: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._database_is_down = False
        self._began = time.monotonic()
        self._mourned: set[tuple[str, str]] = set()
        self.log: list[dict[str, Any]] = []
        self.deaths: list[dict[str, Any]] = []

    @property
    def broker_nodes(self) -> int:
        """How many nodes the broker has."""
        return len(self._nodes)

    def run(self, faults: Sequence[Fault], seconds: float, *, each: Callable[[], None] = lambda: None) -> None:
        """Inject for so long; ``each`` is called between steps."""
        self._began = time.monotonic()
        for fault in faults:
            self._at(fault.at_s, partial(self._inject, fault))
        while self._now() < seconds:
            self.tick()
            each()
            time.sleep(LOOK_S)

    def tick(self) -> None:
        """Take the steps that are due, and look after the processes."""
        while self._steps and self._steps[0][0] <= self._now():
            heapq.heappop(self._steps)[2]()
        self._supervise()

    def heal(self) -> None:
        """End whatever still lasts, and wait until every server is up."""
        while self._steps:
            steps, self._steps = self._steps, []
            for _, _, step in sorted(steps):
                step()
            self._network.heal()
            self._postgres.await_ready()
        for node in self._nodes:
            node.await_ready()

    def counts(self) -> dict[str, int]:
        """How many faults of each kind took place."""
        return dict(sorted(Counter(entry["kind"] for entry in self.log if entry["done"]).items()))

    def _now(self) -> float:
        return time.monotonic() - self._began

    def _at(self, moment_s: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._steps, (moment_s, next(self._order), call))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._at(self._now() + seconds, call)

    def _inject(self, fault: Fault) -> None:
        entry = {name: value for name, value in vars(fault).items() if value not in ("", 0.0)}
        entry |= {"began_s": round(self._now(), 3), "done": True, "outcome": ""}
        self.log.append(entry)
        self._try(entry, lambda: getattr(self, f"_{fault.kind}")(fault))

    def _try(self, entry: dict[str, Any], call: Callable[[], str | None], tries: int = TRIES) -> None:
        """Let it happen, and write down how; what needs a server that is away is put off a few times."""
        try:
            entry |= {"done": True, "outcome": call() or ""}
        except _NotNowError as why:
            entry |= {"done": False, "outcome": str(why)}
            if why.later and tries > 1:
                self._later(TRY_AGAIN_S, lambda: self._try(entry, call, tries - 1))

    def _kill_api(self, fault: Fault) -> None:
        self._kill(fault.service, "api")

    def _kill_worker(self, fault: Fault) -> None:
        self._kill(fault.service, "worker")

    def _kill(self, service: str, kind: str) -> None:
        self._suite.kill(service, kind)
        self._suite.start(service, kind)

    def _kill_gunicorn_child(self, fault: Fault) -> str:
        master = self._suite.process(fault.service, "api").pid
        children = Path(f"/proc/{master}/task/{master}/children")
        pids = children.read_text().split() if children.exists() else []
        if not pids:
            raise _NotNowError("gunicorn has no child yet", later=True)
        with suppress(ProcessLookupError):
            os.kill(int(random.Random(fault.seed).choice(pids)), signal.SIGKILL)  # noqa: S311 repeatable chance
        return f"one of {len(pids)}"

    def _pause_api(self, fault: Fault) -> None:
        self._pause(fault, "api")

    def _pause_worker(self, fault: Fault) -> None:
        self._pause(fault, "worker")

    def _pause(self, fault: Fault, kind: str) -> None:
        process = self._suite.process(fault.service, kind)
        _signal_group(process, signal.SIGSTOP)
        self._later(fault.for_s, lambda: _signal_group(process, signal.SIGCONT))

    def _crash_database(self, fault: Fault) -> None:
        if self._database_is_down:
            raise _NotNowError("it is down already")
        self._database_is_down = True
        self._postgres.kill()
        self._later(fault.for_s, self._launch_database)

    def _launch_database(self) -> None:
        self._database_is_down = False
        self._postgres.launch()

    def _kill_broker_node(self, fault: Fault) -> str:
        index = random.Random(fault.seed).randrange(len(self._nodes))  # noqa: S311 repeatable chance
        if index in self._network.down:
            raise _NotNowError("it is down already")
        self._network.down.add(index)
        self._nodes[index].kill()
        self._later(fault.for_s, lambda: self._launch_node(index))
        return f"node {index + 1} of {len(self._nodes)}"

    def _launch_node(self, index: int) -> None:
        node = self._nodes[index].launch()

        def wait() -> None:
            node.await_ready()
            self._network.down.discard(index)

        threading.Thread(target=wait, name="node-start", daemon=True).start()

    def _cut_database(self, fault: Fault) -> str:
        return self._cut(fault, "database")

    def _cut_broker(self, fault: Fault) -> str:
        return self._cut(fault, "broker")

    def _cut(self, fault: Fault, server: str) -> str:
        way = self._network.ways[fault.service, server]
        way.refuse(refusing=True)
        self._later(fault.for_s, lambda: way.refuse(refusing=False))
        return f"{way.cut()} connections"

    def _delay_database(self, fault: Fault) -> None:
        self._delay(fault, "database")

    def _delay_broker(self, fault: Fault) -> None:
        self._delay(fault, "broker")

    def _delay(self, fault: Fault, server: str) -> None:
        way = self._network.ways[fault.service, server]
        way.delay_s = fault.delay_s

        def end() -> None:
            way.delay_s = 0.0

        self._later(fault.for_s, end)

    def _duplicate(self, fault: Fault) -> str:
        return self._republish(fault, older_events)

    def _reorder(self, fault: Fault) -> None:
        """The relay stands still; what it has not published yet arrives in another order, then again as it should."""
        go_on = self._hold_relay(fault)
        self._later(fault.for_s, lambda: self._early(fault, waiting_events, go_on))

    def _gap(self, fault: Fault) -> None:
        """As before, but only every other event arrives, and the rest is long in coming: it is in the feed."""
        go_on = self._hold_relay(fault)
        self._later(GATHER_S, lambda: self._early(fault, scattered_events, lambda: None))
        self._later(GATHER_S + fault.for_s, go_on)

    def _hold_relay(self, fault: Fault) -> Callable[[], None]:
        process = self._suite.process(fault.service, "worker")
        _signal_group(process, signal.SIGSTOP)
        return lambda: _signal_group(process, signal.SIGCONT)

    def _early(self, fault: Fault, choose: Callable[..., list[Any]], then: Callable[[], None]) -> None:
        entry = next(entry for entry in self.log if entry["number"] == fault.number)
        self._try(entry, lambda: self._republish(fault, choose), tries=1)
        then()

    def _full_disk(self, fault: Fault) -> None:
        """The outbox of one service cannot grow."""
        self._fill(fault.service, full=True)

        def end() -> None:
            try:
                self._fill(fault.service, full=False)
            except _NotNowError:
                self._later(LOOK_S, end)

        self._later(fault.for_s, end)

    def _fill(self, service: str, *, full: bool) -> None:
        try:
            set_full(self._suite.address(service, "database"), full=full)
        except psycopg.OperationalError as away:
            raise _NotNowError(f"the database is away ({type(away).__name__})", later=True) from away

    def _republish(self, fault: Fault, choose: Callable[..., list[Any]]) -> str:
        try:
            rows = choose(self._suite.address(fault.service, "database"), fault.events, fault.seed)
            publish(self._suite.address(fault.service, "broker"), fault.service, rows)
        except (psycopg.OperationalError, pika.exceptions.AMQPError, OSError) as away:
            raise _NotNowError(f"a server is away ({type(away).__name__})", later=True) from away
        if not rows:
            raise _NotNowError("there are no events yet", later=True)
        waiting = sum(row.published_at is None for row in rows)
        return f"{len(rows)} events, {waiting} of them before their relay did"

    def _supervise(self) -> None:
        for service, kind in itertools.product(SERVICES, KINDS):
            process = self._suite.process(service, kind)
            if process.poll() is None or (service, kind) in self._mourned:
                continue
            self._mourned.add((service, kind))
            last = self._suite.log(service, kind, 3)
            about = {"service": service, "process": kind, "status": process.returncode, "last_lines": last}
            self.deaths.append({"at_s": round(self._now(), 3)} | about)
            self._later(RESTART_AFTER_S, partial(self._revive, service, kind))

    def _revive(self, service: str, kind: str) -> None:
        self._mourned.discard((service, kind))
        if self._suite.process(service, kind).poll() is not None:
            self._suite.start(service, kind)


class _NotNowError(Exception):
    """A fault that could not take place; it is logged and not counted, or put off."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
