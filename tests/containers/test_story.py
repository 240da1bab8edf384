"""The story through the proxy against the containers, some of which die on the way."""

import sys
import threading
import time
from collections.abc import Callable

import pytest

from gongzheng_embedded.demonstration import begin
from gongzheng_embedded.story.client import Client, eventually
from gongzheng_embedded.story.memory import Memory
from gongzheng_embedded.story.teller import Step, Story
from gongzheng_embedded.story.whole import STEPS, figures
from tests.containers.engine import BACK_S, ContainerSuite, docker
from tests.e2e.checks import check_events, check_figures, check_nothing_twice, settled

CRASHES = {
    "accept": "oversight-worker",
    "assign": "cases",
    "decide": "notifications-worker",
    "serve": "cases-worker",
    "part-1": "fees",
    "second-paid": "fees-worker",
}
"""Step → the container that dies in it; the engine brings it back."""
RESTARTS = {"review": "rabbitmq", "second-investigate": "postgres", "close": "proxy"}
"""Step → the container that is ended without notice and started again, as when its machine loses power."""
LOST_FROM, LOST_TO = "evidence", "report-in"
"""Between these two steps fees is away, and then what waited for it about the case is lost at the broker."""


class Misfortune:
    """What goes wrong while the story is told."""

    def __init__(self, suite: ContainerSuite, memory: Memory) -> None:
        self._suite, self._memory = suite, memory
        self._threads: list[threading.Thread] = []
        self.lost = 0
        self.died: list[str] = []

    def before(self, step: Step) -> None:
        """Ahead of each step: let what is due fall into it."""
        if step.name in CRASHES:
            self._strike(step.name, CRASHES[step.name], self._suite.crash)
        if step.name in RESTARTS:
            self._strike(step.name, RESTARTS[step.name], self._restart)
        if step.name == LOST_FROM:
            docker("stop", "--time", "40", self._suite.container("fees-worker"))
        if step.name == LOST_TO:
            arguments = ("FEES_AMQP_URL", "fees.inbox.1", self._memory["main"])
            self.lost = int(self._suite.inside("fees", "lose_events.py", *arguments))
            docker("start", self._suite.container("fees-worker"))

    def finish(self) -> None:
        """Wait until everything that died is well again."""
        while self._threads:
            self._threads.pop().join()
        for service in {*CRASHES.values(), *RESTARTS.values()}:
            self._suite.wait_healthy(service)

    def _strike(self, step: str, service: str, how: Callable[[str], None]) -> None:
        def strike() -> None:
            began = time.monotonic()
            how(service)
            self._suite.wait_healthy(service)
            self.died.append(f"{step}: {service}, well again after {time.monotonic() - began:.1f} s")
            sys.stderr.write(f"  {self.died[-1]}\n")

        # One at a time: this is about one container dying, with all others at work.
        while self._threads:
            self._threads.pop().join()
        self._threads.append(threading.Thread(target=strike))
        self._threads[-1].start()

    def _restart(self, service: str) -> None:
        docker("restart", "--time", "0", self._suite.container(service))


@pytest.mark.req("X-01", "X-02", "X-06", "X-12", "C-10", "C-12", "C-17", "C-19", "C-27", "F-01", "F-02", "F-06")
@pytest.mark.req("N-02", "N-05", "O-01", "O-05", "O-11")
def test_a_case_goes_all_the_way_through_the_containers_although_nine_of_them_die(suite: ContainerSuite) -> None:
    """And the broker loses what waited for fees: it ends right all the same, nothing lost, nothing twice."""
    memory = begin(Memory())
    client = Client(bases=suite.bases, mint=suite.mint, run=memory["run"], patience_s=BACK_S)
    story = Story(client=client, memory=memory, mail=suite.mailbox, hooks=suite.hooks, hook_url=suite.listen())
    misfortune = Misfortune(suite, memory)
    story.tell(STEPS, before=misfortune.before)
    misfortune.finish()

    assert len(misfortune.died) == len(CRASHES) + len(RESTARTS)
    assert misfortune.lost > 0
    check_figures(figures(story))
    eventually("all events to arrive", lambda: settled(suite.query), patience_s=BACK_S)
    check_events(suite.query)
    check_nothing_twice(story)
