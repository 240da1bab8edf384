"""End to end beside Celery and dramatiq: so many effects are wanted; the clock stops when the last one is committed.

Enqueuing and executing happen at the same time, in as many processes on each side: one that enqueues, two that bring
about the effect (relay and consumer here, two workers there). The effect is the same row in a table of the consumer's
database. Here a unit of work emits, the relay publishes to a quorum queue with confirmations, the consumer checks
signature, contract and order and commits inbox and lane; there each message is published to a durable queue (the peer's
own kind) and confirmed, and a task inserts one row, commits and acknowledges.

Many effects at a time is what a sweep, an import or a batch of notices is: in a unit of work they are one commit of up
to :data:`PER_COMMIT` events; the peers have no such thing and send message after message. What one event per commit
costs is measured as well, and stands in the notes of our side.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.bench import ours
from tests.bench.crew import Crew
from tests.bench.measure import Reading, Result, compare
from tests.bench.processes import PEERS_PYTHON, Enqueuers, running
from tests.bench.stage import Counter, Stage

ENQUEUERS = 1
WORKERS = 2
THREADS = 4
PER_COMMIT = 100
_DEADLINE_S = 180.0
_PEER_RECEIVED = "SELECT count(*) FROM peer_inbox"
_CELERY = ("-m", "celery", "-A", "tests.bench.peers.celery_app", "worker", "--loglevel", "ERROR", "--pool", "prefork")
_CELERY_QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
_DRAMATIQ = ("-m", "dramatiq", "tests.bench.peers.dramatiq_app", "--skip-logging")


def celery(stage: Stage) -> Result:
    """Beside Celery: a prefork worker, late acks, confirmed publishing."""
    return _compare(stage, "celery", (*_CELERY, "--concurrency", str(WORKERS), *_CELERY_QUIET))


def dramatiq(stage: Stage) -> Result:
    """Beside dramatiq: processes of four threads, confirmed delivery."""
    return _compare(stage, "dramatiq", (*_DRAMATIQ, "--processes", str(WORKERS), "--threads", str(THREADS)))


def _compare(stage: Stage, name: str, worker: Sequence[str]) -> Result:
    singles: list[float] = []

    def measure_ours() -> Reading:
        singles.append(_ours(stage, 1))
        return Reading(_ours(stage, PER_COMMIT), {"events_per_commit": PER_COMMIT})

    result = compare(
        f"pipeline_vs_{name}",
        unit="effects/s",
        ours=measure_ours,
        floor=lambda: Reading(_peer(stage, name, worker)),
        config={
            "peer": name,
            "effects": stage.sizes.tasks,
            "enqueuing_processes": ENQUEUERS,
            "executing_processes": WORKERS,
            "peer_queue": "durable, classic (its default)",
            "our_queue": "quorum, one node",
        },
        rounds=stage.sizes.rounds,
    )
    single = statistics.median(singles)
    notes = {"each": [round(value, 2) for value in singles], "ratio": round(single / result.floor, 3)}
    result.config["ours"]["one_event_per_commit"] = {"median": round(single, 2), **notes}
    return result


def _ours(stage: Stage, per_commit: int) -> float:
    with stage.fresh() as amqp, Crew() as crew:
        crew.start("consumer", ours.consume, stage.consumer, amqp)
        crew.start("relay", ours.relay, stage.producer, amqp)
        share = str(stage.sizes.tasks // ENQUEUERS + 1)
        words = [sys.executable, "-m", "tests.bench.enqueue", stage.producer, share, str(per_commit)]
        with _enqueuers(words, {}) as enqueuers:
            return _rate(stage, enqueuers, Counter(stage.consumer, ours.RECEIVED), crew.check)


def _peer(stage: Stage, name: str, worker: Sequence[str]) -> float:
    with psycopg.connect(stage.consumer, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS peer_inbox")
        connection.execute(
            "CREATE TABLE peer_inbox (event_id text PRIMARY KEY, lane text NOT NULL, sequence bigint NOT NULL,"
            " type text NOT NULL, received_at text NOT NULL)"
        )
    python = str(PEERS_PYTHON)
    with stage.fresh() as amqp:
        environment = {"PEER_BROKER": amqp, "PEER_DSN": stage.consumer, "C_FORCE_ROOT": "1"}
        share = str(stage.sizes.tasks // ENQUEUERS + 1)
        words = [python, "-m", "tests.bench.peers.enqueue", f"{name}_app", share]
        with running([python, *worker], environment), _enqueuers(words, environment) as enqueuers:
            return _rate(stage, enqueuers, Counter(stage.consumer, _PEER_RECEIVED), lambda: None)


@contextmanager
def _enqueuers(words: list[str], environment: dict[str, str]) -> Iterator[Enqueuers]:
    enqueuers = Enqueuers(words, environment, ENQUEUERS)
    try:
        yield enqueuers
    finally:
        enqueuers.close()


def _rate(stage: Stage, enqueuers: Enqueuers, effects: Counter, check: Callable[[], Any]) -> float:
    """Effects per second from the starting shot to the last commit; what warmed up is not counted."""

    def await_effects(count: int) -> None:
        deadline = time.monotonic() + _DEADLINE_S
        while effects() < count:
            check()
            enqueuers.check()
            if time.monotonic() > deadline:
                raise RuntimeError(f"{effects()} of {count} effects after {_DEADLINE_S:.0f} s")
            time.sleep(0.02)

    enqueuers.await_ready()
    await_effects(ENQUEUERS)
    count = stage.sizes.tasks // ENQUEUERS * ENQUEUERS
    start = time.perf_counter()
    enqueuers.start()
    await_effects(ENQUEUERS + count)
    effects.close()
    return count / (time.perf_counter() - start)
