"""Whether and how far somebody may be punished: same act, continuing act, age, minor and first offence, lighter law."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cases.domain import errors
from cases.domain.events import DecisionMade
from cases.domain.guards.leniency import born_on, years_between
from cases.domain.register import PunishedAct, SanctionLine
from cases.domain.rules import rule_file
from cases.domain.sanction import NONE, Sanction
from cases.domain.values import Leniency, Outcome, PartyKind, Period, SanctionKind, State
from gongzheng.legaltime import check
from services.cases.tests.support.world import MATTER, OTHER_ORGANISATION_ID, PARTY, Walk

CONDUCT = date(2026, 8, 29)
HUMAN = replace(PARTY, name="某甲", kind=PartyKind.PERSON)


def refused(error: type[errors.CasesError], walk: Walk, step: str = "decide", **how: Any) -> errors.CasesError:
    """The refusal of a step, which leaves the case undecided."""
    with pytest.raises(error) as caught:
        walk.take(step, **how)
    assert not any(isinstance(event, DecisionMade) for event in walk.case.events)
    return caught.value


def fined(first: date, last: date | None = None, fine_fen: int = 1_000_00) -> PunishedAct:
    """An earlier decision of another body."""
    return PunishedAct(
        organisation_id=OTHER_ORGANISATION_ID,
        matter_id="street-trading",
        conduct_on=first,
        conduct_until=last or first,
        decided_on=date(2026, 9, 5),
        document_number="云湖城管罚〔2026〕7号",
        fine_fen=fine_fen,
    )


def fine(fen: int, **more: Any) -> Sanction:
    """A fine."""
    return Sanction(kinds=(SanctionKind.FINE,), fine_fen=fen, **more)


# --- the same act ----------------------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
@pytest.mark.parametrize(
    ("before", "stands_against"),
    [
        (fined(CONDUCT), True),
        (fined(CONDUCT - timedelta(days=1)), False),
        (fined(CONDUCT + timedelta(days=1)), False),
        (fined(CONDUCT - timedelta(days=9), CONDUCT), True),
        (fined(CONDUCT - timedelta(days=9), CONDUCT - timedelta(days=1)), False),
        (fined(CONDUCT, fine_fen=0), False),
    ],
)
def test_an_act_that_another_body_has_fined_is_not_fined_again(before: PunishedAct, *, stands_against: bool) -> None:
    """APL 29: where the days meet, unless the decision says why it is another act; a warning before is no fine."""
    walk = Walk().to("heard")
    walk.punished = (before,)
    if stands_against:
        error = refused(errors.FinedBefore, walk)
        assert (error.status, error.law) == (409, ("APL 29",))
        assert "云湖城管罚" in error.detail_zh
        walk.take("decide", distinct_act="同日另一店面，另一违法行为")
    else:
        walk.take("decide")
    assert walk.case.state is State.DECIDED


# --- continuing acts -------------------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
@pytest.mark.parametrize(("until", "allowed"), [(date(2024, 9, 1), True), (date(2024, 8, 31), False)])
def test_the_limitation_of_a_continuing_act_runs_from_its_end(until: date, *, allowed: bool) -> None:
    """APL 36(2): begun in 2022, reported on 1 September 2026, two years."""
    walk = Walk().to("report")
    how: dict[str, Any] = {"conduct_on": date(2022, 1, 1), "conduct_until": until}
    if allowed:
        walk.take("file", **how)
    else:
        refused(errors.LimitationExpired, walk, "file", **how)


@pytest.mark.req("C-19")
@pytest.mark.parametrize("until", [date(2026, 8, 28), date(2026, 9, 11)])
def test_a_continuing_act_ends_between_its_beginning_and_the_filing(until: date) -> None:
    """On either of the two days is possible."""
    error = refused(errors.FilingIncomplete, Walk().to("report"), "file", conduct_on=CONDUCT, conduct_until=until)
    assert "conduct_until" in error.errors
    for last in (CONDUCT, date(2026, 9, 10)):
        Walk().to("report").take("file", conduct_on=CONDUCT, conduct_until=last)


# --- age -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
@pytest.mark.parametrize(
    ("born", "result"),
    [
        (date(2012, 8, 30), "none"),
        (date(2012, 8, 29), "none"),
        (date(2012, 8, 28), "lighter"),
        (date(2008, 8, 29), "lighter"),
        (date(2008, 8, 28), "full"),
    ],
)
def test_the_age_on_the_day_of_the_act_decides(born: date, result: str) -> None:
    """APL 30: a year of age is complete on the day after the birthday; the act was on 29 August 2026."""
    walk = Walk().take("report", party=replace(HUMAN, born_on=born)).to("heard")
    if result == "full":
        walk.take("decide")
        return
    assert refused(errors.NotPunished, walk).law == ("APL 30",)
    mitigated: dict[str, Any] = {"sanction": fine(4_000_000, mitigation="行为时未满十八周岁")}
    if result == "none":
        refused(errors.NotPunished, walk, **mitigated)
        walk.take("decide", outcome=Outcome.NO_PENALTY, sanction=NONE, leniency=Leniency.UNDER_AGE)
    else:
        walk.take("decide", **mitigated)


@pytest.mark.req("C-19")
def test_the_birthday_is_told_or_read_from_the_identity_number() -> None:
    """And unknown for organisations and for numbers of another form."""
    assert born_on(replace(HUMAN, id_number="11010520120829001X")) == date(2012, 8, 29)
    assert born_on(replace(HUMAN, id_number="11010520121329001X")) is None
    assert born_on(replace(HUMAN, id_number="E12345678")) is None
    assert born_on(replace(HUMAN, born_on=date(2000, 1, 1), id_number="11010520120829001X")) == date(2000, 1, 1)
    assert born_on(PARTY) is None
    assert (
        years_between(date(2008, 2, 29), date(2026, 2, 28)),
        years_between(date(2008, 2, 29), date(2026, 3, 1)),
    ) == (
        17,
        18,
    )


# --- minor and first offences ----------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
@pytest.mark.parametrize(
    ("leniency", "binding"),
    [(Leniency.MINOR_CORRECTED, True), (Leniency.NO_FAULT, True), (Leniency.FIRST_SLIGHT, False), (None, False)],
)
def test_what_the_report_found_excusable_is_not_punished(leniency: Leniency | None, *, binding: bool) -> None:
    """APL 33: shall not for the minor and the faultless, may not for the first."""
    walk = Walk().to("interview").take("investigated", leniency=leniency)
    for step in ("notice", "serve_notice", "heard"):
        walk.take(step)
    if binding:
        assert refused(errors.NotPunished, walk).law[0].startswith("APL 33")
    else:
        walk.take("decide")


@pytest.mark.req("C-19")
def test_no_penalty_names_its_ground_and_a_first_offence_is_the_first() -> None:
    """The register of punished acts knows who was punished before."""
    walk = Walk().to("review")
    how: dict[str, Any] = {"outcome": Outcome.NO_PENALTY, "sanction": NONE, "on": date(2026, 9, 18)}
    assert refused(errors.ReasonsRequired, walk, **how, leniency=None).law[0] == "APL 33"
    walk.punished = (fined(date(2025, 1, 1)),)
    refused(errors.NotPunished, walk, **how, leniency=Leniency.FIRST_SLIGHT)
    walk.punished = ()
    walk.take("decide", **how, leniency=Leniency.FIRST_SLIGHT)


# --- old and new law -------------------------------------------------------------------------------------------------


def since(day: date, low: int, high: int) -> Any:
    """A version of the matter with another range."""
    line = SanctionLine(kind=SanctionKind.FINE, min_fen=low, max_fen=high)
    return replace(MATTER, period=Period(since=day), sanctions=(line,))


@pytest.mark.req("C-03")
@pytest.mark.req("C-19")
@pytest.mark.parametrize(
    ("then", "now", "fen", "error"),
    [
        ((5_000_000, 10_000_000), (1_000_000, 3_000_000), 3_000_000, None),
        ((5_000_000, 10_000_000), (1_000_000, 3_000_000), 5_000_000, errors.LighterLawApplies),
        ((5_000_000, 10_000_000), (8_000_000, 20_000_000), 5_000_000, None),
        ((5_000_000, 10_000_000), (8_000_000, 20_000_000), 10_000_000, None),
        ((5_000_000, 10_000_000), (8_000_000, 20_000_000), 10_000_001, errors.LighterLawApplies),
    ],
)
def test_the_lighter_of_the_law_then_and_now_applies(
    then: tuple[int, int], now: tuple[int, int], fen: int, error: Any
) -> None:
    """APL 37: the law of the day of the act, or the present one where it is lighter; to the fen on each side."""
    walk = Walk()
    walk.matter_then, walk.matter = since(date(2021, 4, 29), *then), since(date(2026, 9, 1), *now)
    walk.to("interview").take("investigated", sanction=fine(fen)).take("notice", sanction=fine(fen))
    walk.take("serve_notice").take("heard", hearing_waived=True)
    if error is None:
        walk.take("decide", sanction=fine(fen))
    else:
        assert refused(error, walk, sanction=fine(fen)).law == ("APL 37",)


# --- the rule file ---------------------------------------------------------------------------------------------------


@pytest.mark.req("C-19")
def test_every_ground_is_one_of_the_code_and_cites_its_article() -> None:
    """Names and articles hold together."""
    content = rule_file("leniency")
    assert {entry["name"] for entry in content["ground"]} == {item.value for item in Leniency}
    for ref in (*(entry["law"] for entry in content["ground"]), *content["age"]["law"]):
        check(ref)
