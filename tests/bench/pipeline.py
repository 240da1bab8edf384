"""The event pipeline beside the bare one: the relay alone, and relay, broker and inbox draining a full outbox."""

import time

from tests.bench import floors, ours
from tests.bench.crew import Crew
from tests.bench.measure import Reading, Result, compare
from tests.bench.stage import Counter, Stage

DEADLINE_S = 180.0
_EVERY_S = 0.02
_UNCOUNTED = 20  # the first twentieth, in which processes connect, is not counted


def relay(stage: Stage) -> Result:
    """The relay alone: read, publish with confirms, mark."""
    config = _config(stage) | {"relay_batch": floors.RELAY_BATCH, "in_flight": floors.IN_FLIGHT}
    return compare(
        "relay",
        unit="events/s",
        ours=lambda: our_relay(stage),
        floor=lambda: bare_relay(stage),
        config=config,
        rounds=stage.sizes.rounds,
    )


def drain(stage: Stage) -> Result:
    """From a full outbox to the inbox."""
    batches = {"relay_batch": floors.RELAY_BATCH, "consumer_batch": floors.CONSUMER_BATCH}
    return compare(
        "pipeline_drain",
        unit="events/s",
        ours=lambda: our_drain(stage),
        floor=lambda: bare_drain(stage),
        config=_config(stage) | batches,
        rounds=stage.sizes.rounds,
    )


def bare_relay(stage: Stage) -> Reading:
    """Events per second of the bare relay."""
    with stage.fresh() as amqp, Crew() as crew:
        _load_floor(stage, amqp)
        published = Counter(stage.producer, floors.PUBLISHED)
        crew.start("relay", floors.relay, stage.producer, amqp)
        return Reading(rate(crew, published, stage.sizes.events))


def our_relay(stage: Stage) -> Reading:
    """Events per second of the suite's relay."""
    with stage.fresh() as amqp, Crew() as crew:
        ours.preload(stage.producer, stage.sizes.events, stage.sizes.subjects)
        published = Counter(stage.producer, ours.PUBLISHED)
        crew.start("relay", ours.relay, stage.producer, amqp)
        return Reading(rate(crew, published, stage.sizes.events))


def bare_drain(stage: Stage) -> Reading:
    """Events per second from the bare outbox to the bare inbox."""
    with stage.fresh() as amqp, Crew() as crew:
        _load_floor(stage, amqp)
        received = Counter(stage.consumer, floors.RECEIVED)
        crew.start("consumer", floors.consume, stage.consumer, amqp)
        crew.start("relay", floors.relay, stage.producer, amqp)
        return Reading(rate(crew, received, stage.sizes.events))


def our_drain(stage: Stage) -> Reading:
    """Events per second from outbox to inbox: contracts checked, signatures verified, lanes, an empty handler."""
    with stage.fresh() as amqp, Crew() as crew:
        ours.preload(stage.producer, stage.sizes.events, stage.sizes.subjects)
        received = Counter(stage.consumer, ours.RECEIVED)
        crew.start("consumer", ours.consume, stage.consumer, amqp)
        crew.start("relay", ours.relay, stage.producer, amqp)
        return Reading(rate(crew, received, stage.sizes.events))


def rate(crew: Crew, seen: Counter, events: int) -> float:
    """Events per second from the first twentieth to the last one, as an onlooker sees them committed.

    Where they are so few that all come between two looks, from the beginning.
    """
    begun = time.perf_counter()
    crew.wait_for(lambda: seen() >= events // _UNCOUNTED, seconds=DEADLINE_S, every_s=_EVERY_S)
    first, start = seen(), time.perf_counter()
    if first >= events:
        first, start = 0, begun
    crew.wait_for(lambda: seen() >= events, seconds=DEADLINE_S, every_s=_EVERY_S)
    seconds = time.perf_counter() - start
    seen.close()
    return (events - first) / seconds


def _config(stage: Stage) -> dict[str, object]:
    return {"events": stage.sizes.events, "subjects": stage.sizes.subjects, "queue": "quorum, one node"}


def _load_floor(stage: Stage, amqp: str) -> None:
    """The same signed envelopes for the floor as for the suite."""
    floors.declare(amqp)
    floors.preload(stage.producer, ours.preload(stage.producer, stage.sizes.events, stage.sizes.subjects))
