"""Telling the story: steps in order, each taken until it holds, each refusal checked against the law it cites."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from gongzheng_embedded.people import Person
from gongzheng_embedded.receiver import WebhookReceiver
from gongzheng_embedded.story.client import Answer, Client, StoryError
from gongzheng_embedded.story.days import Days
from gongzheng_embedded.story.memory import Memory

CONFLICTS_MAX = 20  # somebody else may change a case between reading and writing it; not for ever


class Audience(Protocol):
    """Whoever follows the story."""

    def story(self, *, zh: str, en: str, running: bool) -> None:
        """Where the story is."""

    def refused(self, *, zh: str, en: str, status: int, code: str, law: list[str]) -> None:
        """An unlawful step was tried and refused."""

    def follow(self, case_id: str) -> None:
        """This is the case to look at."""


class Nobody:
    """An audience that is not there."""

    def story(self, *, zh: str, en: str, running: bool) -> None:
        """Nobody listens."""

    def refused(self, *, zh: str, en: str, status: int, code: str, law: list[str]) -> None:
        """Nobody listens."""

    def follow(self, case_id: str) -> None:
        """Nobody listens."""


@dataclass(frozen=True)
class Step:
    """One step of the story, with its name for resuming and its sentence for the audience."""

    name: str
    zh: str
    en: str
    tell: Callable[["Story"], None]

    @property
    def tries_the_unlawful(self) -> bool:
        """Whether the step only tries what must be refused; it can be taken in its own moment and not again later."""
        return self.zh.startswith("试：")


@dataclass
class Story:
    """One telling. ``mail`` reads what was sent to the party; ``hook_url`` is where ``hooks`` listens."""

    client: Client
    memory: Memory
    mail: Callable[[], Sequence[dict[str, Any]]]
    hooks: WebhookReceiver
    hook_url: str
    audience: Audience = field(default_factory=Nobody)
    pace_s: float = 0.0

    def __post_init__(self) -> None:
        if "today" not in self.memory:
            raise StoryError("the story needs to know on which day it was begun")
        self.days = Days.of(date.fromisoformat(self.memory["today"]))
        if "main" in self.memory:
            self.audience.follow(self.memory["main"])

    def tell(self, steps: Sequence[Step], *, before: Callable[[Step], None] | None = None) -> None:
        """Take the steps that are not taken yet; ``before`` is called ahead of each (tests kill processes there)."""
        for step in steps:
            if f"step:{step.name}" in self.memory:
                continue
            self.audience.story(zh=step.zh, en=step.en, running=True)
            if before is not None:
                before(step)
            try:
                step.tell(self)
            except StoryError as error:
                raise StoryError(f"{step.name}: {error}") from error
            self.memory.keep(**{f"step:{step.name}": True})
            time.sleep(self.pace_s)

    def refused(
        self, name: str, answer: Answer, *, status: int, code: str, law: Sequence[str], zh: str, en: str
    ) -> None:
        """Check that an unlawful step got its problem, with the article that forbids it, and tell the audience."""
        body = answer.body if isinstance(answer.body, dict) else {}
        cited = [entry["ref"] for entry in body.get("law", [])]
        if (answer.status, code_of(answer)) != (status, code) or not set(law) <= set(cited):
            raise StoryError(f"{name}: expected {status} {code} {list(law)}, got {answer.status} {body}")
        refusals = {entry["name"]: entry for entry in self.memory.get("refusals", [])}
        entry = {"name": name, "status": status, "code": code, "law": cited, "zh": zh, "en": en}
        self.memory.keep(refusals=list((refusals | {name: entry}).values()))
        if name not in refusals:
            self.audience.refused(zh=zh, en=en, status=status, code=code, law=cited)
            time.sleep(self.pace_s / 2)

    def change(
        self,
        service: str,
        thing: str,
        path: str,
        body: Any,
        *,
        who: Person,
        key: str,
        done: Callable[[Any], bool] = lambda _: False,
    ) -> Any:
        """Change a versioned thing once: for the version read, under a key, and not at all when it is ``done``.

        An answer that got lost comes again by the key; a change by somebody else in between means to read again.
        """
        answer = None
        for _ in range(CONFLICTS_MAX):
            there = self.client.get(service, thing, who=who)
            if done(there.body):
                return there.body
            answer = self.client.send(
                "POST", service, f"{thing}{path}", who=who, body=body, version=there["version"], key=key
            )
            if answer.status in OK:
                return answer.body
            if answer.status not in STALE or code_of(answer) not in STALE_CODES:
                break
        raise StoryError(f"POST {service}{thing}{path}: {answer and (answer.status, answer.body)}")


OK = (200, 201)
STALE = (409, 412)
STALE_CODES = ("edit-conflict", "precondition-failed")


def code_of(answer: Answer) -> str:
    """The stable code of a problem."""
    body = answer.body if isinstance(answer.body, dict) else {}
    return str(body.get("code", ""))
