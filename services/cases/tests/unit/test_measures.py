"""Preservation, seizure and custody: approval, inventory, clocks, and how each ends."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.rules import rule_file
from cases.domain.values import Disposal, InventoryItem, MeasureKind
from gongzheng.ids import new_id
from gongzheng.legaltime import check
from services.cases.tests.support.world import Walk, person

APPROVED = date(2026, 9, 14)
PRESERVED_UNTIL = date(2026, 9, 22)  # seven working days over the make-up Sunday of 20 September
SEIZED_UNTIL = date(2026, 10, 14)
ITEMS = (InventoryItem(name="过期饼干", quantity="三箱"),)
PRESERVATION, SEIZURE = MeasureKind.PRESERVATION, MeasureKind.SEIZURE


def approve(walk: Walk, kind: MeasureKind, on: date = APPROVED, *, by: str = "dan", **fields: Any) -> str:
    """The head's approval; the id of the measure."""
    measure_id = new_id()
    usual: dict[str, Any] = {"reason": "证据可能灭失", "basis": ("FSL 110",)}
    act = acts.ApproveMeasure(measure_id=measure_id, kind=kind, done_on=on, **{**usual, **fields})
    walk.perform(act, person(by, roles=("cases.decider",)))
    return measure_id


def carry_out(walk: Walk, measure_id: str, kind: MeasureKind, on: date = APPROVED, **fields: Any) -> Walk:
    """Two officers with an inventory."""
    usual: dict[str, Any] = {
        "items": ITEMS,
        "place": "店内仓库",
        "party_present": True,
        "party_signed": True,
        "papers_handed_over": True,
        "officer_ids": ("cred-ivo", "cred-ida"),
    }
    act = acts.CarryOutMeasure(measure_id=measure_id, kind=kind, done_on=on, **{**usual, **fields})
    walk.perform(act, person("ivo"))
    return walk


def dispose(walk: Walk, measure_id: str, disposal: Disposal, on: date, **fields: Any) -> Walk:
    """The head decides what becomes of it."""
    usual: dict[str, Any] = {"reason": "已查清"}
    act = acts.DisposeMeasure(measure_id=measure_id, disposal=disposal, done_on=on, **{**usual, **fields})
    walk.perform(act, person("dan"))
    return walk


def held(kind: MeasureKind, *, today: date = date(2027, 3, 1)) -> tuple[Walk, str]:
    """A case in which something is held."""
    walk = Walk(today=today).to("assign")
    measure_id = approve(walk, kind)
    return carry_out(walk, measure_id, kind), measure_id


@pytest.mark.req("C-13")
def test_nothing_is_taken_without_approval_nor_before_it() -> None:
    """On the day of the approval is possible, the day before is not; and only once, and only what was approved."""
    walk = Walk().to("assign")
    with pytest.raises(errors.Unknown):
        carry_out(walk, new_id(), PRESERVATION)
    measure_id = approve(walk, PRESERVATION)
    with pytest.raises(errors.DateNotPossible):
        carry_out(walk, measure_id, PRESERVATION, APPROVED - timedelta(days=1))
    with pytest.raises(errors.ActOutOfOrder):
        carry_out(walk, measure_id, SEIZURE)
    carry_out(walk, measure_id, PRESERVATION)
    with pytest.raises(errors.ActOutOfOrder):
        carry_out(walk, measure_id, PRESERVATION)


@pytest.mark.req("C-13")
def test_who_investigates_approves_nothing_and_one_officer_takes_nothing() -> None:
    """The head approves (APL 56), two officers carry out (APL 42)."""
    walk = Walk().to("assign")
    with pytest.raises(errors.SeparationOfDuties):
        approve(walk, PRESERVATION, by="ivo")
    measure_id = approve(walk, PRESERVATION)
    with pytest.raises(errors.TwoOfficersRequired):
        carry_out(walk, measure_id, PRESERVATION, officer_ids=("cred-ivo",))


@pytest.mark.req("C-13")
@pytest.mark.parametrize("basis", [(), ("食品安全法",), ("XYZ 1",), ("FSL",)])
def test_a_seizure_names_the_articles_that_allow_it_and_a_preservation_needs_none(basis: tuple[str, ...]) -> None:
    """AEL 22."""
    with pytest.raises(errors.MeasureNotLawful) as caught:
        approve(Walk().to("assign"), SEIZURE, basis=basis)
    assert tuple(caught.value.law) == ("AEL 22",)
    approve(Walk().to("assign"), PRESERVATION, basis=())
    with pytest.raises(errors.ReasonsRequired):
        approve(Walk().to("assign"), PRESERVATION, reason=" ")


@pytest.mark.req("C-13")
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"items": ()}, "items"),
        ({"papers_handed_over": False}, "papers_handed_over"),
        ({"party_signed": False}, "note"),
        ({"party_present": False}, "note"),
    ],
)
def test_what_is_taken_is_listed_signed_and_papered(fields: dict[str, Any], wrong: str) -> None:
    """A refusal to sign, or an absence, is noted."""
    walk = Walk().to("assign")
    measure_id = approve(walk, SEIZURE)
    with pytest.raises(errors.MeasureNotLawful) as caught:
        carry_out(walk, measure_id, SEIZURE, **fields)
    assert (tuple(caught.value.law), set(caught.value.errors)) == (("AEL 24",), {wrong})
    if wrong == "note":
        carry_out(walk, measure_id, SEIZURE, **fields, note="当事人拒绝签名，见证人在场")


@pytest.mark.req("C-13")
@pytest.mark.parametrize(
    ("kind", "last", "way", "law"),
    [
        (PRESERVATION, PRESERVED_UNTIL, Disposal.CONFISCATED, "SAMR-PROC 35(2)"),
        (SEIZURE, SEIZED_UNTIL, Disposal.CONFISCATED, "AEL 28(1)(4)"),
    ],
)
def test_after_its_last_day_a_measure_can_only_be_released(
    kind: MeasureKind, last: date, way: Disposal, law: str
) -> None:
    """Seven working days, thirty days: on the last day every way is open, the day after only the release."""
    walk, measure_id = held(kind)
    clock = next(c for c in walk.case.clocks if c.about == measure_id)
    assert (clock.kind, clock.due_on) == (kind.value, last)
    with pytest.raises(errors.MeasureNotLawful) as caught:
        dispose(walk, measure_id, way, last + timedelta(days=1))
    assert tuple(caught.value.law) == (law,)
    dispose(walk, measure_id, way, last)
    walk, measure_id = held(kind)
    dispose(walk, measure_id, Disposal.RELEASED, last + timedelta(days=1))
    clock = next(c for c in walk.case.clocks if c.about == measure_id)
    assert clock.state(walk.today) == "ended_late"


@pytest.mark.req("C-13")
@pytest.mark.req("C-30")
def test_a_seizure_is_extended_once_by_thirty_days_and_testing_does_not_count() -> None:
    """AEL 25; a preservation is not extended at all."""
    walk, measure_id = held(SEIZURE)
    clock = next(c for c in walk.case.clocks if c.about == measure_id)
    extension = acts.ExtendTime(clock_id=clock.clock_id, reason="情况复杂", done_on=SEIZED_UNTIL)
    walk.perform(extension, person("dan"))
    with pytest.raises(errors.TimeNotExtended):
        walk.perform(extension, person("dan"))
    assert next(c for c in walk.case.clocks if c.about == measure_id).due_on == date(2026, 11, 13)
    walk.perform(acts.StopTime(cause="testing", reason="送检", done_on=date(2026, 11, 2)), person("ivo"))
    walk.perform(acts.ResumeTime(cause="testing", done_on=date(2026, 11, 12)), person("ivo"))
    clock = next(c for c in walk.case.clocks if c.about == measure_id)
    assert (clock.due_on, clock.pauses[0].law) == (date(2026, 11, 23), "AEL 25(3)")
    walk, measure_id = held(PRESERVATION)
    clock = next(c for c in walk.case.clocks if c.about == measure_id)
    with pytest.raises(errors.TimeNotExtended):
        walk.perform(
            acts.ExtendTime(clock_id=clock.clock_id, reason="情况复杂", done_on=date(2026, 9, 15)), person("dan")
        )


@pytest.mark.req("C-13")
def test_each_measure_has_its_own_clock() -> None:
    """Two seizures on two days end on two days, and ending one leaves the other running."""
    walk, first = held(SEIZURE)
    second = approve(walk, SEIZURE, date(2026, 9, 16))
    carry_out(walk, second, SEIZURE, date(2026, 9, 16))
    dispose(walk, first, Disposal.RELEASED, date(2026, 9, 17))
    ended = {clock.about: clock.ended_on for clock in walk.case.clocks if clock.about}
    assert ended == {first: date(2026, 9, 17), second: None}


@pytest.mark.req("C-13")
def test_each_kind_ends_in_its_own_ways_and_with_a_reason() -> None:
    """What is preserved is not destroyed; what is seized is not sent for testing as an end; nothing ends twice."""
    walk, measure_id = held(PRESERVATION)
    for how in ({"disposal": Disposal.DESTROYED}, {"disposal": Disposal.RECORDED, "reason": " "}):
        with pytest.raises(errors.MeasureNotLawful):
            dispose(walk, measure_id, on=date(2026, 9, 15), **how)
    dispose(walk, measure_id, Disposal.RECORDED, date(2026, 9, 15))
    with pytest.raises(errors.ActOutOfOrder):
        dispose(walk, measure_id, Disposal.RELEASED, date(2026, 9, 15))


@pytest.mark.req("C-13")
@pytest.mark.req("C-26")
def test_a_case_is_not_closed_while_something_is_held() -> None:
    """AEL 27, 28."""
    walk, measure_id = held(SEIZURE)
    walk.to("settle")
    with pytest.raises(errors.MeasureNotLawful):
        walk.take("close")
    dispose(walk, measure_id, Disposal.RELEASED, date(2026, 10, 27)).take("close")


@pytest.mark.req("C-12")
def test_evidence_is_handed_on_by_who_has_it() -> None:
    """The chain is unbroken, in hands and in days."""
    walk = Walk().to("evidence")
    piece = walk.case.evidence[0].evidence_id

    def hand(handed_by: str, received_by: str, on: date) -> None:
        act = acts.HandOverEvidence(
            evidence_id=piece, handed_by=handed_by, received_by=received_by, place="物证室", purpose="保管", done_on=on
        )
        walk.perform(act, person("cleo"))

    with pytest.raises(errors.DateNotPossible):
        hand("ivo", "物证室", date(2026, 9, 13))
    hand("ivo", "物证室", date(2026, 9, 14))
    with pytest.raises(errors.CustodyBroken):
        hand("ivo", "检测机构", date(2026, 9, 15))
    with pytest.raises(errors.DateNotPossible):
        hand("物证室", "检测机构", date(2026, 9, 13))
    hand("物证室", "检测机构", date(2026, 9, 15))
    assert [entry.received_by for entry in walk.case.file.custody] == ["物证室", "检测机构"]


@pytest.mark.req("C-13")
def test_the_rule_file_cites_an_article_for_each_kind_and_each_end() -> None:
    """And names the kinds and ends of the code."""
    measures = rule_file("measures")["measure"]
    assert {entry["kind"] for entry in measures} == {kind.value for kind in MeasureKind}
    ends = {name for entry in measures for name in entry["disposals"]}
    assert ends == {disposal.value for disposal in Disposal}
    for entry in measures:
        for ref in (*entry["law"], entry["late"], *entry["disposals"].values()):
            check(ref)
