"""Those who watch: the citizen, oversight, the party's mailbox, another system's webhook."""

import re
from typing import Any

from gongzheng_embedded.story import people
from gongzheng_embedded.story.client import StoryError, eventually
from gongzheng_embedded.story.teller import Step, Story

PARTY_EMAIL = "owner@haiwei-foods.example"
REPORT = (
    "昨天在柳溪路十八号的海味食品店买了两盒肉松饼，回家才看见外包装上的保质期上个月就到了。"
    "店里货架上还有十几盒，日期用价签盖住了。"
)
SUMMARY = "群众反映辖区一食品经营单位涉嫌销售超过保质期的食品，请依法核查。"
CLOCK_PATIENCE_S = 150.0  # services look at their clocks once a minute
# A worker that died while it sent leaves a claim of three minutes on what it may have sent; then another takes over.
DELIVERY_PATIENCE_S = 240.0
MAILS_MIN = 4  # prior notice, decision, what is owed, a receipt
WEBHOOKS_MIN = 20
LAWFUL_PLAN = "全年执法办案质量考核"


def subscribe(story: Story) -> None:
    """Another system asks for the events; its secret is shown once."""
    body = {"name": "信用平台", "url": story.hook_url, "types": ["*"]}
    made = story.client.create("notifications", "/subscriptions", body, who=people.SUBSCRIBER, key="subscription")
    story.hooks.secret = made["secret"]
    story.memory.keep(subscription=made["subscription_id"], hook_secret=made["secret"])


def report(story: Story) -> None:
    """A citizen reports, unnamed and without logging in, and gets a tracking code."""
    body = {"kind": "violation", "text": REPORT, "about": "海味食品店", "place": "云湖区柳溪路十八号"}
    filed = story.client.create("oversight", "/public/complaints", body, who=None, key="complaint")
    if not re.fullmatch(r"[0-9]{16}", filed["tracking_code"]):
        raise StoryError(f"no tracking code: {filed.body}")
    story.memory.keep(complaint=filed["complaint_id"], tracking_code=filed["tracking_code"])


def accept(story: Story) -> None:
    """Oversight takes the report up; the competent department gets a summary and not who reported."""
    story.change(
        "oversight",
        f"/complaints/{story.memory['complaint']}",
        "/acceptance",
        {
            "organisation_id": people.DEPARTMENT,
            "accepted_on": story.days.today.isoformat(),
            "summary": SUMMARY,
            "matter_id": story.memory["matter"],
        },
        who=people.OVERSEER,
        key="acceptance",
        done=lambda complaint: complaint["state"] != "received",
    )


def follow_report(story: Story) -> None:
    """The citizen follows the report by its code alone."""
    asked = {"tracking_code": story.memory["tracking_code"]}
    shown = story.client.send("POST", "oversight", "/public/complaints/lookup", body=asked)
    if shown.status != 200 or not shown["steps"] or REPORT in str(shown.body):  # noqa: PLR2004
        raise StoryError(f"the report cannot be followed: {shown.status} {shown.body}")
    story.memory.keep(complaint_state=shown["state"])


def refuse_amount_target(story: Story) -> None:
    """No plan may set a target on fines (APL 74)."""
    body = {
        "title_zh": LAWFUL_PLAN,
        "text": "各单位全年罚没收入不低于五百万元。",
        "starts_on": story.days.today.isoformat(),
        "ends_on": story.days.today.replace(month=12, day=31).isoformat(),
        "metrics": [{"name": "罚没收入", "unit": "万元", "target": "500"}],
    }
    answer = story.client.send("POST", "oversight", "/assessment-plans", who=people.OVERSEER, body=body, key="target")
    story.refused(
        "amount-target",
        answer,
        status=422,
        code="amount-target-refused",
        law=["APL 74"],
        zh="下达罚没收入指标",
        en="A target on the amount of fines",
    )


def major_decision_filed(story: Story) -> None:
    """The large decision has come to oversight for filing by itself."""

    def look() -> Any:
        listed = story.client.get("oversight", f"/filings?case_id={story.memory['second']}", who=people.OVERSEER)
        return listed["items"]

    filings = eventually("the filing of the major decision", look)
    story.memory.keep(filings=len(filings))


def inaction_noticed(story: Story) -> None:
    """The lead that nobody decided on has become an item, by its clock."""

    def look() -> Any:
        listed = story.client.get("oversight", f"/inaction-items?case_id={story.memory['stale']}", who=people.OVERSEER)
        return listed["items"]

    items = eventually("an item for the overdue lead", look, patience_s=CLOCK_PATIENCE_S)
    story.memory.keep(inaction=len(items), inaction_law=items[0]["law"])


def mail_arrived(story: Story) -> None:
    """The party was told by mail: notice, decision, what is owed, receipts."""
    number = story.memory["main_decision_number"]

    def look() -> bool:
        mine = [message for message in story.mail() if PARTY_EMAIL in message["to"]]
        return any(number in f"{message['subject']} {message['text']}" for message in mine) and len(mine) >= MAILS_MIN

    eventually(f"mail to the party about {number}", look, patience_s=DELIVERY_PATIENCE_S)
    story.memory.keep(mails=len([message for message in story.mail() if PARTY_EMAIL in message["to"]]))


def webhook_arrived(story: Story) -> None:
    """The other system holds the events of the case, each once, each with a signature that it could check."""
    story.hooks.secret = story.memory["hook_secret"]
    wanted = {"cn.gongzheng.cases.decision.served.v1", "cn.gongzheng.fees.obligation.settled.v1"}

    def look() -> bool:
        mine = [event for event in story.hooks.received if _case_of(event) == story.memory["main"]]
        return wanted <= {event["type"] for event in mine} and len(story.hooks.received) >= WEBHOOKS_MIN

    eventually("signed webhooks about the decision and its payment", look, patience_s=DELIVERY_PATIENCE_S)
    story.memory.keep(webhooks=len(story.hooks.received))


def _case_of(event: dict[str, Any]) -> str | None:
    data = event.get("data")
    case_id = data.get("case_id") if isinstance(data, dict) else None
    return str(case_id) if case_id else None


SUBSCRIPTION = Step("subscription", "外部系统订阅事件", "Another system subscribes to the events", subscribe)
COMPLAINT = (
    Step("report", "市民匿名举报，取得查询码", "A citizen reports, unnamed, and gets a tracking code", report),
    Step("accept", "监督机构受理，转有管辖权的部门", "Oversight accepts and passes a summary on", accept),
)
WATCHERS = (
    Step("follow", "市民凭码查询进展", "The citizen follows the report by its code", follow_report),
    Step("amount-target", "试：下达罚没指标", "Tried: a target on fines", refuse_amount_target),
    Step("filing", "重大决定自动报备", "The major decision is filed by itself", major_decision_filed),
    Step("inaction", "逾期未办的线索成为不作为事项", "The forgotten lead becomes an item", inaction_noticed),
    Step("mail", "当事人收到邮件", "The party has mail", mail_arrived),
    Step("webhook", "外部系统收到签名推送", "The other system holds signed webhooks", webhook_arrived),
)
