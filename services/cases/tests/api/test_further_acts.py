"""Hearing, publication, ending on a repealed basis, the record of reads: through the API."""

import json

import pytest

from services.cases.tests.support.service import MATTER, PARTY, Desk

SIMPLE_MATTER = "food-purchase-not-verified"


@pytest.mark.req("C-18")
def test_a_hearing_that_was_asked_for_is_held_by_another_person(desk: Desk) -> None:
    """The decision waits for it."""
    case_id = desk.lead_to("serve_notice")
    desk.step("heard", case_id, hearing_requested=True).expect(200)
    desk.step("decide", case_id).expect(409, "hearing-right-open")
    held = desk.act(
        "chair", case_id, "hearing", done_on="2026-10-14", announced_on="2026-09-25", record="听证笔录", place="三楼"
    ).expect(200)
    assert held["hearings"][0]["chair_subject"] == "demo-hearing-chair"
    desk.step("decide", case_id).expect(409, "review-required")
    desk.step("review", case_id, done_on="2026-10-14").expect(200)
    desk.step("decide", case_id).expect(409, "collective-discussion-required")
    discussed = desk.step("discuss", case_id).expect(200)
    assert discussed["discussions"][0]["officer_ids"] == ["9901020010", "9901020011"]
    desk.step("decide", case_id).expect(200)


@pytest.mark.req("C-30")
def test_the_publication_of_a_decision_with_social_impact_ends_its_clock(desk: Desk) -> None:
    """Seven working days from the decision."""
    case_id = desk.lead_to("heard")
    desk.step("decide", case_id, social_impact=True).expect(200)
    desk.act("clerk", case_id, "publication", done_on="2026-10-20", place="政府网站").expect(200)
    clocks = {c["kind"]: c for c in desk.by("clerk").get(f"/cases/{case_id}/clocks").expect(200)["items"]}
    assert (clocks["publication"]["due_on"], clocks["publication"]["ended_on"]) == ("2026-10-26", "2026-10-20")


@pytest.mark.req("C-10")
def test_a_lead_that_is_not_filed_says_why_and_is_archived(desk: Desk) -> None:
    """And its dossier is sealed like any other."""
    case_id = desk.report(party=PARTY)
    desk.act("intake", case_id, "filing", done_on="2026-09-10", filed=False).expect(422, "filing-incomplete")
    refused = desk.act("intake", case_id, "filing", done_on="2026-09-10", filed=False, reason="违法事实不存在")
    assert refused.expect(200)["state"] == "not_filed"
    archived = desk.act("clerk", case_id, "archiving", done_on="2026-09-11").expect(200)
    assert len(archived["dossier_sha256"]) == 64


@pytest.mark.req("C-26")
def test_a_case_whose_basis_is_repealed_under_way_is_ended(desk: Desk) -> None:
    """The registrar loads the repeal; the decision is refused; the head ends the case."""
    case_id = desk.lead_to("heard")
    with desk.service.uow_factory() as uow:
        from dataclasses import replace  # noqa: PLC0415 only here
        from datetime import date  # noqa: PLC0415 only here

        basis = uow.registers.matter_on(MATTER, date(2026, 9, 1)).basis
        uow.registers.put_bases([replace(basis, period=replace(basis.period, until=date(2026, 10, 1)))])
    desk.step("decide", case_id).expect(422, "legal-basis-repealed")
    ended = desk.act("decider", case_id, "closing", done_on="2026-10-15", basis_repealed=True).expect(200)
    assert (ended["state"], ended["closing"]["reason"]) == ("closed", "basis_repealed")


@pytest.mark.req("X-07")
def test_every_look_at_a_case_its_evidence_and_its_documents_is_on_record(desk: Desk) -> None:
    """Who looked at what, by name."""
    case_id = desk.lead_to("notice")
    client = desk.by("ida")
    case = client.get(f"/cases/{case_id}").json
    piece = case["evidence"][0]["evidence_id"]
    document = client.get(f"/cases/{case_id}/documents").json["items"][0]["document_id"]
    client.get(f"/cases/{case_id}/evidence/{piece}/file")
    client.get(f"/cases/{case_id}/documents/{document}")
    rows = desk.service.mechanism.execute(
        "SELECT action, resource FROM audit WHERE actor = ? ORDER BY id", ("demo-investigator-2",)
    ).fetchall()
    assert [row[0] for row in rows] == [
        "case.read",
        "case.documents.read",
        "case.evidence.file.read",
        "case.documents.read",
    ]
    assert all(case_id in row[1] for row in rows)


@pytest.mark.req("X-07")
def test_every_act_is_on_record_without_personal_data(desk: Desk) -> None:
    """Ids, days and states; never a name or a text."""
    case_id = desk.lead_to("decide")
    rows = desk.service.mechanism.execute(
        "SELECT action, facts FROM audit WHERE resource = ? AND action NOT LIKE ?", (f"case/{case_id}", "%read")
    ).fetchall()
    assert [row[0] for row in rows][:3] == ["case.report", "case.file", "case.assign_officers"]
    for _, facts in rows:
        assert set(json.loads(facts)) <= {"done_on", "state"}


@pytest.mark.req("C-12")
def test_a_file_name_that_is_a_path_is_only_a_name(desk: Desk) -> None:
    """Nothing of it reaches the disk, and it is given back as a name."""
    case_id = desk.lead_to("assign")
    client = desk.by("ivo")
    version = client.get(f"/cases/{case_id}").json["version"]
    import hashlib  # noqa: PLC0415 only here

    from services.cases.tests.support.service import IDA, IVO  # noqa: PLC0415 only here

    content = b"<html><script>alert(1)</script>"
    metadata = {
        "done_on": "2026-09-14", "officer_ids": [IVO, IDA], "kind": "electronic_data", "title": "网页", "place": "网络",
        "provided_by": "平台", "manner": "下载", "category": "ordinary", "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    answer = client.post(
        f"/cases/{case_id}/evidence",
        files={"file": ("../../../etc/passwd", content, "text/html")},
        form={"metadata": metadata},
        if_match=version,
    ).expect(200)
    piece = answer["evidence"][0]
    assert (piece["file_name"], piece["media_type"]) == ("passwd", "application/octet-stream")
    download = client.get(f"/cases/{case_id}/evidence/{piece['evidence_id']}/file")
    assert download.headers["Content-Disposition"].startswith("attachment;")
    assert download.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.req("C-21")
def test_a_decision_that_cannot_be_delivered_is_announced_and_takes_effect_after_thirty_days(desk: Desk) -> None:
    """Tried, announced, served by the day that the law gives; another day is refused and told which."""
    case_id = desk.lead_to("decide")
    announced = {"document": "decision", "places": ["公告栏"], "course": "邮寄退回", "recorded": True}
    desk.act("clerk", case_id, "service-announcements", done_on="2026-10-16", **announced).expect(
        422, "service-not-valid"
    )
    tried = {"document": "decision", "method": "post", "outcome": "returned", "place": "住所", "note": "查无此人"}
    desk.act("clerk", case_id, "service-attempts", done_on="2026-10-16", officer_ids=[], **tried).expect(200)
    desk.act("clerk", case_id, "service-announcements", done_on="2026-10-16", **announced).expect(200)
    last = {"document": "decision", "method": "announcement", "sent_on": "2026-10-16", "recipient": "当事人"}
    desk.act("clerk", case_id, "service", done_on="2026-11-15", **last).expect(422, "service-not-valid")
    case = desk.act("clerk", case_id, "service", done_on="2026-11-16", **last).expect(200)
    assert case["decision"]["payment_due_on"] == "2026-12-01"


@pytest.mark.req("C-13")
def test_goods_are_seized_with_approval_and_released_before_the_case_can_close(desk: Desk) -> None:
    """Through the API: approved, listed, watched by its clock, disposed of."""
    case_id = desk.lead_to("assign")
    officers = {"officer_ids": ["9901020002", "9901020003"]}
    unlawful = {"kind": "seizure", "reason": "可能被转移", "basis": []}
    desk.act("decider", case_id, "measures", done_on="2026-09-14", **unlawful).expect(422, "measure-not-lawful")
    approved = desk.act("decider", case_id, "measures", done_on="2026-09-14", **{**unlawful, "basis": ["FSL 110"]})
    measure = approved.expect(200)["measures"][0]["measure_id"]
    how = {"items": [{"name": "饼干", "quantity": "三箱"}], "place": "仓库", "party_present": True}
    how |= {"party_signed": True, "papers_handed_over": True, **officers}
    desk.act("ivo", case_id, f"measures/{measure}/execution", done_on="2026-09-14", **how).expect(200)
    clocks = desk.by("clerk").get(f"/cases/{case_id}/clocks").expect(200)["items"]
    assert [(c["due_on"], c["about"]) for c in clocks if c["kind"] == "seizure"] == [("2026-10-14", measure)]
    end = {"done_on": "2026-10-10", "disposal": "released", "reason": "与违法行为无关"}
    case = desk.act("decider", case_id, f"measures/{measure}/disposal", **end).expect(200)
    assert case["measures"][0]["disposed_on"] == "2026-10-10"


@pytest.mark.req("C-12")
def test_the_custody_of_a_piece_is_on_record(desk: Desk) -> None:
    """Every hand, and only from the hand that has it."""
    case_id = desk.lead_to("evidence")
    piece = desk.by("ivo").get(f"/cases/{case_id}").json["evidence"][0]["evidence_id"]
    hand = {"done_on": "2026-09-15", "place": "物证室", "purpose": "保管"}
    path = f"evidence/{piece}/custody"
    desk.act("clerk", case_id, path, handed_by="办案人员", received_by="物证室", **hand).expect(200)
    desk.act("clerk", case_id, path, handed_by="他人", received_by="检测所", **hand).expect(422, "custody-broken")


@pytest.mark.req("C-22")
def test_a_small_case_is_decided_on_the_spot_with_its_paper(desk: Desk) -> None:
    """A warning by two officers: one call, a numbered decision as PDF, and a refusal where the matter is another."""
    given = {
        "done_on": "2026-09-14",
        "officer_ids": ["9901020002", "9901020003"],
        "matter_id": SIMPLE_MATTER,
        "conduct_on": "2026-09-14",
        "party": PARTY,
        "place": "店内",
        "facts": "现场检查发现",
        "evidence": "现场照片",
        "sanction": {"kinds": ["warning"], "order_to_correct": True},
        "reconsideration_body": "明州市云湖区人民政府",
        "court": "明州市云湖区人民法院",
        "credentials_shown": True,
        "told_of_rights": True,
        "signed": True,
    }
    client = desk.by("ivo")
    client.post("/on-the-spot-decisions", {**given, "matter_id": MATTER}).expect(422, "simple-procedure-limit")
    case = client.post("/on-the-spot-decisions", given).expect(201)
    assert (case["state"], case["procedure"]) == ("served", "simple")
    documents = client.get(f"/cases/{case['id']}/documents").expect(200)["items"]
    assert documents[0]["title"] == "当场行政处罚决定书"
    desk.act("clerk", case["id"], "hand-in", done_on="2026-09-15").expect(200)
    desk.act("clerk", case["id"], "closing", done_on="2026-09-16").expect(200)
