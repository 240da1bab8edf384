"""A second case, found by inspection weeks ago: large enough for oversight, paid late. And a lead forgotten."""

from gongzheng_embedded.story import people
from gongzheng_embedded.story.acts import Plan
from gongzheng_embedded.story.teller import Step, Story

SECOND_EMAIL = "office@dongpo-market.example"
SECOND = Plan(
    name="second",
    party={
        "name": "明州东坡生鲜超市有限公司",
        "kind": "organisation",
        "language": "en",
        "email": SECOND_EMAIL,
        "address": "明州市云湖区东坡路6号",
    },
    sanction={
        "kinds": ["confiscate_gains", "confiscate_goods", "fine"],
        "fine_fen": 15_000_000,
        "confiscation_fen": 120_000,
        "confiscated_goods": "超过保质期的冷冻水产43箱",
        "bases": {"value_of_goods": 1_500_000},
    },
    facts="当事人冷柜内43箱冷冻水产超过保质期，货值金额15000元，违法所得1200元。",
    record="现场检查笔录：二号冷柜，冷冻水产43箱，保质期均已届满。",
    heard={"kind": "silence"},
)


def found_by_inspection(story: Story) -> None:
    """An inspection registers the lead."""
    body = {
        "source": "inspection",
        "summary": "日常检查发现冷柜内食品超过保质期。",
        "done_on": story.days.reported.isoformat(),
        "matter_id": story.memory["matter"],
        "conduct_on": story.days.reported.isoformat(),
        "party": SECOND.party,
    }
    case = story.client.create("cases", "/cases", body, who=people.INTAKE, key="second")
    story.memory.keep(second=case["id"])


def investigate(story: Story) -> None:
    """Filing, officers, evidence, report, review: each on its own working day."""
    days = story.days
    SECOND.file(story, days.filed)
    SECOND.assign(story, days.filed)
    SECOND.take_evidence(story, days.evidence)
    SECOND.interview(story, days.evidence)
    SECOND.report(story, days.report)
    SECOND.review(story, days.reviewed)


def notify_and_decide(story: Story) -> None:
    """Notice, silence until the period has run out, decision, service."""
    days = story.days
    SECOND.give_notice(story, days.notified)
    SECOND.hear(story, days.heard)
    SECOND.decide(story, days.decided)
    SECOND.serve(story, "decision", days.served)


def forget_a_lead(story: Story) -> None:
    """A lead on which nobody decided within the fifteen working days."""
    body = {
        "source": "transfer",
        "summary": "街道移送：某便利店涉嫌无证经营。",
        "done_on": story.days.stale.isoformat(),
        "matter_id": "food-without-licence",
    }
    lead = story.client.create("cases", "/cases", body, who=people.INTAKE, key="stale")
    story.memory.keep(stale=lead["id"])


SECOND_CASE = (
    Step("second", "另案：日常检查发现", "Another case: found by inspection", found_by_inspection),
    Step("second-investigate", "另案：立案、取证、审核", "Another case: filed, investigated, reviewed", investigate),
    Step("second-decide", "另案：告知、期满、决定、送达", "Another case: notice, silence, decision", notify_and_decide),
)
FORGOTTEN = Step("stale", "有一条线索无人决定是否立案", "A lead on which nobody decides", forget_a_lead)
