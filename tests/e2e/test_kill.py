"""Any process may be killed at any moment: the story still ends right, nothing lost, nothing twice."""

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gongzheng_embedded.people import SERVICES
from gongzheng_embedded.story.client import eventually
from gongzheng_embedded.story.teller import Step
from gongzheng_embedded.story.whole import STEPS, figures
from tests.e2e.checks import check_events, check_figures, check_nothing_twice, settled
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.real import KINDS, RealSuite, story_on

pytestmark = pytest.mark.real

SEED = int(os.environ.get("GONGZHENG_SEED", "20210715"))  # the same points every time, others when asked
KILLS = 14
LATEST_S = 0.25  # most steps take less: the kill falls into the step, or between it and the next


class Killer:
    """Kills one process, somewhere in a step, and starts it again as a supervisor would."""

    def __init__(self, suite: RealSuite, seed: int) -> None:
        self._suite = suite
        self._random = random.Random(seed)  # noqa: S311 chance that can be repeated, not a secret
        self._steps = {STEPS[index].name for index in self._random.sample(range(len(STEPS)), KILLS)}
        self._threads: list[threading.Thread] = []
        self.killed: list[str] = []

    def before(self, step: Step) -> None:
        """Ahead of each step: in the chosen ones, let a kill fall into it."""
        if step.name not in self._steps:
            return
        # One at a time: this is about one process dying, with all others at work.
        self.finish()
        service, kind = self._random.choice(SERVICES), self._random.choice(KINDS)
        delay_s = self._random.uniform(0, LATEST_S)
        thread = threading.Thread(target=self._strike, args=(step.name, service, kind, delay_s))
        thread.start()
        self._threads.append(thread)

    def _strike(self, step: str, service: str, kind: str, delay_s: float) -> None:
        time.sleep(delay_s)
        self._suite.kill(service, kind)
        self.killed.append(f"{step}: {service} {kind} after {delay_s:.3f} s")
        self._suite.start(service, kind)
        if kind == "api":
            self._suite.wait_ready(service)

    def finish(self) -> None:
        """Wait until the process killed last is back."""
        while self._threads:
            self._threads.pop().join()


@pytest.fixture
def suite(tmp_path: Path, postgres_server: PostgresServer, rabbit_server: RabbitServer) -> Iterator[RealSuite]:
    """The suite as it runs for real."""
    with RealSuite(tmp_path, postgres_server, rabbit_server) as running:
        yield running


@pytest.mark.req("X-01", "X-02", "X-14")
def test_the_story_ends_right_although_processes_are_killed_in_the_middle_of_its_steps(suite: RealSuite) -> None:
    """Fourteen times a random service's gunicorn or worker dies by SIGKILL inside a step and comes back."""
    story, killer = story_on(suite).story, Killer(suite, SEED)
    story.tell(STEPS, before=killer.before)
    killer.finish()
    assert len(killer.killed) == KILLS, killer.killed
    check_figures(figures(story))
    eventually("all events to arrive", lambda: settled(suite.query))
    check_events(suite.query)
    check_nothing_twice(story)
