"""What the API refuses, each with its problem type, status and article."""

import hashlib
from typing import Any

import pytest

from services.cases.tests.support.service import (
    EVIDENCE,
    EXPIRED,
    IDA,
    IVO,
    MATTER,
    ORGANISATION_ID,
    PARTY,
    TEMPORARY,
    Desk,
)


def cited(problem: dict[str, Any]) -> set[str]:
    """The articles that a problem names."""
    return {law["ref"] for law in problem["law"]}


@pytest.mark.req("C-11")
@pytest.mark.parametrize(
    ("officer_ids", "code"),
    [
        ([IVO], "two-officers-required"),
        ([IVO, TEMPORARY], "two-officers-required"),
        ([IVO, EXPIRED], "credential-not-valid-on-date"),
        ([IVO, "9901020013"], "officer-not-of-this-case"),
    ],
)
def test_one_officer_a_temporary_one_an_expired_one_and_a_stranger_are_refused(
    desk: Desk, officer_ids: list[str], code: str
) -> None:
    """APL 42, and the case stays as it was."""
    case_id = desk.lead_to("file")
    problem = desk.step("assign", case_id, officer_ids=officer_ids).expect(422, code)
    assert "APL 42(1)" in cited(problem)
    assert problem["law"][0]["act_zh"] == "中华人民共和国行政处罚法"
    assert desk.by("intake").get(f"/cases/{case_id}").json["state"] == "filed"


@pytest.mark.req("C-03")
def test_a_repealed_basis_is_refused(desk: Desk) -> None:
    """The social maintenance fee, whoever asks and whoever the party is (APL 16, 38)."""
    case_id = desk.report(party=PARTY)
    answer = desk.step("file", case_id, matter_id="social-maintenance-fee", conduct_on="2019-05-01")
    problem = answer.expect(422, "legal-basis-repealed")
    assert {"APL 16", "APL 38(1)"} <= cited(problem)


@pytest.mark.req("C-12")
def test_evidence_after_the_decision_is_refused(desk: Desk) -> None:
    """APL 46(2), conduct code 10."""
    case_id = desk.lead_to("decide")
    problem = desk.evidence(case_id, done_on="2026-10-16").expect(409, "evidence-closed")
    assert {"APL 46(2)", "CONDUCT 10"} <= cited(problem)


@pytest.mark.req("C-12")
def test_a_file_with_another_digest_is_refused(desk: Desk) -> None:
    """The client's SHA-256 is compared with what arrived."""
    case_id = desk.lead_to("assign")
    problem = desk.evidence(case_id, sha256="0" * 64).expect(422, "hash-mismatch")
    assert hashlib.sha256(EVIDENCE).hexdigest() in problem["detail"]


@pytest.mark.req("C-12")
def test_health_data_are_refused_before_a_byte_is_stored(desk: Desk) -> None:
    """PIPL 28."""
    case_id = desk.lead_to("assign")
    content = b"a medical record"
    problem = desk.evidence(case_id, content=content, category="health").expect(422, "sensitive-category-refused")
    assert "PIPL 28" in cited(problem)
    digest = hashlib.sha256(content).hexdigest()
    with pytest.raises(Exception, match="no such file"):
        desk.service.uow_factory().files.open(digest)


@pytest.mark.req("C-17")
@pytest.mark.parametrize("last", ["report", "notice", "serve_notice"])
def test_a_decision_before_the_party_was_heard_is_refused(desk: Desk, last: str) -> None:
    """APL 62."""
    case_id = desk.lead_to(last)
    assert "APL 62" in cited(desk.step("decide", case_id).expect(409, "party-not-heard"))


@pytest.mark.req("C-19")
def test_a_decision_by_the_investigator_is_refused(desk: Desk) -> None:
    """Whatever roles the token carries."""
    case_id = desk.lead_to("heard")
    both = desk.client.as_user(
        "demo-investigator-1", "cases.investigator", "cases.decider", organisation_id=ORGANISATION_ID
    )
    both.get(f"/cases/{case_id}")
    from services.cases.tests.support.service import USUAL  # noqa: PLC0415 the usual decision

    problem = both.post(f"/cases/{case_id}/decision", USUAL["decide"][2]).expect(403, "separation-of-duties")
    assert "RESPONSIBILITY 7" in cited(problem)


@pytest.mark.req("C-16")
def test_a_review_by_an_unqualified_reviewer_or_an_investigator_is_refused(desk: Desk) -> None:
    """APL 58."""
    case_id = desk.lead_to("report")
    desk.step("review", case_id, who="unqualified").expect(403, "reviewer-not-qualified")
    case_id = desk.report(party=PARTY)
    desk.step("file", case_id).expect(200)
    desk.step("assign", case_id, officer_ids=[IVO, "9901020004"]).expect(200)
    desk.evidence(case_id, officer_ids=[IVO, "9901020004"]).expect(200)
    desk.step("report", case_id, officer_ids=[IVO, "9901020004"]).expect(200)
    desk.step("review", case_id, who="third").expect(403, "separation-of-duties")


@pytest.mark.req("C-19")
def test_a_sanction_outside_the_band_and_one_heavier_than_announced_are_refused(desk: Desk) -> None:
    """APL 34 with the matter's own article; APL 45."""
    case_id = desk.lead_to("heard")
    small = {"kinds": ["fine"], "fine_fen": 1, "bases": {"value_of_goods": 3_000}}
    assert "APL 34" in cited(desk.step("decide", case_id, sanction=small).expect(422, "sanction-outside-band"))
    large = {"kinds": ["fine"], "fine_fen": 9_000_000, "bases": {"value_of_goods": 3_000}}
    assert "APL 45(2)" in cited(desk.step("decide", case_id, sanction=large).expect(422, "heavier-than-noticed"))


@pytest.mark.req("C-01")
def test_the_case_of_another_organisation_cannot_be_seen_or_touched(desk: Desk) -> None:
    """For others it does not exist; an act is refused with APL 17."""
    case_id = desk.lead_to("file")
    other = desk.by("intake", organisation_id="11990102MB0A1003X3")
    for path in ("", "/clocks", "/timeline", "/documents", "/dossier"):
        other.get(f"/cases/{case_id}{path}").expect(404, "not-found")
    body = {"done_on": "2026-09-11", "officer_ids": [IVO, IDA]}
    assert other.post(f"/cases/{case_id}/officers", body, if_match=2).status in {403, 404}
    assert other.get("/cases").expect(200)["items"] == []
    other.get("/cases", organisation_id=ORGANISATION_ID).expect(403, "outside-organisation")
    nobody = desk.by("intake", organisation_id=None)
    assert nobody.get("/cases").expect(200)["items"] == []
    nobody.get(f"/cases/{case_id}").expect(404)


def test_auditors_read_everything_and_change_nothing(desk: Desk) -> None:
    """Reading needs no organisation; every act is forbidden."""
    case_id = desk.lead_to("evidence")
    auditor = desk.by("auditor", organisation_id=None)
    assert auditor.get(f"/cases/{case_id}").expect(200)["state"] == "investigating"
    assert [case["id"] for case in auditor.get("/cases").expect(200)["items"]] == [case_id]
    for path in ("filing", "officers", "evidence", "decision", "closing"):
        auditor.post(f"/cases/{case_id}/{path}", {}).expect(403, "forbidden")


@pytest.mark.req("X-05")
def test_a_change_needs_the_version_that_was_seen(desk: Desk) -> None:
    """No If-Match 428, an old one 412."""
    case_id = desk.lead_to("file")
    intake = desk.by("intake")
    body = {"done_on": "2026-09-11", "officer_ids": [IVO, IDA]}
    intake.post(f"/cases/{case_id}/officers", body, if_match=None).expect(428, "precondition-required")
    intake.post(f"/cases/{case_id}/officers", body, if_match=1).expect(412, "precondition-failed")
    intake.post(f"/cases/{case_id}/officers", body, if_match=2).expect(200)


@pytest.mark.req("X-05")
def test_the_same_request_twice_is_taken_once(desk: Desk) -> None:
    """The second gets the first answer; another content under the same key is refused."""
    intake = desk.by("intake")
    body = {"done_on": "2026-09-01", "source": "inspection", "summary": "货架上有过期食品"}
    first = intake.post("/cases", body, idempotency_key="a-key-of-mine").expect(201)
    second = intake.post("/cases", body, idempotency_key="a-key-of-mine").expect(201)
    assert first["id"] == second["id"]
    intake.post("/cases", {**body, "summary": "…"}, idempotency_key="a-key-of-mine").expect(409, "idempotency-conflict")
    assert len(intake.get("/cases").json["items"]) == 1


@pytest.mark.req("C-04")
def test_a_refused_act_loses_no_number(desk: Desk) -> None:
    """Numbers are gap-free: what was refused gives its number back."""
    first = desk.lead_to("file")
    second = desk.report(party=PARTY)
    desk.step("file", second, conduct_on="2022-01-01").expect(422, "limitation-expired")
    desk.step("file", second).expect(200)
    numbers = [desk.by("clerk").get(f"/cases/{case_id}").json["case_number"] for case_id in (first, second)]
    assert numbers == ["云湖市监立〔2026〕1号", "云湖市监立〔2026〕2号"]


def test_filing_names_matter_and_day(desk: Desk) -> None:
    """What the lead did not bring, the filing must."""
    case_id = desk.report(party=PARTY, matter_id=MATTER)
    problem = desk.step("file", case_id, matter_id=None, conduct_on=None).expect(422, "filing-incomplete")
    assert set(problem["errors"]) == {"conduct_on"}
    desk.step("file", case_id, matter_id=None).expect(200)
    desk.step("file", desk.report(), filed=False).expect(422)


def test_an_unknown_matter_organisation_or_case_is_not_found(desk: Desk) -> None:
    """404, and no more is said."""
    case_id = desk.report(party=PARTY)
    desk.step("file", case_id, matter_id="no-such-matter").expect(404, "not-found")
    body = {"done_on": "2026-09-01", "source": "transfer", "summary": "…", "organisation_id": "x"}
    desk.by("intake").post("/cases", body).expect(404, "not-found")
    desk.by("intake").get("/cases/01K9ZT3V7Q8RXB0M2N4P6S8T0A").expect(404, "not-found")


@pytest.mark.req("X-13")
def test_a_refusal_speaks_the_callers_language(desk: Desk) -> None:
    """Title and detail in Chinese or English."""
    case_id = desk.lead_to("file")
    client = desk.by("intake")
    body = {"done_on": "2026-09-11", "officer_ids": [IVO]}
    english = client.post(f"/cases/{case_id}/officers", body).expect(422)
    client.language = "zh-CN"
    chinese = client.post(f"/cases/{case_id}/officers", body).expect(422)
    assert english["title"] == "At least two formal officers are required"
    assert chinese["title"] == "执法应由不少于两名执法人员进行"
    assert "正式执法人员" in chinese["detail"]


@pytest.mark.req("C-11")
def test_recusal_goes_through_the_api(desk: Desk) -> None:
    """Applied for by the clerk, decided by the head, and the officer is off the case."""
    case_id = desk.lead_to("evidence")
    applied = desk.act(
        "clerk", case_id, "recusals", done_on="2026-09-15", officer_id=IDA, ground="当事人的近亲属"
    ).expect(200)
    recusal_id = applied["recusals"][0]["recusal_id"]
    client = desk.by("decider")
    version = client.get(f"/cases/{case_id}").json["version"]
    client.post(
        f"/cases/{case_id}/recusals/{recusal_id}/decision", {"done_on": "2026-09-15", "granted": True}, if_match=version
    ).expect(200)
    problem = desk.evidence(case_id, done_on="2026-09-16").expect(422, "officer-recused")
    lines = desk.by("clerk").get(f"/cases/{case_id}/timeline").expect(200)["items"]
    marked = {line["act"] for line in lines if line["recused"] == ["demo-investigator-2"]}
    assert marked == {"assign_officers", "record_evidence"}
    assert "APL 43(1)" in cited(problem)


@pytest.mark.req("C-12")
def test_exclusion_and_interview_go_through_the_api(desk: Desk) -> None:
    """The reviewer excludes; the piece stays visible with its reason."""
    case_id = desk.lead_to("interview")
    client = desk.by("reviewer")
    case = client.get(f"/cases/{case_id}").json
    piece = case["evidence"][0]["evidence_id"]
    excluded = client.post(
        f"/cases/{case_id}/evidence/{piece}/exclusion",
        {"done_on": "2026-09-15", "reason": "取证程序违法"},
        if_match=case["version"],
    ).expect(200)
    assert excluded["evidence"][0]["exclusion_reason"] == "取证程序违法"
    assert excluded["interviews"][0]["read_and_signed"] is True
    desk.step("report", case_id).expect(422, "evidence-not-sufficient")


@pytest.mark.parametrize(
    ("role", "fees_role"), [("cases.decider", "fees.accountant"), ("cases.investigator", "fees.reconciler")]
)
def test_a_token_that_decides_and_collects_is_refused_at_the_door(desk: Desk, role: str, fees_role: str) -> None:
    """APL 67."""
    both = desk.client.as_user("demo-decider", role, fees_role, organisation_id=ORGANISATION_ID)
    problem = both.get("/cases").expect(403, "role-pair-forbidden")
    assert any(ref.startswith("APL 67") for ref in cited(problem))
