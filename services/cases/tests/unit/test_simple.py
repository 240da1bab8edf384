"""The simple procedure on the spot: limits, what must be shown, told and handed over, what follows."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.case import Case
from cases.domain.events import DecisionServed
from cases.domain.register import PunishedAct, SanctionLine
from cases.domain.sanction import Sanction
from cases.domain.values import PartyKind, Procedure, SanctionKind, State
from gongzheng.ids import new_id
from services.cases.tests.support.world import MATTER, ORGANISATION_ID, PARTY, SYSTEM, Walk, person

DAY = date(2026, 9, 14)
HUMAN = replace(PARTY, name="某甲", kind=PartyKind.PERSON)
SMALL = replace(
    MATTER,
    procedures=("ordinary", "simple"),
    sanctions=(
        SanctionLine(kind=SanctionKind.WARNING),
        SanctionLine(kind=SanctionKind.FINE, min_fen=0, max_fen=1_000_000),
        SanctionLine(kind=SanctionKind.CONFISCATE_GOODS),
    ),
)


def fine(fen: int) -> Sanction:
    """A fine."""
    return Sanction(kinds=(SanctionKind.FINE,), fine_fen=fen)


def on_the_spot(walk: Walk | None = None, *, by: str = "ivo", **fields: Any) -> Walk:
    """A small case decided on the spot."""
    walk = walk or Walk(matter=SMALL)
    usual: dict[str, Any] = {
        "done_on": DAY,
        "case_id": walk.case.id,
        "organisation_id": ORGANISATION_ID,
        "decision_id": new_id(),
        "officer_ids": ("cred-ivo", "cred-ida"),
        "matter_id": SMALL.id,
        "conduct_on": DAY,
        "party": PARTY,
        "place": "店内",
        "facts": "未公示经营者信息",
        "evidence": "现场照片",
        "sanction": fine(100_000),
        "reconsideration_body": "明州市云湖区人民政府",
        "court": "明州市云湖区人民法院",
        "credentials_shown": True,
        "told_of_rights": True,
    }
    walk.perform(acts.DecideOnTheSpot(**{**usual, **fields}), person(by))
    return walk


def refused(error: type[errors.CasesError], walk: Walk | None = None, **fields: Any) -> errors.CasesError:
    """The refusal, which leaves no case behind."""
    walk = walk or Walk(matter=SMALL)
    with pytest.raises(error) as caught:
        on_the_spot(walk, **fields)
    assert walk.case.state is None
    assert walk.case.events == []
    return caught.value


@pytest.mark.req("C-22")
def test_a_small_case_is_decided_and_served_at_once_and_reconsideration_comes_first() -> None:
    """One act; payment and reconsideration run from that day, a suit only after reconsideration (ARL 23)."""
    walk = on_the_spot()
    case = walk.case
    assert (case.state, case.procedure) == (State.SERVED, Procedure.SIMPLE)
    served = next(event for event in case.events if isinstance(event, DecisionServed))
    assert (served.effective_on, served.payment_due_on) == (DAY, date(2026, 9, 29))
    assert (served.reconsideration_until, served.litigation_until) == (date(2026, 11, 13), None)
    assert served.document_number == "云湖市监当罚〔2026〕1号"
    assert case.file.decision is not None
    assert case.file.decision.remedies.reconsideration_first == "ARL 23(1)(1)"
    assert {clock.kind for clock in case.clocks} == {"hand_in", "payment", "reconsideration"}


@pytest.mark.req("C-22")
@pytest.mark.parametrize(
    ("party", "fen", "allowed"),
    [(HUMAN, 20_000, True), (HUMAN, 20_001, False), (PARTY, 300_000, True), (PARTY, 300_001, False)],
)
def test_the_limits_are_two_hundred_and_three_thousand_yuan(party: Any, fen: int, *, allowed: bool) -> None:
    """APL 51, to the fen on each side."""
    if allowed:
        on_the_spot(party=party, sanction=fine(fen))
    else:
        error = refused(errors.SimpleProcedureLimit, party=party, sanction=fine(fen))
        assert (error.code, error.law) == ("simple-procedure-limit", ("APL 51",))


@pytest.mark.req("C-22")
def test_only_a_warning_or_a_fine_and_only_where_the_matter_allows_it() -> None:
    """What is confiscated takes the ordinary way, and so does every matter that is not marked."""
    on_the_spot(sanction=Sanction(kinds=(SanctionKind.WARNING,)))
    goods = Sanction(kinds=(SanctionKind.CONFISCATE_GOODS,), confiscated_goods="三包")
    refused(errors.SimpleProcedureLimit, sanction=goods)
    refused(errors.SimpleProcedureLimit, Walk(matter=replace(SMALL, procedures=("ordinary",))))
    refused(errors.CorrectionFirst, Walk(matter=replace(SMALL, correct_first=True)))


@pytest.mark.req("C-22")
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"credentials_shown": False}, "credentials_shown"),
        ({"told_of_rights": False}, "told_of_rights"),
        ({"statement": "我不知道"}, "statement_opinion"),
        ({"signed": False}, "refusal_note"),
    ],
)
def test_credentials_are_shown_rights_told_and_the_paper_handed_over(fields: dict[str, Any], wrong: str) -> None:
    """APL 52; what was said is answered, and a refusal to sign noted."""
    error = refused(errors.PartyNotHeard, **fields)
    assert set(error.errors) == {wrong}
    if wrong in {"statement_opinion", "refusal_note"}:
        fields[wrong] = "已记录"
        on_the_spot(**fields)


@pytest.mark.req("C-22")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"officer_ids": ("cred-ivo",)}, errors.TwoOfficersRequired),
        ({"officer_ids": ("cred-ivo", "cred-tom")}, errors.TwoOfficersRequired),
        ({"officer_ids": ("cred-ivo", "cred-zoe")}, errors.OfficerUnknown),
        ({"by": "cleo"}, errors.RoleNotEntitled),
        ({"sanction": fine(1_000_001)}, errors.SimpleProcedureLimit),
        ({"conduct_on": date(2024, 9, 13)}, errors.LimitationExpired),
        ({"done_on": date(2026, 11, 21)}, errors.DateNotPossible),
    ],
)
def test_on_the_spot_nobody_saves_an_officer_a_credential_or_a_period(fields: dict[str, Any], error: Any) -> None:
    """Two formal officers, limitation, and a day that has come."""
    refused(error, **fields)


@pytest.mark.req("C-22")
@pytest.mark.req("C-19")
def test_the_same_act_and_a_childs_act_are_not_fined_on_the_spot_either() -> None:
    """APL 29 and 30 hold for every fine."""
    walk = Walk(matter=SMALL)
    walk.punished = (
        PunishedAct(
            organisation_id=ORGANISATION_ID,
            matter_id="x",
            conduct_on=DAY,
            conduct_until=DAY,
            decided_on=DAY,
            document_number="云湖市监罚〔2026〕1号",
            fine_fen=1,
        ),
    )
    refused(errors.FinedBefore, walk)
    refused(errors.NotPunished, party=replace(HUMAN, born_on=DAY.replace(year=2012)), sanction=fine(100))


@pytest.mark.req("C-22")
@pytest.mark.parametrize(("on", "state"), [(date(2026, 9, 22), "ended"), (date(2026, 9, 23), "ended_late")])
def test_the_papers_are_handed_in_within_seven_working_days_and_before_the_case_closes(on: date, state: str) -> None:
    """SAMR-PROC 70, APL 52(3)."""
    walk = on_the_spot()
    walk.perform(acts.Settle(done_on=date(2026, 9, 15)), SYSTEM)
    with pytest.raises(errors.NotPerformed) as caught:
        walk.take("close", on=date(2026, 9, 25))
    assert tuple(caught.value.law) == ("APL 52(3)",)
    walk.perform(acts.HandIn(done_on=on), person("cleo"))
    clock = walk.case.clock("hand_in")
    assert clock is not None
    assert clock.state(date(2026, 11, 20)) == state
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(acts.HandIn(done_on=on), person("cleo"))
    walk.take("close", on=date(2026, 9, 25))


@pytest.mark.req("C-22")
def test_a_case_of_the_ordinary_procedure_is_not_handed_in() -> None:
    """Nor is a decision on the spot a second beginning of a case."""
    walk = Walk().to("serve")
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(acts.HandIn(done_on=date(2026, 10, 20)), person("cleo"))
    walk = Walk(matter=SMALL)
    walk.case = Case(id=new_id(), organisation_id=ORGANISATION_ID, state=State.REPORTED)
    with pytest.raises(errors.ActOutOfOrder):
        on_the_spot(walk)
