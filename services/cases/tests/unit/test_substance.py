"""What may be decided: basis in force, limitation, party, band, notice, evidence."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.domain import errors
from cases.domain.register import SanctionLine
from cases.domain.sanction import Sanction, faults, hearing_offered, heavier
from cases.domain.values import Level, Outcome, PartyKind, Period, SanctionKind, State
from services.cases.tests.support.world import (
    BASIS,
    MATTER,
    ORGANISATION,
    PARTY,
    REPEALED,
    REPEALED_BASIS,
    SHOP_FINE,
    Walk,
)

FINE, GAINS, GOODS, REVOKE = (
    SanctionKind.FINE,
    SanctionKind.CONFISCATE_GAINS,
    SanctionKind.CONFISCATE_GOODS,
    SanctionKind.REVOKE_LICENCE,
)


def refusal(walk: Walk, step: str, **how: Any) -> errors.CasesError:
    """The refusal of a step."""
    with pytest.raises(errors.CasesError) as caught:
        walk.take(step, **how)
    return caught.value


def fine(fen: int, **more: Any) -> Sanction:
    """A fine."""
    return Sanction(kinds=(FINE,), fine_fen=fen, **more)


# --- the basis -------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-03")
def test_nothing_is_filed_on_the_repealed_social_maintenance_fee() -> None:
    """Abolished on 20 July 2021."""
    walk = Walk(matter=REPEALED, basis=REPEALED_BASIS)
    walk.take("report", party=replace(PARTY, kind=PartyKind.PERSON))
    error = refusal(walk, "file")
    assert (error.code, error.status) == ("legal-basis-repealed", 422)
    assert {"APL 16", "APL 38(1)"} <= set(error.law)
    assert "社会抚养费" in error.detail_zh


@pytest.mark.req("C-03")
@pytest.mark.parametrize("step", ["file", "investigated", "notice", "decide"])
def test_a_basis_counts_to_its_last_day(step: str) -> None:
    """Repealed as of the next day, the step is refused on the next day."""
    before = {"file": "report", "investigated": "evidence", "notice": "review", "decide": "heard"}[step]
    last = date(2026, 10, 15)
    conduct: dict[str, Any] = {"conduct_on": date(2026, 8, 1)} if step == "file" else {}
    for basis, matter in (
        (replace(BASIS, period=Period(since=BASIS.period.since, until=last)), MATTER),
        (BASIS, replace(MATTER, period=Period(since=MATTER.period.since, until=last))),
    ):
        walk = Walk().to(before)
        walk.basis, walk.matter = basis, matter
        assert refusal(walk, step, on=date(2026, 10, 16), **conduct).code == "legal-basis-repealed"
        walk.take(step, on=last, **conduct)


@pytest.mark.req("C-03")
def test_a_basis_made_after_the_conduct_does_not_reach_back() -> None:
    """APL 37: the law of the time of the conduct."""
    walk = Walk(basis=replace(BASIS, period=Period(since=date(2026, 8, 15)))).to("report")
    assert refusal(walk, "file", conduct_on=date(2026, 8, 14)).code == "legal-basis-repealed"
    walk.take("file", conduct_on=date(2026, 8, 15))


@pytest.mark.req("C-26")
@pytest.mark.parametrize("last", ["file", "evidence", "investigated", "heard"])
def test_a_case_whose_basis_was_repealed_before_the_decision_can_only_be_ended(last: str) -> None:
    """It is not decided any more; it is closed and archived."""
    walk = Walk().to(last)
    walk.basis = replace(BASIS, period=Period(since=BASIS.period.since, until=date(2026, 10, 1)))
    if last == "heard":
        assert refusal(walk, "decide").code == "legal-basis-repealed"
    walk.take("close", by="dan", basis_repealed=True, on=date(2026, 10, 20))
    assert walk.case.state is State.CLOSED
    assert walk.case.file.closing is not None
    assert walk.case.file.closing.reason == "basis_repealed"
    decision_clock = walk.case.clock("decision")
    assert decision_clock is not None
    assert decision_clock.ended_on == date(2026, 10, 20)
    walk.take("archive", on=date(2026, 10, 21))


# --- limitation (APL 36) ---------------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
@pytest.mark.parametrize(
    ("conduct_on", "harm", "allowed"),
    [
        (date(2024, 9, 1), False, True),
        (date(2024, 8, 31), False, False),
        (date(2021, 9, 1), True, True),
        (date(2021, 8, 31), True, False),
        (date(2024, 2, 29), False, False),
    ],
)
def test_conduct_is_pursued_within_two_years_and_with_harm_within_five(
    conduct_on: date, *, harm: bool, allowed: bool
) -> None:
    """The lead was taken up on 1 September 2026."""
    walk = Walk().to("report")
    if allowed:
        walk.take("file", conduct_on=conduct_on, harm=harm)
        return
    error = refusal(walk, "file", conduct_on=conduct_on, harm=harm)
    assert (error.code, error.law) == ("limitation-expired", ("APL 36(1)",))


# --- the party -------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-10")
def test_a_case_is_filed_against_a_known_party_that_the_matter_can_concern() -> None:
    """APL 54(2)."""
    walk = Walk()
    walk.take("report", party=None)
    assert refusal(walk, "file").code == "party-required"
    walk.matter = replace(MATTER, party_kinds=(PartyKind.PERSON,))
    assert refusal(walk, "file", party=PARTY).code == "party-required"
    walk.matter = MATTER
    walk.take("file", party=PARTY)


# --- the band (APL 34) -----------------------------------------------------------------------------------------------

BY_VALUE = replace(
    MATTER,
    sanctions=(
        SanctionLine(
            kind=FINE,
            mandatory=True,
            min_fen=5_000_000,
            max_fen=10_000_000,
            base="value_of_goods",
            base_below_fen=1_000_000,
        ),
        SanctionLine(
            kind=FINE,
            mandatory=True,
            base="value_of_goods",
            min_permille=10_000,
            max_permille=20_000,
            base_from_fen=1_000_000,
        ),
    ),
)
PER_ITEM = replace(MATTER, sanctions=(SanctionLine(kind=FINE, min_fen=100, max_fen=500, unit="per_item"),))
FOR_PERSONS = replace(
    MATTER,
    sanctions=(
        SanctionLine(kind=FINE, min_fen=0, max_fen=20_000, party_kinds=(PartyKind.PERSON,)),
        SanctionLine(kind=FINE, min_fen=100_000, max_fen=300_000, party_kinds=(PartyKind.ORGANISATION,)),
    ),
)
BANDS: list[tuple[Any, Sanction, PartyKind, bool]] = [
    (MATTER, fine(5_000_000), PartyKind.ORGANISATION, True),
    (MATTER, fine(4_999_999), PartyKind.ORGANISATION, False),
    (MATTER, fine(10_000_000), PartyKind.ORGANISATION, True),
    (MATTER, fine(10_000_001), PartyKind.ORGANISATION, False),
    (MATTER, fine(4_999_999, mitigation="主动消除危害后果（APL 32）"), PartyKind.ORGANISATION, True),
    (MATTER, fine(10_000_001, mitigation="主动消除危害后果（APL 32）"), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(GAINS,), confiscation_fen=100), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(FINE, GAINS), fine_fen=5_000_000, confiscation_fen=1), PartyKind.ORGANISATION, True),
    (MATTER, Sanction(kinds=(FINE,), fine_fen=5_000_000, confiscation_fen=1), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(FINE,), fine_fen=0), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(GOODS,), fine_fen=5_000_000), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(FINE,), fine_fen=5_000_000, confiscated_goods="饼干"), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(FINE, REVOKE), fine_fen=5_000_000), PartyKind.ORGANISATION, False),
    (MATTER, Sanction(kinds=(FINE, REVOKE), fine_fen=5_000_000, grave=True), PartyKind.ORGANISATION, True),
    (MATTER, Sanction(kinds=(FINE, SanctionKind.LEVY), fine_fen=5_000_000), PartyKind.ORGANISATION, False),
    (BY_VALUE, fine(5_000_000), PartyKind.ORGANISATION, False),
    (BY_VALUE, fine(5_000_000, bases={"value_of_goods": 999_999}), PartyKind.ORGANISATION, True),
    (BY_VALUE, fine(9_999_999, bases={"value_of_goods": 1_000_000}), PartyKind.ORGANISATION, False),
    (BY_VALUE, fine(10_000_000, bases={"value_of_goods": 1_000_000}), PartyKind.ORGANISATION, True),
    (BY_VALUE, fine(20_000_000, bases={"value_of_goods": 1_000_000}), PartyKind.ORGANISATION, True),
    (BY_VALUE, fine(20_000_001, bases={"value_of_goods": 1_000_000}), PartyKind.ORGANISATION, False),
    (PER_ITEM, fine(1_500, units=3), PartyKind.ORGANISATION, True),
    (PER_ITEM, fine(1_501, units=3), PartyKind.ORGANISATION, False),
    (PER_ITEM, fine(299, units=3), PartyKind.ORGANISATION, False),
    (FOR_PERSONS, fine(20_000), PartyKind.PERSON, True),
    (FOR_PERSONS, fine(20_000), PartyKind.ORGANISATION, False),
    (FOR_PERSONS, fine(300_000), PartyKind.ORGANISATION, True),
    (FOR_PERSONS, fine(300_000), PartyKind.PERSON, False),
]


@pytest.mark.req("C-03")
@pytest.mark.parametrize(("matter", "sanction", "party", "allowed"), BANDS)
def test_a_sanction_lies_within_what_the_matter_opens(
    matter: Any, sanction: Sanction, party: PartyKind, *, allowed: bool
) -> None:
    """Each boundary from both sides."""
    assert (list(faults(sanction, matter, party)) == []) is allowed


@pytest.mark.req("C-03")
@pytest.mark.parametrize("step", ["investigated", "notice", "decide"])
def test_a_sanction_outside_the_band_is_refused_with_the_article_that_gives_the_band(step: str) -> None:
    """From the proposal on, not only at the decision."""
    before = {"investigated": "evidence", "notice": "review", "decide": "heard"}[step]
    error = refusal(Walk().to(before), step, sanction=fine(1))
    assert (error.code, error.status) == ("sanction-outside-band", 422)
    assert error.law == ("APL 34", "FSL 124(1)")


@pytest.mark.req("C-03")
def test_high_fines_are_left_to_higher_bodies_where_a_statute_says_so() -> None:
    """Below the amount a county decides, from it on the city."""
    walk = Walk().to("heard")
    walk.matter = replace(MATTER, fine_level=Level.CITY, fine_level_from_fen=6_000_000, fine_level_law="FSL-REG 81")
    error = refusal(walk, "decide")
    assert error.code == "organisation-not-qualified"
    assert error.law == ("FSL-REG 81", "APL 23")
    walk.organisation = replace(ORGANISATION, level=Level.CITY)
    walk.take("decide")


# --- the notice binds (APL 44, 45) ---------------------------------------------------------------------------------


@pytest.mark.req("C-17")
@pytest.mark.parametrize(
    "sanction",
    [
        fine(6_000_001),
        Sanction(kinds=(FINE, GOODS), fine_fen=6_000_000),
        Sanction(kinds=(FINE, GAINS), fine_fen=5_000_000, confiscation_fen=1),
    ],
)
def test_the_decision_is_no_heavier_than_announced(sanction: Sanction) -> None:
    """One fen more, or another kind, is heavier."""
    error = refusal(Walk().to("heard"), "decide", sanction=sanction)
    assert (error.code, error.status) == ("heavier-than-noticed", 422)
    assert "APL 45(2)" in error.law


@pytest.mark.req("C-17")
def test_the_decision_may_be_lighter_than_announced() -> None:
    """That is what a defence is for."""
    Walk().to("heard").take("decide", sanction=fine(5_000_000))


@pytest.mark.req("C-17")
def test_a_defence_leads_to_no_heavier_notice_without_new_evidence() -> None:
    """APL 45(2): not heavier because of the defence; new facts are another matter."""
    walk = Walk().to("heard").take("review", on=date(2026, 9, 23), passed=False)
    walk.take("investigated", on=date(2026, 9, 24), sanction=fine(8_000_000)).take("review", on=date(2026, 9, 24))
    error = refusal(walk, "notice", on=date(2026, 9, 24), sanction=fine(8_000_000))
    assert error.code == "heavier-than-noticed"
    walk.take("evidence", on=date(2026, 9, 24)).take("notice", on=date(2026, 9, 24), sanction=fine(8_000_000))


def test_lighter_equal_and_heavier_are_told_apart() -> None:
    """Amounts, kinds and goods."""
    assert not heavier(SHOP_FINE, SHOP_FINE)
    assert not heavier(fine(1), SHOP_FINE)
    goods = Sanction(kinds=(FINE, GOODS), fine_fen=1, confiscated_goods="饼干三包")
    assert heavier(replace(goods, confiscated_goods="饼干四包"), goods)


# --- the right to a hearing (APL 63) ---------------------------------------------------------------------------------


@pytest.mark.req("C-18")
@pytest.mark.parametrize(
    ("sanction", "party", "offered"),
    [
        (fine(999_999), PartyKind.PERSON, False),
        (fine(1_000_000), PartyKind.PERSON, True),
        (fine(9_999_999), PartyKind.ORGANISATION, False),
        (fine(10_000_000), PartyKind.ORGANISATION, True),
        (Sanction(kinds=(GAINS,), confiscation_fen=10_000_000), PartyKind.ORGANISATION, True),
        (Sanction(kinds=(REVOKE,)), PartyKind.PERSON, True),
        (Sanction(kinds=(SanctionKind.SUSPEND_BUSINESS,)), PartyKind.ORGANISATION, True),
        (Sanction(kinds=(SanctionKind.WARNING,)), PartyKind.ORGANISATION, False),
    ],
)
def test_a_hearing_is_offered_from_the_thresholds_on(sanction: Sanction, party: PartyKind, *, offered: bool) -> None:
    """10,000 yuan for a person, 100,000 for an organisation (SAMR-HEARING 5)."""
    law = hearing_offered(sanction, party, "990102")
    assert bool(law) is offered
    assert not law or "APL 63(1)" in law


@pytest.mark.req("C-18")
def test_where_a_hearing_was_offered_the_decision_waits_for_the_period() -> None:
    """A statement alone does not give the hearing away; the last day of the period is too early, the next is not."""
    large = fine(10_000_000)
    walk = Walk().to("evidence").take("investigated", sanction=large).take("review").take("notice", sanction=large)
    walk.take("serve_notice").take("heard")
    error = refusal(walk, "decide", sanction=large, on=date(2026, 9, 29))
    assert (error.code, error.status) == ("hearing-right-open", 409)
    walk.take("decide", sanction=large, on=date(2026, 9, 30))


@pytest.mark.req("C-18")
def test_a_waived_hearing_does_not_delay() -> None:
    """The party's own word shortens the period."""
    large = fine(10_000_000)
    walk = Walk().to("evidence").take("investigated", sanction=large).take("review").take("notice", sanction=large)
    walk.take("serve_notice").take("heard", hearing_waived=True).take("decide", sanction=large, on=date(2026, 9, 22))


# --- correction first ------------------------------------------------------------------------------------------------


def test_where_the_article_asks_for_correction_first_there_is_no_proposal_without_it() -> None:
    """The matter's own article is named."""
    walk = Walk().to("evidence")
    walk.matter = replace(MATTER, correct_first=True)
    error = refusal(walk, "investigated")
    assert error.code == "correction-first"
    assert "FSL 124(1)" in error.law
    assert refusal(walk, "investigated", correction_ordered_on=date(2026, 9, 12)).code == "correction-first"
    walk.take("investigated", correction_ordered_on=date(2026, 9, 12), correction_disobeyed=True)


@pytest.mark.req("C-19")
def test_a_decision_without_penalty_needs_no_band() -> None:
    """No penalty is imposed, so none is measured."""
    from cases.domain.sanction import NONE  # noqa: PLC0415 only here

    walk = Walk().to("heard").take("decide", outcome=Outcome.NO_PENALTY, sanction=NONE)
    assert walk.case.state is State.DECIDED


@pytest.mark.req("C-19")
@pytest.mark.parametrize("outcome", [Outcome.NO_PENALTY, Outcome.DISMISSED, Outcome.TRANSFERRED])
@pytest.mark.parametrize("last", ["review", "heard"])
def test_an_outcome_without_penalty_takes_nothing_from_the_party(outcome: Outcome, last: str) -> None:
    """Otherwise money could be taken without notice and hearing."""
    error = refusal(Walk().to(last), "decide", outcome=outcome, sanction=SHOP_FINE)
    assert (error.code, error.law) == ("sanction-outside-band", ("APL 57(1)", "APL 62"))
