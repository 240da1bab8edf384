"""The plan of a run: which fault falls when and on whom, all of it drawn from the seed before the first one falls."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from gongzheng_embedded.people import SERVICES

KINDS: Mapping[str, int] = {
    "kill_api": 4,
    "kill_gunicorn_child": 3,
    "kill_worker": 4,
    "kill_relay_leader": 4,
    "kill_active_consumer": 4,
    "pause_api": 2,
    "pause_worker": 3,
    "crash_database": 2,
    "kill_broker_node": 4,
    "pause_broker_node": 2,
    "block_broker": 1,
    "cut_database": 5,
    "cut_broker": 5,
    "delay_database": 3,
    "delay_broker": 3,
    "duplicate": 5,
    "reorder": 4,
    "gap": 2,
    "refuse_outbox": 1,
    "full_disk": 3,
    "clock_jump": 5,
}
"""Kind of fault → its weight in the draw. What takes everybody's servers away is rare, what hits one service is not."""

LONGEST_S: Mapping[str, float] = {
    "pause_api": 8,
    "pause_worker": 8,
    "crash_database": 3,
    "kill_broker_node": 4,
    "pause_broker_node": 10,
    "block_broker": 6,
    "cut_database": 3,
    "cut_broker": 5,
    "delay_database": 6,
    "delay_broker": 6,
    "reorder": 3,
    "gap": 12,
    "refuse_outbox": 5,
    "full_disk": 6,
    "clock_jump": 12,
}
"""Kind → how long it may last at most: until the process goes on, the server starts again, the network is well."""

DELAY_S = (0.005, 0.15)
EVENTS = (1, 200)
REPUBLISH = ("duplicate", "reorder", "gap")
SHARED = ("crash_database", "kill_broker_node", "pause_broker_node", "block_broker")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: ``at_s`` after the start, on a service (or on what all share), for so long.

    ``delay_s`` is how late bytes arrive, ``events`` how many are published again; ``seed`` is for what the injector
    still has to draw when it knows what is there (which rows, in which order, which process, which nodes, how far).
    """

    number: int
    at_s: float
    kind: str
    service: str
    for_s: float
    delay_s: float
    events: int
    seed: int


def plan(seed: int, seconds: float, mean_gap_s: float) -> list[Fault]:
    """The faults of a run, in order of time; the same for the same arguments.

    Each kind comes once before chance alone decides, so that a short run meets all of them.
    """
    chance = random.Random(seed)  # noqa: S311 chance that can be repeated, not a secret
    first = chance.sample(list(KINDS), len(KINDS))
    faults: list[Fault] = []
    at_s = chance.uniform(0, mean_gap_s)
    while at_s < seconds:
        kind = first.pop() if first else chance.choices(list(KINDS), list(KINDS.values()))[0]
        faults.append(
            Fault(
                number=len(faults) + 1,
                at_s=round(at_s, 3),
                kind=kind,
                service="all" if kind in SHARED else chance.choice(SERVICES),
                for_s=round(chance.uniform(0.1, 1) * LONGEST_S.get(kind, 0), 3),
                delay_s=round(chance.uniform(*DELAY_S), 3) if kind.startswith("delay") else 0.0,
                events=chance.randint(*EVENTS) if kind in REPUBLISH else 0,
                seed=chance.getrandbits(32),
            )
        )
        # Bursts and quiet: waiting times as of radioactive decay, so faults also meet one another.
        at_s += chance.expovariate(1 / mean_gap_s)
    return faults
