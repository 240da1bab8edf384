"""A whole run: servers, services, network, load and faults; then quiet; then the verdict."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from gongzheng_embedded.story import people
from gongzheng_embedded.story.days import Days
from gongzheng_embedded.story.money import SEGMENT, register_bank
from gongzheng_embedded.story.registers import load
from tests.chaos.actors import Actor, Citizen, Inspector, Scene, Teller
from tests.chaos.client import TolerantClient
from tests.chaos.clocks import MISSING, Clocks
from tests.chaos.disks import Disks
from tests.chaos.faults import Injector, Stage
from tests.chaos.instruments import instrument
from tests.chaos.money import BEFORE, Bank, Importer
from tests.chaos.network import Network
from tests.chaos.nodes import Nodes
from tests.chaos.plan import plan
from tests.chaos.record import Record
from tests.chaos.verify import Verdict, settled, verify
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import NODES, RabbitCluster
from tests.support.real import RealSuite, kinds_with

PATIENCE_S = 200.0  # below the 300 s for which a bank's signature is good
TELL_EVERY_S = 15.0
LOOK_S = 1.0
FIRST_SEGMENT, NUMBERS = 1000, 9_000_000
PARTITIONS = {"notifications": 3, "fees": 2}


@dataclass(frozen=True, kw_only=True)
class Config:
    """One run. ``mean_gap_s`` lies between two faults on average; ``settle_s`` is what may pass until all is quiet.

    ``nodes`` are the broker's; each service has so many ``workers``.
    """

    seed: int
    seconds: float
    mean_gap_s: float = 2.0
    settle_s: float = 300.0
    nodes: int = NODES
    workers: int = 2
    inspectors: int = 2
    citizens: int = 1
    banks: int = 2
    importers: int = 1
    tellers: int = 1


@dataclass
class Result:
    """What happened, and what was found."""

    config: Config
    injector: Injector
    record: Record
    verdict: Verdict
    settled_after_s: float | None
    began_at: str

    @property
    def good(self) -> bool:
        """Whether everything holds."""
        return not self.verdict.faults

    def as_json(self) -> dict[str, Any]:
        """For build/chaos.json."""
        counts, verdict = self.injector.counts(), self.verdict
        return {
            "began_at": self.began_at,
            "seed": self.config.seed,
            "seconds": self.config.seconds,
            "config": asdict(self.config) | {"partitions": PARTITIONS},
            "good": self.good,
            "faults": sum(counts.values()),
            "faults_by_kind": counts,
            "events": verdict.events,
            "deliveries": verdict.deliveries,
            "lost": verdict.lost,
            "duplicated": verdict.duplicated,
            "out_of_order": verdict.out_of_order,
            "parked": verdict.parked,
            "settled_after_s": self.settled_after_s,
            "holds": verdict.holds,
            "wrong": verdict.faults,
            "counted": verdict.counted,
            "work": dict(self.record.told),
            "repeated_requests": self.record.repeated,
            "answers": dict(sorted(self.record.answers.items())),
            "long_waits": self.record.long_waits,
            "deaths": self.injector.deaths,
            "fault_log": self.injector.log,
        }


def play(
    config: Config,
    folder: Path,
    *,
    say: Callable[[str], None],
    afterwards: Callable[[RealSuite, Record], None] = lambda _suite, _record: None,
) -> Result:
    """Run it; the servers are started for it and are gone when this returns, ``afterwards`` is called before that."""
    say(f"starting PostgreSQL, {config.nodes} RabbitMQ nodes, and four services with {config.workers} workers each")
    with _staged(config, folder) as stage:
        for what, there in ((MISSING, stage.clocks.can_jump), ("nothing may be mounted here", stage.disks.can_be_full)):
            if not there:
                say(f"{what}: some faults cannot take place")
        instrument(stage.suite)
        result = _play(config, stage.suite, Injector(stage), say)
        afterwards(stage.suite, result.record)
        return result


@contextmanager
def _staged(config: Config, folder: Path) -> Iterator[Stage]:
    kinds, clocks = kinds_with(config.workers), Clocks(folder / "clocks")
    with (
        PostgresServer() as postgres,
        RabbitCluster(config.nodes) as cluster,
        Disks(postgres) as disks,
        Network(kinds, postgres, cluster.nodes) as network,
        RealSuite(
            folder,
            postgres,
            cluster,
            workers=config.workers,
            partitions=PARTITIONS,
            tablespaces=disks.tablespaces,
            route=network.route,
            dress=clocks.environment,
        ) as suite,
    ):
        yield Stage(
            suite=suite, network=network, postgres=postgres, nodes=Nodes(cluster.nodes), clocks=clocks, disks=disks
        )


def _play(config: Config, suite: RealSuite, injector: Injector, say: Callable[[str], None]) -> Result:
    record, began_at = Record(), datetime.now(UTC).isoformat(timespec="seconds")
    scene = prepare(config, suite, record)
    actors = cast(config, scene)
    faults = plan(config.seed, config.seconds, config.mean_gap_s)
    say(f"seed {config.seed}: {len(faults)} faults are planned in {config.seconds:.0f} s")
    for actor in actors:
        actor.start()
    injector.run(faults, config.seconds, each=_progress(config, injector, record, say))
    injector.heal()
    say("no more faults; the work at hand is finished and everything settles")
    after_s = settle(config, suite, injector, actors)
    if after_s is None:
        record.break_off(f"not settled after {config.settle_s:.0f} s")
    suite.stop()
    return Result(config, injector, record, verify(suite, record), after_s, began_at)


def prepare(config: Config, suite: RealSuite, record: Record) -> Scene:
    """What must be there before anybody works: registers, a bank, receipt numbers enough for a long run."""
    client = TolerantClient(
        bases=suite.bases, mint=suite.tokens.mint, run=f"{config.seed}-prepare", patience_s=PATIENCE_S, record=record
    )
    scene = Scene(suite=suite, client=client, bank={}, seed=config.seed)
    story = scene.story("prepare", client.chance)
    load(story)
    register_bank(story)
    rest = SEGMENT | {"year": f"{Days.of(story.days.today).today:%y}", "first": FIRST_SEGMENT + 1, "last": NUMBERS}
    story.client.create("fees", "/receipt-segments", rest, who=people.ACCOUNTANT, key="segment-2")
    bank = {"bank": story.memory["bank"], "bank_seed": story.memory["bank_seed"]}
    ready = Scene(suite=suite, client=client, bank=bank, seed=config.seed)
    Importer(ready, "importer", pause_s=1).slice(0, BEFORE)()
    return ready


def cast(config: Config, scene: Scene) -> list[Actor]:
    """Everybody who works."""
    return [
        *(Inspector(scene, f"inspector-{n}", pause_s=0.3) for n in range(config.inspectors)),
        *(Citizen(scene, f"citizen-{n}", pause_s=0.7) for n in range(config.citizens)),
        *(Bank(scene, f"bank-{n}", pause_s=0.3) for n in range(config.banks)),
        *(Importer(scene, f"importer-{n}", pause_s=2) for n in range(config.importers)),
        *(Teller(scene, f"teller-{n}", pause_s=0.5) for n in range(config.tellers)),
    ]


def settle(config: Config, suite: RealSuite, injector: Injector, actors: list[Actor]) -> float | None:
    """Wait until all have finished and nothing is on its way; how long that took, None when it took too long."""
    began = time.monotonic()
    for actor in actors:
        actor.stop()
    while time.monotonic() - began < config.settle_s:
        injector.tick()
        with suppress(psycopg.OperationalError):
            if not any(actor.is_alive() for actor in actors) and settled(suite.query):
                return round(time.monotonic() - began, 1)
        time.sleep(LOOK_S)
    return None


def _progress(config: Config, injector: Injector, record: Record, say: Callable[[str], None]) -> Callable[[], None]:
    next_at = [time.monotonic() + TELL_EVERY_S]
    began = time.monotonic()

    def tell() -> None:
        if time.monotonic() < next_at[0]:
            return
        next_at[0] += TELL_EVERY_S
        done = sum(injector.counts().values())
        made = sum(len(keys) for keys in record.created.values())
        moment = time.monotonic() - began
        say(f"{moment:4.0f} of {config.seconds:.0f} s: {done} faults, {made} requests accepted, {dict(record.told)}")

    return tell
