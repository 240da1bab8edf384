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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from gongzheng.messaging.amqp_connection import UNREACHABLE
from gongzheng_embedded.people import SERVICES
from tests.chaos.clocks import MISSING, Clocks
from tests.chaos.disks import Disks
from tests.chaos.instruments import set_refused
from tests.chaos.network import Network
from tests.chaos.nodes import Nodes
from tests.chaos.plan import Fault
from tests.chaos.republish import older_events, publish, scattered_events, waiting_events
from tests.chaos.roles import active_consumer, relay_leader
from tests.support.postgres import PostgresServer
from tests.support.proxy import CuttableProxy
from tests.support.real import RealSuite

LOOK_S = 0.05
RESTART_AFTER_S = 1.0  # as a supervisor waits before it starts a process again that ended by itself
GATHER_S = 1.5  # what a relay that stands still leaves unpublished meanwhile
TRY_AGAIN_S, TRIES = 3.0, 5  # what needs a server that is away is put off
PUBLISH_S = 5.0  # without a majority of its nodes the broker confirms nothing
ONE_NODE_ONLY = 0.5  # share of the cuts and delays that leave other ways to the broker
WORKERS_JUMP_S = (2, 60, 3600, 86_400)
API_JUMP_S = 20  # tokens allow 30 s of skew; what is further off is refused and would only stop the work


@dataclass(frozen=True, kw_only=True)
class Stage:
    """All that can be made to fail."""

    suite: RealSuite
    network: Network
    postgres: PostgresServer
    nodes: Nodes
    clocks: Clocks
    disks: Disks


class Injector:
    """``log`` is every fault with its moment and outcome; ``deaths`` are processes that ended without being killed."""

    def __init__(self, stage: Stage) -> None:
        self._suite, self._network, self._postgres = stage.suite, stage.network, stage.postgres
        self._nodes, self._clocks, self._disks = stage.nodes, stage.clocks, stage.disks
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
            self._start_database()
        self._start_database()
        self._nodes.heal()

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

    def _kill_worker(self, fault: Fault) -> str:
        kind = self._any_worker(fault)
        self._kill(fault.service, kind)
        return kind

    def _kill_relay_leader(self, fault: Fault) -> str:
        with _away_is_not_now():
            port = relay_leader(self._suite.address(fault.service, "database"))
        return self._kill_caller(port, "nobody leads now")

    def _kill_active_consumer(self, fault: Fault) -> str:
        node = self._nodes.any_up(_chance(fault))
        if node is None:
            raise _NotNowError("no node of the broker is up", later=True)
        with _away_is_not_now():
            queue, port = active_consumer(node, self._suite.vhost, fault.service, _chance(fault))
        return f"{self._kill_caller(port, 'nobody reads now')} of {queue}"

    def _kill_caller(self, port: int | None, nobody: str) -> str:
        caller = None if port is None else self._network.who_calls_from(port)
        if caller is None:
            raise _NotNowError(nobody, later=True)
        self._kill(*caller)
        return caller[1]

    def _any_worker(self, fault: Fault) -> str:
        return _chance(fault).choice([kind for kind in self._suite.kinds if kind != "api"])

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
            os.kill(int(_chance(fault).choice(pids)), signal.SIGKILL)
        return f"one of {len(pids)}"

    def _pause_api(self, fault: Fault) -> None:
        self._pause(fault, "api")

    def _pause_worker(self, fault: Fault) -> str:
        kind = self._any_worker(fault)
        self._pause(fault, kind)
        return kind

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
        if self._disks.is_any_full:
            self._later(LOOK_S, self._launch_database)  # an operator makes room first
            return
        self._database_is_down = False
        if not self._postgres.is_running:
            self._postgres.launch()

    def _start_database(self) -> None:
        self._launch_database()
        if not self._database_is_down:
            self._postgres.await_ready()

    def _kill_broker_node(self, fault: Fault) -> str:
        return self._nodes_may(lambda: self._nodes.kill(_chance(fault)), fault, self._nodes.launch)

    def _pause_broker_node(self, fault: Fault) -> str:
        return self._nodes_may(lambda: self._nodes.pause(_chance(fault)), fault, self._nodes.go_on)

    def _nodes_may(self, do: Callable[[], int | None], fault: Fault, then: Callable[[int], None]) -> str:
        node = do()
        if node is None:
            raise _NotNowError("all nodes are down already", later=True)
        self._later(fault.for_s, lambda: then(node))
        return f"node {node + 1} of {self.broker_nodes}"

    def _block_broker(self, fault: Fault) -> str:
        node = self._nodes.block(_chance(fault), fault.for_s)
        if node is None:
            raise _NotNowError("no node of the broker is up", later=True)
        return f"by node {node + 1}"

    def _cut_database(self, fault: Fault) -> str:
        return self._cut(fault, self._network.to_database(fault.service))

    def _cut_broker(self, fault: Fault) -> str:
        nodes = self._some_nodes(fault)
        return f"{self._cut(fault, self._network.to_broker(fault.service, nodes))} to {len(nodes)} nodes"

    def _cut(self, fault: Fault, ways: Sequence[CuttableProxy]) -> str:
        for way in ways:
            way.refuse(refusing=True)

        def end() -> None:
            for way in ways:
                way.refuse(refusing=False)

        self._later(fault.for_s, end)
        return f"{sum(way.cut() for way in ways)} connections"

    def _delay_database(self, fault: Fault) -> None:
        self._delay(fault, self._network.to_database(fault.service))

    def _delay_broker(self, fault: Fault) -> str:
        nodes = self._some_nodes(fault)
        self._delay(fault, self._network.to_broker(fault.service, nodes))
        return f"to {len(nodes)} nodes"

    def _delay(self, fault: Fault, ways: Sequence[CuttableProxy]) -> None:
        def set_to(delay_s: float) -> None:
            for way in ways:
                way.delay_s = delay_s

        set_to(fault.delay_s)
        self._later(fault.for_s, lambda: set_to(0.0))

    def _some_nodes(self, fault: Fault) -> list[int]:
        chance, every = _chance(fault), list(range(self.broker_nodes))
        return [chance.choice(every)] if chance.random() < ONE_NODE_ONLY else every

    def _clock_jump(self, fault: Fault) -> str:
        """Workers by up to a day either way; APIs only as far as a token's skew may be."""
        if not self._clocks.can_jump:
            raise _NotNowError(MISSING)
        chance = _chance(fault)
        kind, sign = chance.choice(self._suite.kinds), chance.choice((-1, 1))
        furthest = API_JUMP_S if kind == "api" else chance.choice(WORKERS_JUMP_S)
        offset_s = sign * chance.randint(1, furthest)
        self._clocks.jump(fault.service, kind, offset_s)
        self._later(fault.for_s, lambda: self._clocks.jump(fault.service, kind, 0))
        return f"{kind} by {offset_s:+d} s"

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
        """All workers stand still, or another one would lead."""
        processes = [self._suite.process(fault.service, kind) for kind in self._suite.kinds if kind != "api"]
        for process in processes:
            _signal_group(process, signal.SIGSTOP)

        def go_on() -> None:
            for process in processes:
                _signal_group(process, signal.SIGCONT)

        return go_on

    def _early(self, fault: Fault, choose: Callable[..., list[Any]], then: Callable[[], None]) -> None:
        entry = next(entry for entry in self.log if entry["number"] == fault.number)
        self._try(entry, lambda: self._republish(fault, choose), tries=1)
        then()

    def _full_disk(self, fault: Fault) -> None:
        """No table of one service can grow."""
        if not self._disks.can_be_full:
            raise _NotNowError("nothing may be mounted on this machine")
        self._disks.set_full(fault.service, full=True)
        self._later(fault.for_s, lambda: self._disks.set_full(fault.service, full=False))

    def _refuse_outbox(self, fault: Fault) -> None:
        """The outbox of one service alone takes nothing, as if it were on a full disk of its own."""
        self._refuse(fault.service, refused=True)

        def end() -> None:
            try:
                self._refuse(fault.service, refused=False)
            except _NotNowError:
                self._later(LOOK_S, end)

        self._later(fault.for_s, end)

    def _refuse(self, service: str, *, refused: bool) -> None:
        with _away_is_not_now():
            set_refused(self._suite.address(service, "database"), refused=refused)

    def _republish(self, fault: Fault, choose: Callable[..., list[Any]]) -> str:
        with _away_is_not_now():
            rows = choose(self._suite.address(fault.service, "database"), fault.events, fault.seed)
            brokers = self._suite.address(fault.service, "broker")
            if not _within(PUBLISH_S, lambda: publish(brokers, fault.service, rows)):
                raise _NotNowError("the broker confirms nothing now; they are on their way")
        if not rows:
            raise _NotNowError("there are no events yet", later=True)
        waiting = sum(row.published_at is None for row in rows)
        return f"{len(rows)} events, {waiting} of them before their relay did"

    def _supervise(self) -> None:
        if not (self._database_is_down or self._postgres.is_running):
            # It cannot recover on a disk that became full meanwhile.
            self._database_is_down = True
            self._tell_of_death("all", "database", self._postgres.log_tail())
            self._later(RESTART_AFTER_S, self._launch_database)
        for service, kind in itertools.product(SERVICES, self._suite.kinds):
            process = self._suite.process(service, kind)
            if process.poll() is None or (service, kind) in self._mourned:
                continue
            self._mourned.add((service, kind))
            last = self._suite.log(service, kind, 3)
            self._tell_of_death(service, kind, last, process.returncode)
            self._later(RESTART_AFTER_S, partial(self._revive, service, kind))
        for node, last in self._nodes.dead():
            self._tell_of_death("all", f"broker node {node + 1}", last)
            self._later(RESTART_AFTER_S, partial(self._nodes.launch, node))

    def _tell_of_death(self, service: str, process: str, last_lines: str, status: int | None = None) -> None:
        about = {"service": service, "process": process, "status": status, "last_lines": last_lines}
        self.deaths.append({"at_s": round(self._now(), 3)} | about)

    def _revive(self, service: str, kind: str) -> None:
        self._mourned.discard((service, kind))
        if self._suite.process(service, kind).poll() is not None:
            self._suite.start(service, kind)


class _NotNowError(Exception):
    """A fault that could not take place; it is logged and not counted, or put off."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


@contextmanager
def _away_is_not_now() -> Iterator[None]:
    try:
        yield
    except (psycopg.Error, *UNREACHABLE) as away:
        raise _NotNowError(f"a server is away ({type(away).__name__})", later=True) from away


def _within(seconds: float, call: Callable[[], None]) -> bool:
    """Whether a call came to its end in time; otherwise it goes on in a thread of its own.

    Raises:
        Exception: what the call raised.
    """
    raised: list[Exception] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 raised again below, where somebody waits
            raised.append(error)

    thread = threading.Thread(target=run, name="publish", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    return not thread.is_alive()


def _chance(fault: Fault) -> random.Random:
    return random.Random(fault.seed)  # noqa: S311 chance that can be repeated, not a secret


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
