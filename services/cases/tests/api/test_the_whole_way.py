"""A case goes from the lead to the archive through the API, on both databases."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.handlers.follow_obligation import obligation_created, obligation_settled
from gongzheng.audit.bundle import verify_bundle
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.ids import new_id
from services.cases.tests.support.service import Desk


def settle(desk: Desk, case_id: str, settled_on: str = "2026-10-26") -> None:
    """What the fees service says when everything is paid."""
    data = {"case_id": case_id, "obligation_id": new_id(), "settled_on": settled_on}
    obligation_created(desk.service.uow_factory(SYSTEM), data)
    obligation_settled(desk.service.uow_factory(SYSTEM), data)


@pytest.mark.req("C-10")
@pytest.mark.req("C-19")
@pytest.mark.req("C-21")
@pytest.mark.req("C-27")
def test_a_case_goes_from_the_lead_to_the_archive(any_desk: Desk, tmp_path: Path) -> None:
    """Each step by the person entitled, and at the end a dossier that verifies offline."""
    case_id = any_desk.lead_to("serve")
    served = any_desk.by("clerk").get(f"/cases/{case_id}").json
    assert served["state"] == "served"
    assert served["decision"]["document_number"] == "云湖市监罚〔2026〕1号"
    assert served["decision"]["payment_due_on"] == "2026-11-03"
    assert served["decision"]["remedies"]["reconsideration_until"] == "2026-12-18"
    assert served["decision"]["remedies"]["litigation_until"] == "2027-04-19"

    settle(any_desk, case_id)
    any_desk.step("close", case_id).expect(200)
    archived = any_desk.step("archive", case_id).expect(200)
    assert archived["state"] == "archived"

    answer = any_desk.by("auditor").get(f"/cases/{case_id}/dossier")
    path = tmp_path / "dossier.zip"
    path.write_bytes(answer.content)
    report = verify_bundle(path)
    assert report.ok, report
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert sum(name.startswith("documents/") for name in names) == 2
    assert sum(name.startswith("evidence/") for name in names) == 1
    timeline = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("timeline.json"))
    assert [entry["act"] for entry in timeline][:3] == ["report", "file", "assign_officers"]


@pytest.mark.req("X-01")
def test_each_step_says_what_happened(desk: Desk, events: Callable[[], list[str]]) -> None:
    """The events of the whole way, in order, each with the next sequence number."""
    case_id = desk.lead_to("serve")
    settle(desk, case_id)
    desk.step("close", case_id).expect(200)
    desk.step("archive", case_id).expect(200)
    assert events() == [
        "case.reported",
        "case.filed",
        "officer.assigned",
        "evidence.recorded",
        "review.passed",
        "notice.served",
        "statement.received",
        "decision.made",
        "decision.served",
        "case.closed",
        "case.archived",
    ]
    sequences = desk.service.mechanism.execute("SELECT sequence FROM outbox ORDER BY id").fetchall()
    assert [row[0] for row in sequences] == list(range(1, 12))


@pytest.mark.req("C-04")
def test_the_documents_are_pdfs_in_chinese(desk: Desk) -> None:
    """Prior notice and decision are issued as PDF with their numbers."""
    case_id = desk.lead_to("decide")
    client = desk.by("decider")
    documents = client.get(f"/cases/{case_id}/documents").expect(200)["items"]
    assert [d["number"] for d in documents] == ["云湖市监罚告〔2026〕1号", "云湖市监罚〔2026〕1号"]
    for document in documents:
        answer = client.get(f"/cases/{case_id}/documents/{document['document_id']}")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.req("C-30")
def test_clocks_say_when_and_why(desk: Desk) -> None:
    """Each time limit has its last day, its law and an explanation in both languages."""
    case_id = desk.lead_to("serve")
    clocks = {c["kind"]: c for c in desk.by("clerk").get(f"/cases/{case_id}/clocks").expect(200)["items"]}
    assert clocks["filing_check"]["state"] == "ended"
    assert clocks["decision"]["due_on"] == "2026-12-09"
    assert clocks["decision"]["law"]["ref"] == "APL 60"
    assert clocks["service_of_decision"]["ended_on"] == "2026-10-19"
    assert clocks["payment"]["state"] == "run_out"
    assert clocks["payment"]["unit"] == "day"
    assert clocks["reconsideration"]["state"] == "running"
    assert "60" in clocks["reconsideration"]["why_en"]
    assert clocks["reconsideration"]["why_zh"]


@pytest.mark.req("C-12")
def test_evidence_comes_back_byte_for_byte(desk: Desk) -> None:
    """What was taken in is what is given out, as a download and not as a page."""
    case_id = desk.lead_to("evidence")
    client = desk.by("ida")
    piece = client.get(f"/cases/{case_id}").json["evidence"][0]
    answer = client.get(f"/cases/{case_id}/evidence/{piece['evidence_id']}/file")
    assert answer.content.startswith(b"%PDF-1.7")
    assert piece["media_type"] == "application/pdf"
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.req("C-27")
def test_a_changed_byte_in_the_dossier_is_found_and_named(desk: Desk, tmp_path: Path) -> None:
    """The verifier names the altered part."""
    case_id = desk.lead_to("evidence")
    content = bytearray(desk.by("ivo").get(f"/cases/{case_id}/dossier").content)
    place = bytes(content).index(b"expired biscuits")
    content[place] = ord("E")
    path = tmp_path / "dossier.zip"
    path.write_bytes(bytes(content))
    report = verify_bundle(path)
    assert not report.ok
    assert "evidence/" in str(report)
