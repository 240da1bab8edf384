"""Events of other services: delivered once, twice, too early, poisonous, and of no concern."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.ids import new_id
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.lanes import Lanes
from services.cases.tests.support.service import ORGANISATION_ID, Desk

ACCEPTED = "cn.gongzheng.oversight.complaint.accepted.v1"
CREATED = "cn.gongzheng.fees.obligation.created.v1"
SETTLED = "cn.gongzheng.fees.obligation.settled.v1"


class Post:
    """Brings events to the consumer, numbered in their lanes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.consumer = Consumer(desk.service.mechanism, desk.service.uow_factory, desk.service.consumer_handlers)
        self.numbers: dict[str, int] = defaultdict(int)

    def event(self, type_: str, subject: str, *, sequence: int | None = None, **data: Any) -> Envelope:
        """An event whose data are the contract's example with changes."""
        self.numbers[subject] = sequence or self.numbers[subject] + 1
        return Envelope(
            id=new_id(),
            type=type_,
            source=f"http://{type_.split('.')[2]}.test",
            subject=subject,
            stream=registry().stream(type_),
            dataclass_=registry()[type_].dataclass_,
            sequence=self.numbers[subject],
            time=self.desk.clock.now(),
            data=registry().example(type_) | data,
        )

    def bring(self, *events: Envelope) -> None:
        """Deliver a batch."""
        self.consumer.process([Delivery(body=event.to_json()) for event in events])

    def complaint(self, **data: Any) -> Envelope:
        """An accepted complaint."""
        complaint_id = data.pop("complaint_id", None) or new_id()
        given = {"organisation_id": ORGANISATION_ID, "matter_id": None, "accepted_on": "2026-11-18", **data}
        return self.event(ACCEPTED, complaint_id, complaint_id=complaint_id, **given)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        row = self.desk.service.mechanism.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 a constant
        return int(row[0])


@pytest.fixture
def post(any_desk: Desk) -> Post:
    """The post of the service."""
    return Post(any_desk)


@pytest.mark.req("C-10")
@pytest.mark.req("X-01")
def test_an_accepted_complaint_becomes_a_lead_once(post: Post) -> None:
    """Delivered alone, again, and twice in one batch: one case at intake, with the complaint on it."""
    event = post.complaint(summary="有人在卖过期食品")
    post.bring(event)
    post.bring(event)
    post.bring(event, event)
    (case,) = post.desk.by("intake").get("/cases").expect(200)["items"]
    assert (case["state"], case["source"]) == ("reported", "complaint")
    shown = post.desk.by("intake").get(f"/cases/{case['id']}").json
    assert (shown["summary"], shown["complaint_id"]) == ("有人在卖过期食品", event.subject)
    assert shown["received_on"] == "2026-11-18"
    assert post.count("outbox") == 1


@pytest.mark.req("C-10")
def test_the_same_complaint_accepted_again_by_another_event_leads_to_no_second_case(post: Post) -> None:
    """Another event, the same complaint: nothing new, and no parked lane."""
    first = post.complaint()
    post.bring(first, post.complaint(complaint_id=first.subject))
    assert (post.count("case_record"), post.count("parked")) == (1, 0)


@pytest.mark.req("X-02")
def test_a_complaint_for_an_unknown_organisation_parks_its_own_lane_and_no_other(post: Post) -> None:
    """The next complaint is taken; when the registrar has loaded the organisation, the parked one follows."""
    poison = post.complaint(organisation_id="11990199MB0A1000XX")
    post.bring(poison, post.complaint())
    assert (post.count("case_record"), post.count("parked")) == (1, 1)


@pytest.mark.req("X-02")
def test_an_event_that_comes_before_what_went_before_it_waits(post: Post) -> None:
    """Sequence 2 waits for sequence 1."""
    complaint_id = new_id()
    late = post.event(
        "cn.gongzheng.oversight.complaint.received.v1", complaint_id, sequence=1, complaint_id=complaint_id
    )
    early = post.event(
        ACCEPTED,
        complaint_id,
        sequence=2,
        complaint_id=complaint_id,
        organisation_id=ORGANISATION_ID,
        matter_id=None,
        accepted_on="2026-11-18",
    )
    post.bring(early)
    assert (post.count("case_record"), post.count("parked")) == (0, 1)
    post.bring(late)
    post.desk.clock.advance(timedelta(minutes=1))
    Lanes(post.consumer).retry_due()
    assert (post.count("case_record"), post.count("parked")) == (1, 0)


@pytest.fixture
def obligation(post: Post) -> Callable[..., tuple[str, Envelope, Envelope]]:
    """A served case with the two events that fees publishes about it."""

    def make() -> tuple[str, Envelope, Envelope]:
        case_id, obligation_id = post.desk.lead_to("serve"), new_id()
        created = post.event(CREATED, obligation_id, obligation_id=obligation_id, case_id=case_id)
        settled = post.event(
            SETTLED, obligation_id, obligation_id=obligation_id, case_id=case_id, settled_on="2026-10-26"
        )
        return case_id, created, settled

    return make


@pytest.mark.req("C-26")
@pytest.mark.req("X-01")
def test_a_settled_obligation_makes_the_decision_performed_once(post: Post, obligation: Any) -> None:
    """First performing, then performed; delivered again nothing changes, and the case can be closed."""
    case_id, created, settled = obligation()
    post.bring(created)
    assert post.desk.by("clerk").get(f"/cases/{case_id}").json["state"] == "performing"
    post.bring(settled)
    post.bring(created, settled)
    post.bring(settled)
    case = post.desk.by("clerk").get(f"/cases/{case_id}").json
    assert (case["state"], case["decision"]["performed_on"]) == ("performed", "2026-10-26")
    assert post.count("parked") == 0
    post.desk.step("close", case_id).expect(200)


@pytest.mark.req("X-02")
def test_settled_before_created_waits_its_turn(post: Post, obligation: Any) -> None:
    """Both belong to one lane, so they take effect in order."""
    case_id, created, settled = obligation()
    post.bring(settled)
    assert post.desk.by("clerk").get(f"/cases/{case_id}").json["state"] == "served"
    post.bring(created)
    post.desk.clock.advance(timedelta(minutes=1))
    Lanes(post.consumer).retry_due()
    assert post.desk.by("clerk").get(f"/cases/{case_id}").json["state"] == "performed"


@pytest.mark.req("X-02")
def test_a_settlement_dated_before_the_service_is_poison_for_its_lane_alone(post: Post, obligation: Any) -> None:
    """What cannot be is not taken; another case goes on."""
    case_id, created, settled = obligation()
    other_id, other_created, other_settled = obligation()
    wrong = Envelope(**{**vars_of(settled), "data": settled.data | {"settled_on": "2026-10-01"}})
    post.bring(created, wrong, other_created, other_settled)
    states = [post.desk.by("clerk").get(f"/cases/{i}").json["state"] for i in (case_id, other_id)]
    assert states == ["performing", "performed"]
    assert post.count("parked") == 1


def vars_of(event: Envelope) -> dict[str, Any]:
    """The fields of an envelope."""
    from dataclasses import fields  # noqa: PLC0415 only here

    return {f.name: getattr(event, f.name) for f in fields(event)}


def test_what_concerns_no_case_of_ours_passes_silently(post: Post) -> None:
    """An imported case has its account in fees and no procedure here."""
    obligation_id = new_id()
    post.bring(
        post.event(CREATED, obligation_id, obligation_id=obligation_id, case_id=new_id()),
        post.event(SETTLED, obligation_id, obligation_id=obligation_id, case_id=new_id()),
    )
    assert post.count("parked") == 0


def test_settlement_of_a_closed_case_changes_nothing(post: Post, obligation: Any) -> None:
    """A late word about what is over."""
    case_id, created, settled = obligation()
    post.bring(created, settled)
    post.desk.step("close", case_id).expect(200)
    post.bring(
        post.event(SETTLED, settled.subject, obligation_id=settled.subject, case_id=case_id, settled_on="2026-11-01")
    )
    assert post.desk.by("clerk").get(f"/cases/{case_id}").json["state"] == "closed"
    assert post.count("parked") == 0
