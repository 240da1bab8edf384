"""The citizen's case from the lead to the evidence, all on one day."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from gongzheng_embedded.people import Person
from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import Answer, StoryError, eventually
from gongzheng_embedded.story.teller import Story
from gongzheng_embedded.story.watchers import PARTY_EMAIL

FINE_FEN = 5_000_000  # the least that Food Safety Law 124(1) allows for goods worth less than 10,000 yuan
GAINS_FEN = 26_000
GOODS_WORTH_FEN = 380_000
SANCTION = {
    "kinds": ["confiscate_gains", "confiscate_goods", "fine"],
    "fine_fen": FINE_FEN,
    "confiscation_fen": GAINS_FEN,
    "confiscated_goods": "超过保质期的肉松饼 14 盒",
    "bases": {"value_of_goods": GOODS_WORTH_FEN},
}
PARTY = {
    "name": "明州海味食品有限公司",
    "kind": "organisation",
    "language": "zh",
    "email": PARTY_EMAIL,
    "address": "明州市云湖区柳溪路18号",
}
FACTS = "当事人货架上待售的14盒肉松饼超过保质期，已售出6盒，货值金额3800元，违法所得260元。"
EVIDENCE = "现场检查笔录：货架第三层，肉松饼14盒，保质期至上月末。".encode()
DEFENCE = "我店初犯，已下架全部问题食品并召回，请求从轻处理。"
RECONSIDERATION_BODY = "明州市云湖区人民政府"
COURT = "明州市云湖区人民法院"


def thing(story: Story, case: str = "main") -> str:
    """The path of a case."""
    return f"/cases/{story.memory[case]}"


def act(
    story: Story,
    case: str,
    path: str,
    body: dict[str, Any],
    *,
    who: Person,
    done: Callable[[Any], bool],
) -> Any:
    """Take one act on a case, once."""
    return story.change("cases", thing(story, case), path, body, who=who, done=done)


def attempt(story: Story, case: str, path: str, body: dict[str, Any], *, who: Person, key: str) -> Answer:
    """Try an act that must be refused."""
    there = story.client.get("cases", thing(story, case), who=who)
    return story.client.send(
        "POST", "cases", f"{thing(story, case)}{path}", who=who, body=body, version=there["version"], key=key
    )


def reached(*states: str) -> Callable[[Any], bool]:
    """Whether a case is in one of these states."""
    return lambda case: case["state"] in states


AFTER_FILING = (
    "filed",
    "investigating",
    "under_review",
    "notified",
    "decided",
    "served",
    "performing",
    "performed",
    "closed",
    "archived",
)


def arrive(story: Story) -> None:
    """The accepted report has become a lead at the department's intake."""

    def look() -> Any:
        listed = story.client.get("cases", f"/cases?organisation_id={people.DEPARTMENT}", who=people.INTAKE)
        mine = [case for case in listed["items"] if case["complaint_id"] == story.memory["complaint"]]
        return mine[0] if mine else None

    case = eventually("a lead from the accepted report", look)
    story.memory.keep(main=case["case_id"])
    story.audience.follow(case["case_id"])


def refuse_repealed_basis(story: Story) -> None:
    """A case on the abolished social maintenance fee is not filed."""
    body = filing(story) | {"matter_id": "social-maintenance-fee", "party": PARTY | {"kind": "person", "name": "甲"}}
    story.refused(
        "repealed-basis",
        attempt(story, "main", "/filing", body, who=people.INTAKE, key="repealed"),
        status=422,
        code="legal-basis-repealed",
        law=["APL 16"],
        zh="以已废止的社会抚养费立案",
        en="A case on the abolished social maintenance fee",
    )


def file(story: Story) -> None:
    """The case is filed."""
    case = act(story, "main", "/filing", filing(story), who=people.INTAKE, done=reached(*AFTER_FILING))
    story.memory.keep(case_number=case["case_number"])


def filing(story: Story) -> dict[str, Any]:
    """What the decision to file states."""
    return {
        "done_on": story.days.today.isoformat(),
        "matter_id": story.memory["matter"],
        "conduct_on": story.days.today.isoformat(),
        "party": PARTY,
        "checked_facts": "经初步核查，群众反映的情况基本属实。",
    }


def refuse_officers(story: Story) -> None:
    """One officer only; temporary staff as the second; an expired credential."""
    tries = (
        ("one-officer", people.ONE_OFFICER, "two-officers-required", "只派一名执法人员", "Only one officer"),
        ("temporary", people.WITH_TEMPORARY_STAFF, "two-officers-required", "以临时人员充数", "Temporary staff as one"),
        (
            "expired",
            people.WITH_EXPIRED_CREDENTIAL,
            "credential-not-valid-on-date",
            "执法证已过期",
            "Expired credential",
        ),
    )
    for name, officers, code, zh, en in tries:
        body = {"done_on": story.days.today.isoformat(), "officer_ids": officers}
        answer = attempt(story, "main", "/officers", body, who=people.INTAKE, key=name)
        story.refused(name, answer, status=422, code=code, law=["APL 42(1)"], zh=zh, en=en)


def assign(story: Story, case: str = "main", day: Any = None) -> None:
    """Two officers are put on the case."""
    body = {"done_on": (day or story.days.today).isoformat(), "officer_ids": people.TWO_OFFICERS}
    act(story, case, "/officers", body, who=people.INTAKE, done=reached(*AFTER_FILING[1:]))


def take_evidence(story: Story, case: str = "main", day: Any = None) -> None:
    """Evidence is taken: a file with its hash, by two officers."""
    answer = send_evidence(story, case, day or story.days.today, key=f"evidence-{case}")
    if answer.status not in (200, 201):
        raise StoryError(f"the evidence was not taken: {answer.status} {answer.body}")


def send_evidence(story: Story, case: str, day: Any, *, key: str) -> Answer:
    """One piece of evidence, as the officers upload it."""
    metadata = {
        "done_on": day.isoformat(),
        "officer_ids": people.TWO_OFFICERS,
        "kind": "on_site_record",
        "title": "现场检查笔录",
        "place": PARTY["address"],
        "provided_by": "现场检查",
        "manner": "现场制作，当事人确认",
        "sha256": hashlib.sha256(EVIDENCE).hexdigest(),
        "recorded_at": f"{day.isoformat()}T01:00:00Z",
    }
    there = story.client.get("cases", thing(story, case), who=people.INVESTIGATOR)
    fields = {
        "file": ("现场检查笔录.txt", EVIDENCE, "text/plain"),
        "metadata": json.dumps(metadata, ensure_ascii=False),
    }
    return story.client.send(
        "POST",
        "cases",
        f"{thing(story, case)}/evidence",
        who=people.INVESTIGATOR,
        fields=fields,
        version=there["version"],
        key=key,
    )
