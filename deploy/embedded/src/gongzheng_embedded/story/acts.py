"""The acts of a case as its officers send them; both cases of the story use them, each on its own days."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gongzheng_embedded.people import Person
from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import Answer, StoryError
from gongzheng_embedded.story.teller import OK, Story

RECONSIDERATION_BODY = "明州市云湖区人民政府"
COURT = "明州市云湖区人民法院"
COLLECTOR = "明州银行云湖支行"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one case is about. ``name`` is how the story remembers its id; ``heard`` is how the party answered."""

    name: str
    party: dict[str, Any]
    sanction: dict[str, Any]
    facts: str
    record: str
    heard: dict[str, Any]
    defence_opinion: str = ""
    method: dict[str, Any] = field(default_factory=lambda: {"method": "direct", "recipient": "法定代表人"})

    def path(self, story: Story) -> str:
        """The case's path."""
        return f"/cases/{story.memory[self.name]}"

    def act(self, story: Story, path: str, body: dict[str, Any], *, who: Person, key: str = "") -> Any:
        """Take one act, once."""
        name = f"{self.name}{key or path}".replace("/", ".")
        return story.change("cases", self.path(story), path, body, who=who, key=name)

    def attempt(self, story: Story, path: str, body: dict[str, Any], *, who: Person, key: str) -> Answer:
        """Try an act that must be refused."""
        version = story.client.get("cases", self.path(story), who=who)["version"]
        return story.client.send(
            "POST", "cases", f"{self.path(story)}{path}", who=who, body=body, version=version, key=f"{self.name}-{key}"
        )

    def filing(self, story: Story, day: date) -> dict[str, Any]:
        """What the decision to file states."""
        return {
            "done_on": day.isoformat(),
            "filed": True,
            "matter_id": story.memory["matter"],
            "conduct_on": day.isoformat(),
            "party": self.party,
            "checked_facts": "经初步核查，反映的情况基本属实。",
        }

    def file(self, story: Story, day: date) -> Any:
        """The case is filed."""
        return self.act(story, "/filing", self.filing(story, day), who=people.INTAKE)

    def assign(self, story: Story, day: date) -> Any:
        """Two officers are put on the case."""
        body = {"done_on": day.isoformat(), "officer_ids": people.TWO_OFFICERS}
        return self.act(story, "/officers", body, who=people.INTAKE)

    def send_evidence(self, story: Story, day: date, *, key: str) -> Answer:
        """One piece of evidence with its file, as the officers upload it."""
        content = self.record.encode()
        metadata = {
            "done_on": day.isoformat(),
            "officer_ids": people.TWO_OFFICERS,
            "kind": "on_site_record",
            "title": "现场检查笔录",
            "place": self.party["address"],
            "provided_by": "现场检查",
            "manner": "现场制作，当事人在场",
            "sha256": hashlib.sha256(content).hexdigest(),
            "category": "ordinary",
        }
        version = story.client.get("cases", self.path(story), who=people.INVESTIGATOR)["version"]
        fields = {
            "file": ("现场检查笔录.txt", content, "text/plain"),
            "metadata": json.dumps(metadata, ensure_ascii=False),
        }
        return story.client.send(
            "POST",
            "cases",
            f"{self.path(story)}/evidence",
            who=people.INVESTIGATOR,
            fields=fields,
            version=version,
            key=f"{self.name}-{key}",
        )

    def take_evidence(self, story: Story, day: date) -> None:
        """Evidence is taken."""
        answer = self.send_evidence(story, day, key="evidence")
        if answer.status not in OK:
            raise StoryError(f"the evidence was not taken: {answer.status} {answer.body}")

    def interview(self, story: Story, day: date) -> Any:
        """The party's representative is interviewed by two officers who showed their credentials."""
        body = {
            "done_on": day.isoformat(),
            "officer_ids": people.TWO_OFFICERS,
            "place": self.party["address"],
            "interviewee": "法定代表人",
            "relation": "party",
            "credentials_shown": True,
            "summary": "承认货架上有超过保质期的食品待售，系清点疏忽。",
            "read_and_signed": True,
        }
        return self.act(story, "/interviews", body, who=people.INVESTIGATOR)

    def report(self, story: Story, day: date) -> Any:
        """The investigation ends with facts, evidence and a proposal."""
        case = story.client.get("cases", self.path(story), who=people.INVESTIGATOR)
        body = {
            "done_on": day.isoformat(),
            "officer_ids": people.TWO_OFFICERS,
            "facts": self.facts,
            "evidence_ids": [piece["evidence_id"] for piece in case["evidence"]],
            "proposal": "penalty",
            "sanction": self.sanction,
        }
        return self.act(story, "/investigation-report", body, who=people.INVESTIGATOR)

    def review(self, story: Story, day: date) -> Any:
        """The legal review passes."""
        body = {"done_on": day.isoformat(), "passed": True, "opinion": "事实清楚，证据充分，适用法律正确，程序合法。"}
        return self.act(story, "/review", body, who=people.REVIEWER)

    def give_notice(self, story: Story, day: date) -> Any:
        """The prior notice is issued and served."""
        body = {
            "done_on": day.isoformat(),
            "facts": self.facts,
            "reasons": "依据食品安全法第一百二十四条第一款。",
            "sanction": self.sanction,
        }
        self.act(story, "/prior-notice", body, who=people.INVESTIGATOR)
        return self.serve(story, "prior_notice", day)

    def serve(self, story: Story, document: str, day: date) -> Any:
        """A document is handed over and signed for."""
        body = {"done_on": day.isoformat(), "sent_on": day.isoformat(), "document": document, **self.method}
        return self.act(story, "/service", body, who=people.CLERK, key=f"/service/{document}")

    def hear(self, story: Story, day: date) -> Any:
        """The party is heard, or was silent."""
        return self.act(story, "/statement", self.heard | {"done_on": day.isoformat()}, who=people.INVESTIGATOR)

    def decision(self, day: date) -> dict[str, Any]:
        """What the head decides."""
        return {
            "done_on": day.isoformat(),
            "outcome": "penalty",
            "facts": self.facts,
            "reasons": "依据食品安全法第一百二十四条第一款，综合违法情节决定。",
            "sanction": self.sanction,
            "defence_opinion": self.defence_opinion,
            "reconsideration_body": RECONSIDERATION_BODY,
            "court": COURT,
            "surcharge_applies": True,
            "collector": COLLECTOR,
        }

    def decide(self, story: Story, day: date) -> Any:
        """The head decides."""
        return self.act(story, "/decision", self.decision(day), who=people.DECIDER)
