"""What the stores promise, on SQLite and on PostgreSQL."""

from datetime import date
from typing import Any

import pytest

from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.ids import new_id
from oversight.domain.amount_targets import Measure
from oversight.domain.complaint import Acceptance, Kind
from oversight.domain.errors import NotFound
from oversight.domain.filing import Filing, ServedDecision
from oversight.domain.items import BreachedClock, ConductItem, InactionItem, RefusedCharge
from oversight.domain.plans import Draft, Plan, PlanKind
from oversight.domain.screening import Reporter
from oversight.handlers.accept_complaint import accept_complaint
from oversight.handlers.ports import CaseKnown
from oversight.handlers.receive_complaint import Received, Report, receive_complaint
from oversight.handlers.rewrap_keys import rewrap_keys
from services.oversight.tests.house import House

DAY = date(2026, 11, 23)


def file(house: House, **changed: Any) -> Received:
    """File a report."""
    given: dict[str, Any] = {"kind": Kind.VIOLATION, "text": "过期牛奶", "reporter": Reporter(name="王小芳")}
    return receive_complaint(house.uow(), Report(**(given | changed)))


@pytest.mark.req("O-01")
def test_a_complaint_comes_back_as_it_was_kept(any_house: House) -> None:
    """With its clocks, its steps and its moment in UTC."""
    received = file(any_house)
    with any_house.uow() as uow:
        complaint = uow.complaints.get(received.complaint_id)
    assert (complaint.kind, complaint.received_at, complaint.received_on) == (
        Kind.VIOLATION,
        any_house.clock.now(),
        DAY,
    )
    assert [(c.kind, c.started_on, c.due.due_on) for c in complaint.clocks] == [("notify", DAY, date(2026, 12, 8))]
    assert [(s.step, s.on) for s in complaint.steps] == [("received", DAY)]
    assert (complaint.version, complaint.anonymous) == (1, False)


@pytest.mark.req("X-05")
def test_two_people_cannot_change_a_complaint_at_once(any_house: House) -> None:
    """The second is told, and nothing of hers is kept."""
    received = file(any_house)
    with any_house.uow() as uow:
        first, second = (uow.complaints.get(received.complaint_id) for _ in range(2))
    first.organisation_id, second.organisation_id = "first", "second"
    with any_house.uow() as uow:
        uow.complaints.save(first)
    with pytest.raises(Conflict), any_house.uow() as uow:
        uow.complaints.save(second)
    with any_house.uow() as uow:
        assert uow.complaints.get(received.complaint_id).organisation_id == "first"
        with pytest.raises(PreconditionFailed):
            uow.complaints.get(received.complaint_id, expected_version=1)


def test_what_is_not_there_is_not_found(any_house: House) -> None:
    """None where it may be missing, an error where it must be there."""
    with any_house.uow() as uow:
        assert uow.complaints.find(new_id()) is None
        assert uow.complaints.by_case("case-1") is None
        assert uow.sealed.get(new_id(), "content") is None
        for store in (uow.complaints, uow.filings, uow.inaction, uow.conduct, uow.plans):
            with pytest.raises(NotFound):
                store.get(new_id())


@pytest.mark.req("O-01")
def test_pages_run_by_id_and_leave_out_what_the_reader_must_not_know(any_house: House) -> None:
    """The unit complained about does not see the complaint, nor a gap where it is."""
    mine = [file(any_house).complaint_id for _ in range(3)]
    hidden = file(any_house, kind=Kind.OFFICIAL, accused_organisation_id="samr").complaint_id
    nothing: dict[str, Any] = {"state": None, "kind": None}
    with any_house.uow() as uow:
        seen = uow.complaints.page(limit=10, after=None, hidden_from="samr", **nothing)
        everything = uow.complaints.page(limit=10, after=None, hidden_from=None, **nothing)
        second = uow.complaints.page(limit=1, after=mine[0], hidden_from="samr", **nothing)
        official = uow.complaints.page(limit=10, after=None, hidden_from=None, state="received", kind="official")
    assert [c.id for c in seen] == mine
    assert {c.id for c in everything} == {*mine, hidden}
    assert [c.id for c in second] == [mine[1]]
    assert [c.id for c in official] == [hidden]


@pytest.mark.req("O-01")
def test_steps_are_only_added(any_house: House) -> None:
    """What the reporter was told once stays told."""
    received = file(any_house)
    acceptance = Acceptance(organisation_id="samr", accepted_on=DAY, summary="摘要")
    accept_complaint(any_house.uow(), received.complaint_id, acceptance, 1)
    with any_house.uow() as uow:
        assert [step.step for step in uow.complaints.steps(received.complaint_id)] == ["received", "accepted"]


@pytest.mark.req("O-01")
def test_parts_are_wrapped_anew_with_the_current_master_key(any_house: House) -> None:
    """The ciphertext stays, so that an old key can be retired without opening a report."""
    received = file(any_house)
    with any_house.uow() as uow:
        before = uow.sealed.get(received.complaint_id, "content")
        assert before is not None
        uow.sealed.replace(received.complaint_id, "content", before.__class__(**(vars(before) | {"key_id": "m1"})))
        assert uow.sealed.not_wrapped_with("m1", 10) == []
        assert len(uow.sealed.not_wrapped_with("m2", 10)) == 2
    assert rewrap_keys(any_house.uow) == 0


def test_what_is_known_of_a_case_is_completed_by_later_events(any_house: House) -> None:
    """An event that does not mention a thing does not take it away."""
    with any_house.uow() as uow:
        uow.cases.put(CaseKnown(case_id="c", organisation_id="samr", complaint_id="x"))
        uow.cases.put(CaseKnown(case_id="c", organisation_id="samr", case_number="12号", region_code="330200"))
        known = uow.cases.get("c")
    assert known == CaseKnown(
        case_id="c", organisation_id="samr", complaint_id="x", case_number="12号", region_code="330200"
    )


@pytest.mark.req("O-05", "O-11")
def test_records_come_back_as_they_were_kept(any_house: House) -> None:
    """Filings, items and plans, by id and by page."""
    decision = ServedDecision(
        decision_id="d", case_id="c", document_number="12号", outcome="penalty", organisation_id="samr",
        region_code="330200", party_kind="person", fine_fen=2**40, confiscation_fen=0, served_on=DAY,
        sanction_kinds=("fine", "warning"),
    )  # fmt: skip
    clock = BreachedClock(
        clock_id="k", kind="decision", law="APL 60", started_on=None, due_on=DAY, organisation_id="samr", case_id="c"
    )
    charge = RefusedCharge(
        charge_id="x", agent_id="bank", obligation_id=None, description_code="fee", amount_fen=2**40,
        law=("CONDUCT 13", "APL 70"), occurred_on=DAY,
    )  # fmt: skip
    draft = Draft(title_zh="考核", title_en="", text="", starts_on=DAY, ends_on=DAY, metrics=(Measure(name="按期率"),))
    kept: dict[str, Any] = {
        "filings": Filing.record(new_id(), decision, "SAMR-HEARING 5", DAY),
        "inaction": InactionItem.open(new_id(), clock, DAY),
        "conduct": ConductItem.open(new_id(), charge, case_id="c", organisation_id=None, on=DAY),
        "plans": Plan.enter(new_id(), PlanKind.ASSESSMENT, draft, author="a", on=DAY),
    }
    for name, record in kept.items():
        with any_house.uow() as uow:
            getattr(uow, name).add(record)
        with any_house.uow() as uow:
            assert getattr(uow, name).get(record.id) == record
            assert getattr(uow, name).page(limit=5, after=None) == [record]
            assert getattr(uow, name).page(limit=5, after=record.id) == []
    with any_house.uow() as uow:
        assert uow.filings.page(limit=5, after=None, organisation_id="other") == []
        assert uow.filings.page(limit=5, after=None, organisation_id="samr", case_id=None) != []
        assert uow.filings.knows(decision_id="d")
        assert not uow.filings.knows(decision_id="e")
    assert [event.type.split(".", 3)[3] for event in any_house.published()] == [
        "filing.recorded.v1", "inaction.opened.v1", "conduct.opened.v1"
    ]  # fmt: skip
