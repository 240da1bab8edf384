"""Those who work while everything fails: they report, complain, take over old cases, pay, and go the whole way."""

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gongzheng.clock import legal_date
from gongzheng_embedded.story import people
from gongzheng_embedded.story.case import CASE
from gongzheng_embedded.story.client import StoryError, eventually
from gongzheng_embedded.story.ending import ENDING
from gongzheng_embedded.story.memory import Memory
from gongzheng_embedded.story.money import MONEY, SECOND_MONEY
from gongzheng_embedded.story.registers import MATTER
from gongzheng_embedded.story.second import FORGOTTEN, SECOND, SECOND_CASE
from gongzheng_embedded.story.teller import Step, Story
from gongzheng_embedded.story.watchers import COMPLAINT, accept, report
from tests.chaos.client import TolerantClient
from tests.support.real import RealSuite

GIVE_UP_AFTER = 4  # tries of a piece of work that fails although every request was answered
NO_REASON = "经核查，没有违法事实，依法不予立案。"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What all actors share. ``bank`` is what the story remembers of its bank; ``seed`` is the run's."""

    suite: RealSuite
    client: TolerantClient
    bank: dict[str, Any]
    seed: int

    def story(self, work: str, chance: random.Random) -> Story:
        """An empty story for one piece of work, whose citizens call from an address of their own."""
        now = datetime.now(UTC)
        memory, run = Memory(), f"{self.seed}-{work}"
        began = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        memory.keep(run=run, today=legal_date(now).isoformat(), began_at=began, matter=MATTER, **self.bank)
        source = f"127.{chance.randint(1, 250)}.{chance.randint(1, 250)}.{chance.randint(1, 250)}"
        client = self.client.for_work(run, source)
        return Story(client=client, memory=memory, mail=list, hooks=self.suite.hooks, hook_url=self.suite.hook_url)


class Actor(threading.Thread, ABC):
    """Does one piece of work after another until told to stop, then finishes the one at hand."""

    def __init__(self, scene: Scene, name: str, *, pause_s: float) -> None:
        super().__init__(name=name, daemon=True)
        self.scene, self.record = scene, scene.client.record
        self.chance = random.Random(f"{scene.seed} {name}")  # noqa: S311 chance that can be repeated, not a secret
        self.done = 0
        self._pause_s = pause_s
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """Begin nothing new."""
        self._stop_asked.set()

    @property
    def kind(self) -> str:
        """What it does, for the report."""
        return self.name.rstrip("0123456789-")

    def run(self) -> None:
        """Work."""
        while not self._stop_asked.is_set():
            self._finish(self.begin())
            self.done += 1
            self._stop_asked.wait(self.chance.expovariate(1 / self._pause_s))

    def _finish(self, go: Callable[[], None]) -> None:
        for left in reversed(range(GIVE_UP_AFTER)):
            try:
                go()
            except StoryError as error:
                if not left:
                    self.record.break_off(f"{self.name}, work {self.done}: {error}"[:1000])
            except Exception as error:
                self.record.break_off(f"{self.name}, work {self.done}: {type(error).__name__}: {error}"[:1000])
                raise
            else:
                self.record.finish(self.kind)
                return

    @abstractmethod
    def begin(self) -> Callable[[], None]:
        """The next piece of work; what is returned may be called again where it broke off."""


class Inspector(Actor):
    """Reports leads found on inspection; files most of them and declines some."""

    def begin(self) -> Callable[[], None]:
        """One lead."""
        story, draw = self.scene.story(f"{self.name}-{self.done}", self.chance), self.chance.random()
        return lambda: self._report(story, draw)

    def _report(self, story: Story, draw: float) -> None:
        day = story.days.today
        body = {
            "source": "inspection",
            "summary": "日常检查发现货架上有超过保质期的食品。",
            "done_on": day.isoformat(),
            "matter_id": MATTER,
            "conduct_on": day.isoformat(),
            "party": SECOND.party | {"email": None},
        }
        case = story.client.create("cases", "/cases", body, who=people.INTAKE, key="lead")
        story.memory.keep(second=case["id"])
        if draw < 0.5:
            SECOND.file(story, day)
            SECOND.assign(story, day)
        elif draw < 0.7:
            declined = {"done_on": day.isoformat(), "filed": False, "reason": NO_REASON}
            SECOND.act(story, "/filing", declined, who=people.INTAKE)


class Citizen(Actor):
    """Files reports without a name; oversight takes them up, and each becomes a lead at the department."""

    def begin(self) -> Callable[[], None]:
        """One report."""
        story = self.scene.story(f"{self.name}-{self.done}", self.chance)

        def work() -> None:
            report(story)
            accept(story)

        return work


class Teller(Actor):
    """Tells the story: a citizen's case to its archive, or an inspection's case to its late payment."""

    def begin(self) -> Callable[[], None]:
        """One telling; it goes on at the step where it broke off."""
        story = self.scene.story(f"{self.name}-{self.done}", self.chance)
        steps = MAIN_STEPS if self.done % 2 == 0 else SECOND_STEPS
        return lambda: story.tell(steps)


def _arrive(story: Story) -> None:
    """The accepted report has become a lead: found among the newest, each of which is read once."""
    seen: dict[str, str | None] = {}

    def look() -> Any:
        for line in story.client.get("cases", "/cases?limit=100", who=people.INTAKE)["items"]:
            if line["source"] == "complaint" and line["id"] not in seen:
                case = story.client.get("cases", f"/cases/{line['id']}", who=people.INTAKE)
                seen[line["id"]] = case["complaint_id"]
        return next((case for case, complaint in seen.items() if complaint == story.memory["complaint"]), None)

    story.memory.keep(main=eventually("a lead from the accepted report", look))


def _without(name: str, steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.name != name)


ARRIVE = Step("lead", "举报成为线索", "The report has become a lead", _arrive)
MAIN_STEPS = (*COMPLAINT, ARRIVE, *_without("lead", CASE), *MONEY, *ENDING)
SECOND_STEPS = (FORGOTTEN, *SECOND_CASE, *SECOND_MONEY)
