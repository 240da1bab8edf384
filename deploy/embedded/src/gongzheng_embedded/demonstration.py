"""The demonstration: the story told in the background while people watch, resumed where it was after a restart."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from gongzheng.clock import legal_date
from gongzheng.ids import new_id
from gongzheng_embedded.sample import take_over
from gongzheng_embedded.story.client import Client, StoryError
from gongzheng_embedded.story.memory import Memory
from gongzheng_embedded.story.teller import Step, Story
from gongzheng_embedded.story.whole import STEPS, figures
from gongzheng_embedded.suite import Suite

FIRST_LOOK_S = 2.0  # a person needs this long to open the page
_log = structlog.get_logger(__name__)


class Telling:
    """A story on a suite, ready to be played."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def play(self) -> dict[str, Any]:
        """Tell it to the end; its figures."""
        self.story.tell(STEPS)
        return figures(self.story)


def begin(memory: Memory) -> Memory:
    """Fix what must not change when a story is resumed: its day, its moment, its run."""
    if "run" not in memory:
        now = datetime.now(UTC)
        began = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        memory.keep(run=new_id(), today=legal_date(now).isoformat(), began_at=began)
    return memory


def story_of(suite: Suite, *, pace_s: float, memory_file: Path | None = None) -> Telling:
    """The story on a running suite."""
    memory = begin(Memory(memory_file))
    if "hook_secret" in memory:
        suite.hooks.secret = memory["hook_secret"]
    client = Client(bases=suite.bases, mint=suite.tokens.mint, run=memory["run"])
    return Telling(
        Story(
            client=client,
            memory=memory,
            mail=lambda: [dict(message) for message in suite.mailbox()],
            hooks=suite.hooks,
            hook_url=suite.hook_url,
            audience=suite.stage,
            pace_s=pace_s,
        )
    )


@dataclass(frozen=True)
class Sample:
    """A file of old cases and the mapping that says which column is what."""

    file: Path
    mapping: Path


class Demonstration(threading.Thread):
    """Tells the story once per data folder, at a pace that a person can follow; then takes over the sample."""

    def __init__(self, suite: Suite, *, pace_s: float, sample: Sample | None = None) -> None:
        super().__init__(name="demonstration", daemon=True)
        self._suite, self._pace_s, self._sample = suite, pace_s, sample
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Tell what is not told yet."""
        if self._stop_asked.wait(FIRST_LOOK_S):
            return
        try:
            memory = self._tell()
            if self._sample is not None and "sample" not in memory:
                self._take_over(self._sample, memory)
        except _StoppedError:
            return
        except StoryError as error:
            _log.error("demonstration_failed", error=str(error))
            self._say(f"演示中断：{error}", f"The story broke off: {error}")
            return
        self._say(*_told(memory))

    def _tell(self) -> Memory:
        telling = story_of(self._suite, pace_s=self._pace_s, memory_file=self._suite.folder.root / "story.json")
        story = telling.story
        self._show_earlier(story.memory.get("refusals", []))
        story.tell(STEPS, before=self._stop_when_asked)
        return story.memory

    def _take_over(self, sample: Sample, memory: Memory) -> None:
        def progress(rows: int) -> None:
            self._stop_when_asked()
            self._say(f"正在导入真实旧案：第 {rows:,} 行", f"Taking over real old cases: row {rows:,}", running=True)

        report = take_over(self._suite, sample.file, sample.mapping, progress)
        memory.keep(sample={"imported": report.imported + report.already_imported, "refused": report.refused})

    def _say(self, zh: str, en: str, *, running: bool = False) -> None:
        self._suite.stage.story(zh=zh, en=en, running=running)

    def stop(self) -> None:
        """End before the next step; the rest is told after the next start."""
        self._stop_asked.set()
        self.join(timeout=10)

    def _stop_when_asked(self, _: Step | None = None) -> None:
        if self._stop_asked.is_set():
            raise _StoppedError

    def _show_earlier(self, refusals: list[Mapping[str, Any]]) -> None:
        """What was refused before a restart is shown again; events come again from the outboxes by themselves."""
        for entry in refusals:
            words = {"zh": entry["zh"], "en": entry["en"]}
            self._suite.stage.refused(**words, status=entry["status"], code=entry["code"], law=list(entry["law"]))


def _told(memory: Memory) -> tuple[str, str]:
    """What it came to, in both languages."""
    number, refused = memory["case_number"], len(memory["refusals"])
    zh = f"演示完成：{number}已归档，{refused} 个违法步骤被拒绝。"
    en = f"Told to the end: {number} is archived, {refused} unlawful steps were refused."
    if "sample" in memory:
        taken, left = memory["sample"]["imported"], memory["sample"]["refused"]
        zh += f"另导入真实旧案 {taken:,} 件，{left} 行写明理由不予导入。"
        en += f" {taken:,} real old cases were taken over, {left} rows refused with a reason."
    return zh, en


class _StoppedError(Exception):
    """The suite is going down."""
