"""Several workers and several queues of one service, as processes of their own that are killed and told to stop."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest

from gongzheng.clock import SystemClock
from tests.support.servers import PostgresServer, RabbitServer

from .conftest import close, open_service
from .test_amqp import assert_once_and_in_order
from .test_relay import wait_for

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
        """How many messages a queue holds, delivered and unacknowledged ones among them."""
        connection = pika.BlockingConnection(pika.URLParameters(self.broker))
        try:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
        finally:
            connection.close()

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


def test_workers_share_the_partitions_and_take_over_those_of_one_that_is_killed(
    suite: Suite, record_property: Callable[[str, object], None]
) -> None:
    """Four partitions: whoever came first gives away what is too much, and nothing waits for the dead for long."""
    suite.start("cases", "relay")
    workers = [suite.start("fees", "consumer", partitions=4)]
    with load(suite):
        wait_for(lambda: list(suite.shares().values()) == [4], 30)
        workers += [suite.start("fees", "consumer", partitions=4) for _ in range(2)]
        wait_for(lambda: sorted(suite.shares().values()) == [1, 1, 2], 40)
        workers[0].kill()
        killed_at, before = time.monotonic(), suite.length
        wait_for(lambda: suite.fees.scalar(_SEEN_SINCE, before) == LANES, 30)
        took_s = time.monotonic() - killed_at
        record_property("take_over_s", round(took_s, 2))
        wait_for(lambda: sorted(suite.shares().values()) == [2, 2], 30)
    wait_for(suite.all_took_effect, 30)

    assert took_s < 5
    assert_once_and_in_order(suite.fees, LANES, suite.length)
    assert suite.fees.lanes.overview() == []


_SEEN_SINCE = "SELECT count(*) FROM lane WHERE last_sequence > ?"
