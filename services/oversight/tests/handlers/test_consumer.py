"""What oversight makes of the other services' events: once each, in order; a bad event stops only its own lane."""

from collections.abc import Callable
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from services.oversight.tests.house import House

DEPARTMENT = "11990102MB0A10021B"


def data(type_: str, **changed: Any) -> dict[str, Any]:
    """The example of a contract with these fields changed."""
    return registry().example(f"cn.gongzheng.{type_}.v1") | changed


def file(house: House, kind: str = "violation", **changed: Any) -> tuple[str, str]:
    """A filed report: its id and its tracking code."""
    body = {"kind": kind, "text": "店里卖过期牛奶", **changed}
    received = house.client.post("/public/complaints", body).expect(201)
    return received["complaint_id"], received["tracking_code"]


def accept(house: House, complaint_id: str, **changed: Any) -> None:
    """Take it up for the department."""
    body = {
        "organisation_id": DEPARTMENT,
        "accepted_on": "2026-11-23",
        "summary": "据反映，某店销售过期食品。",
        **changed,
    }
    house.intake.get(f"/complaints/{complaint_id}").expect(200)
    house.intake.post(f"/complaints/{complaint_id}/acceptance", body | changed).expect(200)


def case_events(house: House, complaint_id: str | None, case_id: str | None = None) -> list[Envelope]:
    """A case on its whole way."""
    case = case_id or new_id()
    ours: dict[str, Any] = {"case_id": case, "organisation_id": DEPARTMENT}
    told = [
        (
            "cases.case.reported",
            ours | {"complaint_id": complaint_id, "source": "complaint", "received_on": "2026-11-24"},
        ),
        ("cases.case.filed", ours | {"complaint_id": complaint_id, "filed_on": "2026-11-25"}),
        ("cases.decision.served", ours | {"served_on": "2026-12-20", "fine_fen": 10_000_000}),
        ("cases.case.closed", {"case_id": case, "closed_on": "2027-01-05"}),
    ]
    return [house.event(type_, case, data(type_, **changed)) for type_, changed in told]


def progress(house: House, code: str) -> list[str]:
    """The steps that the reporter sees."""
    answer = house.client.post("/public/complaints/lookup", {"tracking_code": code}).expect(200)
    return [step["step"] for step in answer["steps"]]


@pytest.mark.req("O-01")
def test_the_reporter_follows_the_case_with_the_code(house: House) -> None:
    """From received to resolved, in plain words, through the department's own events."""
    complaint_id, code = file(house)
    accept(house, complaint_id)
    seen = []
    for event in case_events(house, complaint_id):
        house.hear(event)
        seen.append(progress(house, code)[-1])
    assert seen == ["forwarded", "filed", "decided", "resolved"]
    (resolved,) = house.published("complaint.resolved")
    assert resolved.data["outcome"] == "case_closed"
    assert resolved.causation_id is not None


@pytest.mark.req("X-01", "O-05")
def test_events_delivered_twice_take_effect_once(any_house: House) -> None:
    """On both databases, in one batch and in two."""
    complaint_id, code = file(any_house)
    accept(any_house, complaint_id)
    events = case_events(any_house, complaint_id)
    any_house.hear(*events, *events)
    any_house.hear(*reversed(events))
    steps = ["received", "accepted", "forwarded", "filed", "decided", "closed", "resolved"]
    assert progress(any_house, code) == steps
    assert any_house.count("filing") == 1
    assert len(any_house.published("filing.recorded")) == 1
    assert len(any_house.published("complaint.resolved")) == 1


@pytest.mark.req("X-02", "O-05")
def test_events_out_of_order_wait_for_the_missing_one(any_house: House) -> None:
    """The lane waits; nothing is decided on half a story."""
    complaint_id, code = file(any_house)
    accept(any_house, complaint_id)
    reported, filed, served, closed = case_events(any_house, complaint_id)
    any_house.hear(filed, closed, served)
    assert progress(any_house, code) == ["received", "accepted"]
    assert any_house.count("filing") == 0
    any_house.hear(reported)
    any_house.retry_lanes()
    assert progress(any_house, code)[-1] == "resolved"
    assert any_house.count("filing") == 1


POISON: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("cases.case.reported", lambda d: d.update(received_on="2026-02-30")),
    ("cases.case.filed", lambda d: d.pop("filed_on")),
    ("cases.case.not_filed", lambda d: d.update(decided_on="soon")),
    ("cases.decision.served", lambda d: d.update(fine_fen="a lot")),
    ("cases.case.closed", lambda d: d.update(closed_on="9999-99-99")),
    ("cases.clock.breached", lambda d: d.update(due_on="2026-13-01")),
    ("cases.clock.changed", lambda d: d.update(due_on="2026-13-01")),
    ("fees.charge.refused", lambda d: d.update(refused_at="yesterday")),
]


@pytest.mark.req("X-02")
@pytest.mark.parametrize(("type_", "spoil"), POISON, ids=[type_ for type_, _ in POISON])
def test_a_poison_event_parks_its_own_lane_and_no_other(
    house: House, type_: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    """Whatever a broken producer sends, the other cases go on."""
    poisoned, healthy = data(type_), data("cases.clock.breached", clock_id=new_id())
    spoil(poisoned)
    bad = house.event(type_, new_id(), poisoned)
    good = house.event("cases.clock.breached", new_id(), healthy)
    house.hear(bad, good)
    assert house.count("parked") == 1
    assert house.count("inaction_item") == 1


def test_an_example_of_each_event_is_understood(house: House) -> None:
    """Every type that has a handler, as its producer documents it."""
    for type_ in house.service.consumer_handlers:
        name = type_.removeprefix("cn.gongzheng.").removesuffix(".v1")
        house.hear(house.event(name, new_id(), data(name)))
    assert house.count("parked") == 0


@pytest.mark.req("O-01")
@pytest.mark.parametrize("who", ["another department", "before acceptance", "an official's complaint"])
def test_only_the_department_it_was_released_to_speaks_for_a_complaint(house: House, who: str) -> None:
    """Anybody may write any complaint id into an event of theirs; it moves nothing."""
    if who == "an official's complaint":
        complaint_id, code = file(house, "official", accused_organisation_id="accused")
        accept(house, complaint_id)
    else:
        complaint_id, code = file(house)
        if who == "another department":
            accept(house, complaint_id, organisation_id="another")
    before = progress(house, code)
    house.hear(*case_events(house, complaint_id))
    assert house.count("parked") == 0
    assert progress(house, code) == before


@pytest.mark.req("O-01")
def test_a_lead_that_was_not_filed_is_told_and_left_to_a_person(house: House) -> None:
    """The reporter reads it; oversight answers."""
    complaint_id, code = file(house)
    accept(house, complaint_id)
    reported, *_ = case_events(house, complaint_id)
    case_id = reported.subject
    house.hear(
        reported,
        house.event("cases.case.not_filed", case_id, data("cases.case.not_filed", case_id=case_id), sequence=2),
    )
    assert progress(house, code)[-1] == "not_filed"
    assert house.published("complaint.resolved") == []


@pytest.mark.req("O-05")
@pytest.mark.parametrize(
    ("fine_fen", "outcome", "filed"), [(9_999_999, "penalty", 0), (10_000_000, "penalty", 1), (10**9, "dismissed", 0)]
)
def test_a_major_decision_arrives_for_filing_by_itself(house: House, fine_fen: int, outcome: str, filed: int) -> None:
    """From the served decision, by the threshold of its province."""
    case = new_id()
    served = data("cases.decision.served", case_id=case, fine_fen=fine_fen, outcome=outcome, sanction_kinds=["fine"])
    house.hear(house.event("cases.decision.served", case, served))
    listed = house.lead.get("/filings").expect(200)["items"]
    assert len(listed) == filed
    assert len(house.published("filing.recorded")) == filed
    if filed:
        assert (listed[0]["threshold_law"], listed[0]["fine_fen"]) == ("SAMR-HEARING 5", fine_fen)
        house.lead.get(f"/filings/{listed[0]['id']}").expect(200)


@pytest.mark.req("O-11")
def test_a_breached_clock_becomes_an_inaction_item_by_itself(any_house: House) -> None:
    """Once for each clock, however often it is told (RESPONSIBILITY 11)."""
    case = new_id()
    breached = data("cases.clock.breached", case_id=case, kind="filing_check", law="SAMR-PROC 18")
    any_house.hear(any_house.event("cases.clock.breached", case, breached))
    any_house.hear(any_house.event("cases.clock.breached", case, breached))
    (item,) = any_house.lead.get("/inaction-items", case_id=case).expect(200)["items"]
    assert (item["omission"], item["law"], item["due_on"]) == ("not_filed", "SAMR-PROC 18", breached["due_on"])
    assert item["organisation_id"] == breached["organisation_id"]
    (event,) = any_house.published("inaction.opened")
    assert event.data["inaction_id"] == item["id"]
    any_house.lead.get(f"/inaction-items/{item['id']}").expect(200)


@pytest.mark.req("F-11")
def test_a_refused_charge_becomes_a_conduct_item_with_its_organisation(any_house: House) -> None:
    """Through the case that oversight has heard of."""
    reported, *_ = case_events(any_house, None)
    charge = data("fees.charge.refused", case_id=reported.subject, charge_id=new_id())
    any_house.hear(reported)
    any_house.hear(any_house.event("fees.charge.refused", charge["charge_id"], charge))
    (item,) = any_house.lead.get("/conduct-items", organisation_id=DEPARTMENT).expect(200)["items"]
    assert (item["charge_id"], item["law"], item["case_id"]) == (charge["charge_id"], ["CONDUCT 13"], reported.subject)
    assert len(any_house.published("conduct.opened")) == 1
    any_house.lead.get(f"/conduct-items/{item['id']}").expect(200)


@pytest.mark.req("O-05", "O-11", "F-11")
@pytest.mark.parametrize(
    ("type_", "subject", "table"),
    [
        ("cases.decision.served", "case_id", "filing"),
        ("cases.clock.breached", "case_id", "inaction_item"),
        ("fees.charge.refused", "charge_id", "conduct_item"),
    ],
)
def test_what_is_told_again_under_another_event_opens_nothing_new(
    house: House, type_: str, subject: str, table: str
) -> None:
    """A decision, a clock or a charge is one thing, however many events speak of it."""
    told = data(type_) | ({"fine_fen": 10_000_000} if type_ == "cases.decision.served" else {})
    house.hear(house.event(type_, told[subject], told), house.event(type_, told[subject], told))
    assert house.count(table) == 1
    assert house.count("parked") == 0
