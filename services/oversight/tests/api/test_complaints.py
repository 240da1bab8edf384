"""Complaints inside oversight."""

from typing import Any

import pytest

from gongzheng.testing import ApiClient
from services.oversight.tests.house import House

ACCEPTANCE: dict[str, Any] = {
    "organisation_id": "samr",
    "accepted_on": "2026-11-23",
    "summary": "据反映，某店销售过期食品。",
}


def file(house: House, kind: str = "violation", **changed: Any) -> str:
    """A filed report; its id."""
    body = {"kind": kind, "text": "我是店员王小芳，店里卖过期牛奶", "reporter": {"name": "王小芳"}, **changed}
    return str(house.client.post("/public/complaints", body).expect(201)["complaint_id"])


def see(client: ApiClient, complaint_id: str) -> Any:
    """Read it, so that its version is known."""
    return client.get(f"/complaints/{complaint_id}").expect(200)


@pytest.mark.req("O-01")
def test_intake_reads_the_words_and_takes_the_report_up(any_house: House) -> None:
    """The department gets the summary; the answer shows the new limit and why it ends on its day."""
    complaint_id = file(any_house)
    words = any_house.intake.get(f"/complaints/{complaint_id}/content").expect(200)
    assert words["text"] == "我是店员王小芳，店里卖过期牛奶"
    assert "reporter" not in words
    see(any_house.intake, complaint_id)
    answer = any_house.intake.post(f"/complaints/{complaint_id}/acceptance", ACCEPTANCE)
    body = answer.expect(200)
    assert (body["state"], body["version"], answer.etag) == ("accepted", 2, '"2"')
    assert body["clocks"][1]["why_en"]
    (event,) = any_house.published("complaint.accepted")
    assert event.dataclass_ == "confidential"
    assert event.data == {
        "complaint_id": complaint_id,
        "kind": "violation",
        "organisation_id": "samr",
        "matter_id": None,
        "summary": ACCEPTANCE["summary"],
        "accepted_on": "2026-11-23",
    }


@pytest.mark.req("O-01", "X-07")
def test_every_look_at_a_report_is_on_record_with_the_persons_name(house: House) -> None:
    """Who read the words, who took it up: ids only."""
    complaint_id = file(house)
    house.intake.get(f"/complaints/{complaint_id}/content").expect(200)
    rows = house.service.mechanism.execute("SELECT actor, action, resource FROM audit ORDER BY id").fetchall()
    assert ("user-oversight.intake", "complaint.content.read", f"complaint/{complaint_id}/content") in rows
    assert rows[0] == ("public", "complaint.receive", f"complaint/{complaint_id}")


@pytest.mark.req("O-01")
@pytest.mark.parametrize("role", ["oversight.intake", "oversight.lead", "oversight.investigator", "auditor"])
def test_the_unit_complained_about_learns_nothing(house: House, role: str) -> None:
    """Not the words, not the complaint, not that there is one: 404 as for an id that never was (XINFANG 30(3))."""
    complaint_id = file(house, "official", accused_organisation_id="samr")
    theirs = house.user(role, organisation_id="samr")
    assert theirs.get("/complaints").expect(200)["items"] == []
    answers = [theirs.get(f"/complaints/{complaint_id}{below}") for below in ("", "/content")]
    answers += [theirs.get("/complaints/01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    assert {(answer.status, answer.code) for answer in answers} == {(404, "not-found")}
    if role in ("oversight.intake", "oversight.lead"):
        body = ACCEPTANCE | {"organisation_id": "province"}
        theirs.post(f"/complaints/{complaint_id}/acceptance", body, if_match=1).expect(404, "not-found")
    assert len(house.user(role).get("/complaints").expect(200)["items"]) == 1


@pytest.mark.req("O-01")
def test_a_complaint_about_an_official_is_not_routed_to_the_organisation_complained_about(house: House) -> None:
    """422 with the article; then kept inside oversight, with no summary on any event."""
    complaint_id = file(house, "official")
    path = f"/complaints/{complaint_id}/acceptance"
    see(house.intake, complaint_id)
    house.intake.post(path, ACCEPTANCE).expect(422, "accused-organisation-required")
    problem = house.intake.post(path, ACCEPTANCE | {"accused_organisation_id": "samr"}).expect(422, "routed-to-accused")
    assert [law["ref"] for law in problem["law"]] == ["XINFANG 30(3)", "SUPERVISION 10"]
    fine = ACCEPTANCE | {"accused_organisation_id": "samr", "organisation_id": "province"}
    house.intake.post(path, fine).expect(200)
    assert house.published("complaint.accepted") == []
    (event,) = house.published("complaint.retained")
    assert "summary" not in event.data
    assert house.user("oversight.intake", organisation_id="samr").get("/complaints").expect(200)["items"] == []


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("summary", "code"),
    [
        ("举报人王小芳反映，某店销售过期食品", "summary-reveals-reporter"),
        ("我是店员王小芳店里卖过期牛奶", "summary-reveals-reporter"),
        ("", "summary-required"),
    ],
)
def test_what_gives_the_reporter_away_is_not_released(house: House, summary: str, code: str) -> None:
    """The refusal repeats nothing of it."""
    complaint_id = file(house)
    see(house.intake, complaint_id)
    answer = house.intake.post(f"/complaints/{complaint_id}/acceptance", ACCEPTANCE | {"summary": summary})
    answer.expect(422, code)
    assert "王小芳" not in answer.text
    assert house.published("complaint.accepted") == []


@pytest.mark.req("O-01")
def test_the_answers_to_the_reporter_are_screened_too(house: House) -> None:
    """They are kept in the clear, so they may not name whom they are for."""
    complaint_id = file(house)
    see(house.intake, complaint_id)
    body = {"reason": "not_competent", "told": "王小芳女士：请向税务机关提出。", "rejected_on": "2026-11-23"}
    house.intake.post(f"/complaints/{complaint_id}/rejection", body).expect(422, "summary-reveals-reporter")
    body["told"] = "请向税务机关提出。"
    assert house.intake.post(f"/complaints/{complaint_id}/rejection", body).expect(200)["state"] == "rejected"
    assert len(house.published("complaint.rejected")) == 1
    house.intake.post(f"/complaints/{complaint_id}/acceptance", ACCEPTANCE).expect(409, "complaint-state-forbids")


@pytest.mark.req("O-01")
def test_the_head_lengthens_and_resolves(house: House) -> None:
    """XINFANG 34: sixty days and once thirty more; then the answer."""
    complaint_id = file(house)
    see(house.intake, complaint_id)
    house.intake.post(f"/complaints/{complaint_id}/acceptance", ACCEPTANCE).expect(200)
    more = {"days": 31, "told": "情况复杂", "extended_on": "2026-11-23"}
    house.intake.post(f"/complaints/{complaint_id}/extension", more).expect(403, "forbidden")
    problem = house.lead.post(f"/complaints/{complaint_id}/extension", more).expect(422, "extension-refused")
    assert problem["law"][0]["ref"] == "XINFANG 34"
    longer = house.lead.post(f"/complaints/{complaint_id}/extension", more | {"days": 30}).expect(200)
    assert longer["clocks"][1]["due_on"] == "2027-02-22"  # the ninetieth day is a Sunday
    end = {"outcome": "confirmed", "told": "已责令改正。", "resolved_on": "2026-11-23"}
    house.lead.post(f"/complaints/{complaint_id}/resolution", end).expect(200)
    assert [event.type.split(".")[4] for event in house.published()] == ["received", "accepted", "extended", "resolved"]


@pytest.mark.req("X-05")
def test_a_change_names_the_version_it_was_made_on(any_house: House) -> None:
    """428 without, 412 for an old one; nothing changes."""
    complaint_id = file(any_house)
    path = f"/complaints/{complaint_id}/acceptance"
    any_house.intake.post(path, ACCEPTANCE, if_match=None).expect(428, "precondition-required")
    any_house.intake.post(path, ACCEPTANCE, if_match=7).expect(412, "precondition-failed")
    any_house.intake.post(path, ACCEPTANCE, if_match=1).expect(200)
    any_house.intake.post(path, ACCEPTANCE, if_match=1).expect(412, "precondition-failed")


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("accepted_on", "status"), [("2026-11-22", 422), ("2026-11-23", 200), ("2026-11-24", 422)])
def test_acts_are_not_dated_before_the_report_nor_in_the_future(house: House, accepted_on: str, status: int) -> None:
    """Today is the legal date in Shanghai."""
    complaint_id = file(house)
    see(house.intake, complaint_id)
    body = ACCEPTANCE | {"accepted_on": accepted_on}
    house.intake.post(f"/complaints/{complaint_id}/acceptance", body).expect(status)


def test_lists_are_paged_and_filtered(house: House) -> None:
    """By cursor, and by kind and state."""
    ids = [file(house) for _ in range(3)]
    first = house.intake.get("/complaints", limit=2).expect(200)
    second = house.intake.get("/complaints", limit=2, after=first["next_cursor"]).expect(200)
    assert [item["id"] for page in (first, second) for item in page["items"]] == ids
    assert second["next_cursor"] is None
    assert house.intake.get("/complaints", kind="official").expect(200)["items"] == []
    assert len(house.intake.get("/complaints", state="received").expect(200)["items"]) == 3
    house.intake.get("/complaints", state="lost").expect(422, "invalid")
