"""Several workers and several queues of one service, as processes of their own that are killed and told to stop."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest

from gongzheng.clock import SystemClock
from gongzheng.messaging.amqp import AmqpPublisher
from gongzheng.messaging.declaring import declare, left_over
from gongzheng.messaging.partitions import PartitionedConsumer
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng.messaging.worker import Part, retry_part
from tests.support.servers import PostgresServer, RabbitServer

from .conftest import close, open_service
from .test_amqp import assert_once_and_in_order, at_work, relay_part
from .test_relay import published, wait_for
from .test_topology import exported

pytestmark = [pytest.mark.real, pytest.mark.req("X-01", "X-02")]

ROOT = Path(__file__).parents[3]
PROGRAM = "shared.tests.messaging.worker_process"
LANES = 40


class Suite:
    """Two services on databases of their own at one virtual host, and the processes that work for them."""

    def __init__(self, postgres: PostgresServer, rabbit: RabbitServer, vhost: str, folder: Path) -> None:
        self._postgres, self.rabbit, self.vhost, self._folder = postgres, rabbit, vhost, folder
        self.names = {name: postgres.create_database() for name in ("cases", "fees")}
        self.opened = {name: open_service(self.url(name), name, SystemClock()) for name in self.names}
        self.cases, self.fees = (self.opened[name][1] for name in ("cases", "fees"))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.length = 0

    def url(self, service: str) -> str:
        """The address of a service's database."""
        return self._postgres.url(self.names[service])

    @property
    def broker(self) -> str:
        """The address of the broker."""
        return self.rabbit.url(self.vhost)

    def start(self, service: str, *only: str, **told: Any) -> subprocess.Popen[bytes]:
        """Start a worker."""
        words = {"service": service, "database": self.url(service), "broker": self.broker, "only": only, **told}
        with (self._folder / f"{len(self.processes)}.log").open("ab") as log:
            command = [sys.executable, "-m", PROGRAM, json.dumps(words)]
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def log(self, process: subprocess.Popen[bytes]) -> str:
        """What a worker wrote."""
        return (self._folder / f"{self.processes.index(process)}.log").read_text()

    def shares(self) -> dict[str, int]:
        """How many partitions each worker of fees says that it works on, by its name."""
        rows = self.fees.mechanism.execute(
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name LIKE 'gongzheng fees shares %%'"
        ).fetchall()
        return {name.split()[3]: int(name.split()[4]) for (name,) in rows}

    def emit(self, rounds: int = 1) -> None:
        """One more event on each lane, so many times."""
        for _ in range(rounds):
            for lane in range(LANES):
                self.cases.note(f"case-{lane}", self.length)
            self.length += 1

    def all_took_effect(self) -> bool:
        """Whether every event that was emitted so far did."""
        return bool(self.fees.scalar("SELECT count(*) FROM effect") == LANES * self.length)

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue; those that a consumer has in hand are not counted."""
        connection = pika.BlockingConnection(pika.URLParameters(self.broker))
        try:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
        finally:
            connection.close()

    def has_queue(self, name: str) -> bool:
        """Whether a queue is there and bound."""
        bindings = self.rabbit.api("GET", f"/definitions/{self.vhost}")["bindings"]
        return any(binding["destination"] == name for binding in bindings)

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()
        for database, _ in self.opened.values():
            close(database)
        for name in self.names.values():
            self._postgres.drop_database(name)


@pytest.fixture
def suite(
    postgres_server: PostgresServer, rabbit_server: RabbitServer, rabbit_vhost: str, tmp_path: Path
) -> Iterator[Suite]:
    """Nothing runs yet."""
    made = Suite(postgres_server, rabbit_server, rabbit_vhost, tmp_path)
    yield made
    made.close()


@contextmanager
def load(suite: Suite) -> Iterator[None]:
    """Events on all lanes, one after another, while the block lasts."""
    stop = threading.Event()
    faults: list[BaseException] = []

    def emit() -> None:
        try:
            while not stop.wait(0.05):
                suite.emit()
        except BaseException as error:  # noqa: BLE001 shown below
            faults.append(error)
        finally:
            suite.cases.mechanism.database.close()

    thread = threading.Thread(target=emit)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        assert faults == []


def test_workers_share_the_partitions_and_take_over_those_of_one_that_is_killed(suite: Suite) -> None:
    """Four partitions: whoever came first gives away what is too much, and nothing waits for the dead for long."""
    workers = [suite.start("fees", "consumer", partitions=4)]
    wait_for(lambda: suite.has_queue("fees.inbox.4"), 30)
    suite.start("cases", "relay")
    with load(suite):
        wait_for(lambda: list(suite.shares().values()) == [4], 30)
        workers += [suite.start("fees", "consumer", partitions=4) for _ in range(2)]
        wait_for(lambda: sorted(suite.shares().values()) == [1, 1, 2], 40)
        workers[0].kill()
        killed_at, before = time.monotonic(), suite.length
        wait_for(lambda: suite.fees.scalar(_SEEN_SINCE, before) == LANES, 30)
        took_s = time.monotonic() - killed_at
        sys.stdout.write(f"taken over after {took_s:.2f} s\n")
        wait_for(lambda: sorted(suite.shares().values()) == [2, 2], 30)
    wait_for(suite.all_took_effect, 30)

    assert took_s < 5
    assert_once_and_in_order(suite.fees, LANES, suite.length)
    assert suite.fees.lanes.overview() == []


_SEEN_SINCE = "SELECT count(*) FROM lane WHERE last_sequence > ?"


@contextmanager
def administrator(suite: Suite) -> Iterator[Any]:
    """A connection of whoever may declare."""
    connection = pika.BlockingConnection(pika.URLParameters(suite.broker))
    try:
        yield connection
    finally:
        connection.close()


def partitioned(suite: Suite, count: int) -> PartitionedConsumer:
    """All partitions of fees in one worker, which was told how many there are."""
    topology = TOPOLOGY.with_partitions("fees", count)
    return PartitionedConsumer(suite.broker, suite.fees.consumer, topology=topology)


def test_partitions_are_added_and_taken_away_under_load(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one to three and back, with a worker of before beside one of after.

    Lanes move between queues, and no event is lost, taken twice or out of order. What a queue that is left over holds
    is read, and its reader ends with it.
    """
    monkeypatch.setattr("gongzheng.messaging.partitions.LOOK_FOR_QUEUES_EVERY_S", 0.2)
    monkeypatch.setattr("gongzheng.messaging.partitions.LOOK_EVERY_S", 0.2)
    wide = TOPOLOGY.with_partitions("fees", 3)
    with ExitStack() as working:
        publisher = working.enter_context(AmqpPublisher(suite.broker, "cases"))
        working.enter_context(at_work(relay_part(suite.cases, publisher), retry_part(suite.fees.consumer)))
        with load(suite):
            before, after, narrow = (partitioned(suite, count) for count in (1, 3, 1))
            with at_work(Part("before", before.run)):
                wait_for(lambda: before.working_on() == [1], 30)
                grown = working.enter_context(at_work(Part("after", after.run)))
                wait_for(lambda: {2, 3} <= {*before.working_on(), *after.working_on()}, 30)
            wait_for(lambda: sorted(after.working_on()) == [1, 2, 3], 30)
            assert wide.differences(exported(suite.rabbit, suite.vhost), vhost=suite.vhost) == []

            with administrator(suite) as connection:
                declare(connection, TOPOLOGY, ["fees"])
                assert left_over(connection, TOPOLOGY, "fees") == ["fees.inbox.2", "fees.inbox.3"]
            working.enter_context(at_work(Part("narrow", narrow.run)))
            wait_for(lambda: sorted(narrow._readers) == [1, 2, 3], 30)
            assert grown.stop()
            wait_for(lambda: suite.depth("fees.inbox.2") + suite.depth("fees.inbox.3") == 0, 30)
            with administrator(suite) as connection:
                for name in ("fees.inbox.2", "fees.inbox.3"):
                    connection.channel().queue_delete(name)
            wait_for(lambda: sorted(narrow._readers) == [1], 30)
        wait_for(suite.all_took_effect, 30)

    assert TOPOLOGY.differences(exported(suite.rabbit, suite.vhost), vhost=suite.vhost) == []
    assert_once_and_in_order(suite.fees, LANES, suite.length)
    assert suite.fees.lanes.overview() == []


def test_a_worker_that_is_told_to_stop_finishes_and_acknowledges_the_batch_at_hand(suite: Suite) -> None:
    """In the middle of its work: what took effect is out of the queue, what did not is still there, nothing is both."""
    suite.emit(25)
    suite.start("cases", "relay")
    wait_for(lambda: len(published(suite.cases)) == LANES * 25, 30)
    worker = suite.start("fees", "consumer", pause_ms=3)
    wait_for(lambda: suite.fees.scalar("SELECT count(*) FROM effect") > 0, 30)
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(30) == 0, suite.log(worker)
    done = suite.fees.scalar("SELECT count(*) FROM effect")
    assert 0 < done < LANES * 25, "it was in the middle"
    assert suite.depth("fees.inbox.1") == LANES * 25 - done
    suite.start("fees", "consumer")
    wait_for(suite.all_took_effect, 30)
    assert_once_and_in_order(suite.fees, LANES, 25)


def test_another_relay_takes_over_from_one_that_is_killed(suite: Suite) -> None:
    """PostgreSQL notices the closed session at once; what went out without a mark goes out again and counts once."""
    relays = [suite.start("cases", "relay") for _ in range(2)]
    suite.start("fees", "consumer")
    with load(suite):
        wait_for(lambda: any("relay_leading" in suite.log(one) for one in relays), 30)
        wait_for(lambda: suite.fees.scalar(_SEEN_SINCE, 3) == LANES, 30)
        (leader,) = [one for one in relays if "relay_leading" in suite.log(one)]
        leader.kill()
        killed_at, before = time.monotonic(), suite.length
        wait_for(lambda: suite.fees.scalar(_SEEN_SINCE, before) == LANES, 30)
        took_s = time.monotonic() - killed_at
        sys.stdout.write(f"taken over after {took_s:.2f} s\n")
    wait_for(suite.all_took_effect, 30)

    assert took_s < 5
    assert_once_and_in_order(suite.fees, LANES, suite.length)
    positions = suite.cases.mechanism.execute("SELECT position FROM outbox ORDER BY position").fetchall()
    assert [position for (position,) in positions] == list(range(1, LANES * suite.length + 1))
