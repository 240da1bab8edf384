"""Old cases taken over with ``gongzheng import``, and the bank that collects what they still owe."""

import base64
import csv
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import Answer, StoryError
from gongzheng_embedded.story.teller import Story
from tests.chaos.actors import Actor
from tests.chaos.client import CREATED

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/data/nyc_parking_camera/cases.csv"
MAPPING = ROOT / "services/cases/src/cases/data/mappings/nyc_parking_camera.toml"
SLICE = 30
BEFORE = 240  # rows taken over before the first fault, so that the bank has debts to collect
KILLED = 0.25  # share of the imports that are killed once before they come to their end
IMPORT_TRIES = 60
UNKNOWN_CODE = 0.08


@cache
def _sample() -> tuple[list[str], list[list[str]]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return head, rows


class Importer(Actor):
    """Takes the real sample over, slice by slice; when it is used up, again under other numbers."""

    def begin(self) -> Callable[[], None]:
        """One slice."""
        kill_after_s = self.chance.uniform(0.8, 3) if self.chance.random() < KILLED else None
        return self.slice(BEFORE + self.done * SLICE, SLICE, kill_after_s)

    def slice(self, start: int, count: int, kill_after_s: float | None = None) -> Callable[[], None]:
        """So many rows of the sample from one on, which is counted from 0 and beyond its end begins again."""
        head, rows = _sample()
        file = self.scene.suite.folder.root / f"import-{start}.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(head)
            for n in range(start, start + count):
                again, (number, *rest) = n // len(rows), rows[n % len(rows)]
                writer.writerow([f"{number}-{again}" if again else number, *rest])
        return lambda: self._take_over(file, kill_after_s)

    def _take_over(self, file: Path, kill_after_s: float | None) -> None:
        words = ("import", str(file), "--mapping", str(MAPPING), "--json")
        for _ in range(IMPORT_TRIES):
            try:
                done = self.scene.suite.command("cases", *words, timeout_s=kill_after_s)
            except subprocess.TimeoutExpired:
                kill_after_s = None
                continue
            if done.returncode == 0:
                report = json.loads(done.stdout)
                self.record.take_over(file.name, report["imported"] + report["already_imported"])
                return
            kill_after_s = None
            time.sleep(1)
        raise StoryError(f"gongzheng import {file.name}: {done.returncode} {done.stderr[-500:]}")


class Bank(Actor):
    """Tells of payments on what old cases owe: in parts, in full, too much, and now and then under a wrong code."""

    def begin(self) -> Callable[[], None]:
        """One payment, on a debt that is chosen now."""
        story = self.scene.story(f"{self.name}-{self.done}", self.chance)
        page = "/obligations?state=open&origin=import&limit=100"
        try:
            owed = story.client.get("fees", page, who=people.ACCOUNTANT)["items"]
        except StoryError as error:
            self.record.break_off(str(error))
            owed = []
        if not owed:
            return lambda: None
        body = self._notice(self.chance.choice(owed), story)
        return lambda: self._tell(story, body)

    def _notice(self, debt: dict[str, Any], story: Story) -> dict[str, Any]:
        due, draw = debt["outstanding_fen"], self.chance.random()
        amount = due if draw < 0.4 else due + 500 if draw < 0.5 else max(1, int(due * self.chance.random()))
        paid_at = datetime.now(UTC) - timedelta(seconds=5)
        unknown = self.chance.random() < UNKNOWN_CODE
        return {
            "payment_code": "30000000000000000000" if unknown else debt["payment_code"],
            "amount_fen": amount,
            "currency": debt["currency"],
            "paid_at": paid_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "bank_reference": story.client.run,
            "items": [],
        }

    def _tell(self, story: Story, body: dict[str, Any]) -> None:
        answer = signed(story, body)
        if answer.status != CREATED:
            raise StoryError(f"the notice {body} was not taken: {answer.status} {answer.body}")


def signed(story: Story, body: dict[str, Any]) -> Answer:
    """Send a notice with the bank's signature of this moment."""
    raw, stamp = json.dumps(body, sort_keys=True).encode(), str(int(time.time()))
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(story.memory["bank_seed"]))
    headers = {
        "Gongzheng-Agent": story.memory["bank"]["agent"],
        "Gongzheng-Key": story.memory["bank"]["key"],
        "Gongzheng-Timestamp": stamp,
        "Gongzheng-Signature": base64.b64encode(key.sign(stamp.encode() + b"." + raw)).decode(),
    }
    return story.client.send("POST", "fees", "/payment-notices", raw=raw, key="notice", headers=headers)
