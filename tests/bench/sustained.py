"""Everything at work at once: the rate that is sustained, and at half of the bare one the time from commit to commit.

Both sides: the same number of producer processes, each committing a business row of eight columns with its event; one
relay; one quorum queue; one consumer. Ours goes through the unit of work (sequence, contract, signature) and writes the
business row as the cases service does; its consumer checks contract and signature and keeps lanes. The floor is psycopg
and pika by hand.
"""

import time
from collections.abc import Callable
from typing import Any, LiteralString

import psycopg

from tests.bench import floors, ours
from tests.bench.crew import Crew
from tests.bench.machine import CpuMeter
from tests.bench.measure import Reading, Result, compare, percentile
from tests.bench.stage import Counter, Stage

FLOOR_RATE = "sustained_floor"
"""Where the stage keeps what the bare pipeline sustained, of which the latency is measured at half."""
_LOAD = 0.5
_DEADLINE_S = 120.0
_ROLES = ("producer", "relay", "consumer")
# The business row is written once, so its transaction is the one that committed the event; a lane of ours ends with
# the subject.
_OUR_TIMES: tuple[LiteralString, LiteralString] = (
    "SELECT ref, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM act",
    "SELECT split_part(lane, '|', 3), extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM inbox",
)
_BARE_TIMES: tuple[LiteralString, LiteralString] = (
    "SELECT ref, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM bare_act",
    "SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 FROM bare_inbox",
)


def sustained(stage: Stage) -> Result:
    """Events per second that reach the inbox while producers commit as fast as they can."""
    result = compare(
        "pipeline_sustained",
        unit="events/s",
        ours=lambda: _sustained(stage, ours, ours.RECEIVED, "SELECT count(*) FROM outbox"),
        floor=lambda: _sustained(stage, floors, floors.RECEIVED, "SELECT count(*) FROM bare_outbox"),
        config=_config(stage),
        rounds=stage.sizes.rounds,
    )
    stage.kept[FLOOR_RATE] = result.floor
    return result


def latency(stage: Stage) -> Result:
    """The 99th percentile, in milliseconds, from the commit of the producer to the commit of the consumer."""
    if FLOOR_RATE not in stage.kept:
        bare = _sustained(stage, floors, floors.RECEIVED, "SELECT count(*) FROM bare_outbox")
        stage.kept[FLOOR_RATE] = bare.value
    load = stage.kept[FLOOR_RATE] * _LOAD
    return compare(
        "latency_p99",
        unit="ms",
        ours=lambda: _latency(stage, ours, load, _OUR_TIMES),
        floor=lambda: _latency(stage, floors, load, _BARE_TIMES),
        config=_config(stage) | {"offered_per_s": round(load), "arrivals": "Poisson, the same rate on both sides"},
        rounds=stage.sizes.rounds,
        lower_is_better=True,
    )


def _config(stage: Stage) -> dict[str, Any]:
    return {
        "producers": stage.sizes.producers,
        "seconds": stage.sizes.seconds,
        "relay_batch": floors.RELAY_BATCH,
        "consumer_batch": floors.CONSUMER_BATCH,
        "queue": "quorum, one node",
    }


def _sustained(stage: Stage, side: Any, received: LiteralString, produced: LiteralString) -> Reading:
    def measure(crew: Crew) -> Reading:
        arrived, sent = Counter(stage.consumer, received), Counter(stage.producer, produced)
        cpu = CpuMeter({role: crew.pids(role) for role in _ROLES} | stage.servers())
        first, sent_first, start = arrived(), sent(), time.perf_counter()
        time.sleep(stage.sizes.seconds)
        count, seconds = arrived() - first, time.perf_counter() - start
        crew.check()
        sent_count = sent() - sent_first
        spent_ms = {role: round(s * 1000 / max(count, 1), 3) for role, s in cpu.seconds().items()}
        notes = {
            "produced_per_s": round(sent_count / seconds, 1),
            "backlog": sent() - arrived(),
            "cpu_ms_per_event": {**spent_ms, "all": round(sum(spent_ms.values()), 3)},
        }
        arrived.close()
        sent.close()
        return Reading(count / seconds, notes)

    return _run(stage, side, 0.0, measure)


def _latency(stage: Stage, side: Any, load_per_s: float, times: tuple[LiteralString, LiteralString]) -> Reading:
    def measure(crew: Crew) -> Reading:
        begin = time.time()
        time.sleep(stage.sizes.seconds)
        end = time.time()
        crew.check()
        committed = {ref: at for ref, at in _rows(stage.producer, times[0]) if begin <= at <= end}
        arrived: dict[str, float] = {}

        def all_arrived() -> bool:
            arrived.update(_rows(stage.consumer, times[1]))
            return committed.keys() <= arrived.keys()

        crew.wait_for(all_arrived, seconds=_DEADLINE_S, every_s=0.5)
        waits_ms = [(arrived[ref] - at) * 1000 for ref, at in committed.items()]
        notes = {
            "p50_ms": round(percentile(waits_ms, 0.5), 2),
            "p90_ms": round(percentile(waits_ms, 0.9), 2),
            "max_ms": round(max(waits_ms), 2),
            "events": len(waits_ms),
            "carried_per_s": round(len(waits_ms) / stage.sizes.seconds),
        }
        return Reading(percentile(waits_ms, 0.99), notes)

    return _run(stage, side, load_per_s, measure)


def _run(stage: Stage, side: Any, load_per_s: float, measure: Callable[[Crew], Reading]) -> Reading:
    """Start consumer and relay, then the producers; measure when all are warm."""
    with stage.fresh() as amqp, Crew() as crew:
        floors.declare(amqp)
        crew.start("consumer", side.consume, stage.consumer, amqp)
        crew.start("relay", side.relay, stage.producer, amqp)
        for _ in range(stage.sizes.producers):
            crew.start("producer", side.produce, stage.producer, load_per_s / stage.sizes.producers)
        received: LiteralString = side.RECEIVED
        arrived = Counter(stage.consumer, received)
        crew.wait_for(lambda: arrived() > 0, seconds=_DEADLINE_S)
        arrived.close()
        time.sleep(stage.sizes.warm_up_s)
        return measure(crew)


def _rows(url: str, query: LiteralString) -> list[tuple[str, float]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()
