"""The citizen's case, all on one day: from the lead to the served decision, and what is refused on the way."""

from typing import Any

from gongzheng_embedded.story import people
from gongzheng_embedded.story.acts import Plan
from gongzheng_embedded.story.client import StoryError, eventually
from gongzheng_embedded.story.teller import Step, Story
from gongzheng_embedded.story.watchers import PARTY_EMAIL

FINE_FEN = 5_000_000  # the least that Food Safety Law 124(1) opens for goods worth less than 10,000 yuan
MAIN = Plan(
    name="main",
    party={
        "name": "明州海味食品有限公司",
        "kind": "organisation",
        "language": "zh",
        "email": PARTY_EMAIL,
        "address": "明州市云湖区柳溪路18号",
    },
    sanction={
        "kinds": ["confiscate_gains", "confiscate_goods", "fine"],
        "fine_fen": FINE_FEN,
        "confiscation_fen": 26_000,
        "confiscated_goods": "超过保质期的肉松饼14盒",
        "bases": {"value_of_goods": 380_000},
    },
    facts="当事人货架上待售的14盒肉松饼超过保质期，已售出6盒，货值金额3800元，违法所得260元。",
    record="现场检查笔录：货架第三层，肉松饼14盒，保质期至上月末。",
    heard={"kind": "statement", "content": "我店初犯，已下架全部问题食品并召回，请求从轻处理。"},
    defence_opinion="当事人已主动下架并召回，予以采纳，按法定幅度的下限处罚。",
)
STATUTORY_CLOCKS = {"filing_check", "decision", "statement", "service_of_decision", "payment"}


def arrive(story: Story) -> None:
    """The accepted report has become a lead at the department's intake."""

    def look() -> Any:
        listed = story.client.get("cases", "/cases?limit=100", who=people.INTAKE)
        for line in listed["items"]:
            if line["source"] == "complaint":
                case = story.client.get("cases", f"/cases/{line['id']}", who=people.INTAKE)
                if case["complaint_id"] == story.memory["complaint"]:
                    return case
        return None

    case = eventually("a lead from the accepted report", look)
    story.memory.keep(main=case["id"])
    story.audience.follow(case["id"])


def refuse_repealed_basis(story: Story) -> None:
    """A case on the abolished social maintenance fee is not filed."""
    body = MAIN.filing(story, story.days.today) | {
        "matter_id": "social-maintenance-fee",
        "party": {"name": "某居民", "kind": "person"},
    }
    story.refused(
        "repealed-basis",
        MAIN.attempt(story, "/filing", body, who=people.INTAKE, key="repealed"),
        status=422,
        code="legal-basis-repealed",
        law=["APL 16"],
        zh="以已废止的社会抚养费立案",
        en="A case on the abolished social maintenance fee",
    )


def file(story: Story) -> None:
    """The case is filed."""
    story.memory.keep(case_number=MAIN.file(story, story.days.today)["case_number"])


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
        answer = MAIN.attempt(story, "/officers", body, who=people.INTAKE, key=name)
        story.refused(name, answer, status=422, code=code, law=["APL 42(1)"], zh=zh, en=en)


def refuse_unheard(story: Story) -> None:
    """The head may not decide before the party was heard (APL 62)."""
    answer = MAIN.attempt(story, "/decision", MAIN.decision(story.days.today), who=people.DECIDER, key="unheard")
    story.refused(
        "party-not-heard",
        answer,
        status=409,
        code="party-not-heard",
        law=["APL 62"],
        zh="未听取申辩就作决定",
        en="Deciding before the party was heard",
    )


def refuse_investigator_deciding(story: Story) -> None:
    """Who investigated does not decide (APL 58, responsibility rules 7)."""
    body = MAIN.decision(story.days.today)
    answer = MAIN.attempt(story, "/decision", body, who=people.INVESTIGATOR_AS_HEAD, key="investigator")
    story.refused(
        "investigator-decides",
        answer,
        status=403,
        code="separation-of-duties",
        law=["RESPONSIBILITY 7"],
        zh="调查人员自行作出决定",
        en="The investigator decides",
    )


def decide(story: Story) -> None:
    """The head decides; the decision states where and until when the party may turn (APL 59)."""
    decision = MAIN.decide(story, story.days.today)["decision"]
    if not decision["remedies"]["reconsideration_body"] or not decision["remedies"]["court"]:
        raise StoryError(f"the decision tells no remedies: {decision}")
    story.memory.keep(main_decision_number=decision["document_number"], main_fine_fen=decision["sanction"]["fine_fen"])


def refuse_late_evidence(story: Story) -> None:
    """Nothing is added after the decision (conduct code 10)."""
    story.refused(
        "late-evidence",
        MAIN.send_evidence(story, story.days.today, key="late"),
        status=409,
        code="evidence-closed",
        law=["CONDUCT 10"],
        zh="作出决定之后补充证据",
        en="Adding evidence after the decision",
    )


def serve(story: Story) -> None:
    """The decision is served; every clock says why it ends on its day (C-30)."""
    decision = MAIN.serve(story, "decision", story.days.today)["decision"]
    if not decision["remedies"]["reconsideration_until"] or not decision["remedies"]["litigation_until"]:
        raise StoryError(f"the last days of the remedies are missing: {decision}")
    clocks = story.client.get("cases", f"{MAIN.path(story)}/clocks", who=people.CLERK)["items"]
    if not {clock["kind"] for clock in clocks} >= STATUTORY_CLOCKS or not all(clock["why_zh"] for clock in clocks):
        raise StoryError(f"clocks are missing or unexplained: {clocks}")
    story.memory.keep(clocks=len(clocks))


CASE = (
    Step("lead", "举报成为线索", "The report has become a lead", arrive),
    Step("repealed", "试：以已废止的依据立案", "Tried: filing on a repealed basis", refuse_repealed_basis),
    Step("file", "立案", "The case is filed", file),
    Step(
        "officers-refused", "试：一名、临时、过期的执法人员", "Tried: one, temporary, expired officers", refuse_officers
    ),
    Step("assign", "指派两名执法人员", "Two officers are assigned", lambda story: MAIN.assign(story, story.days.today)),
    Step("evidence", "取证", "Evidence is taken", lambda story: MAIN.take_evidence(story, story.days.today)),
    Step("interview", "询问", "An interview is held", lambda story: MAIN.interview(story, story.days.today)),
    Step("report-in", "调查终结", "The investigation ends", lambda story: MAIN.report(story, story.days.today)),
    Step("review", "法制审核", "The legal review", lambda story: MAIN.review(story, story.days.today)),
    Step(
        "notice",
        "送达事先告知书",
        "The prior notice is served",
        lambda story: MAIN.give_notice(story, story.days.today),
    ),
    Step("unheard", "试：未听取申辩就决定", "Tried: deciding before hearing the party", refuse_unheard),
    Step("hear", "听取陈述申辩", "The party is heard", lambda story: MAIN.hear(story, story.days.today)),
    Step("self-decided", "试：调查人员自行决定", "Tried: the investigator decides", refuse_investigator_deciding),
    Step("decide", "负责人作出决定", "The head decides", decide),
    Step("late-evidence", "试：决定之后补证", "Tried: evidence after the decision", refuse_late_evidence),
    Step("serve", "送达决定书", "The decision is served", serve),
)
