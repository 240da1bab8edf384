"""The ladder of service: attempts that failed, public announcement, and the day from which everything else counts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.events import ClockBreached, DecisionServed
from cases.domain.rules import rule_file
from cases.domain.values import (
    AttemptOutcome,
    DocumentKind,
    PartyKind,
    RecipientCapacity,
    ServiceMethod,
    State,
)
from gongzheng.legaltime import check
from services.cases.tests.support.world import PARTY, Walk, person

ANNOUNCED = date(2026, 10, 16)
EFFECTIVE = date(2026, 11, 16)  # the thirtieth day, 15 November, is a Sunday


def attempt(walk: Walk, on: date, document: DocumentKind = DocumentKind.DECISION, **fields: Any) -> Walk:
    """A way that failed."""
    usual: dict[str, Any] = {
        "method": ServiceMethod.POST,
        "outcome": AttemptOutcome.RETURNED,
        "place": "登记住所",
        "note": "查无此人，退回",
    }
    act = acts.AttemptService(
        document=document, done_on=on, officer_ids=("cred-ivo", "cred-ida"), **{**usual, **fields}
    )
    walk.perform(act, person("ivo"))
    return walk


def announce(walk: Walk, on: date = ANNOUNCED, document: DocumentKind = DocumentKind.DECISION, **fields: Any) -> Walk:
    """The last way."""
    usual: dict[str, Any] = {"places": ("公告栏", "住所地"), "course": "邮寄退回，电话不通", "recorded": True}
    walk.perform(acts.AnnounceService(document=document, done_on=on, **{**usual, **fields}), person("ivo"))
    return walk


def served(walk: Walk, on: date, *, sent_on: date = ANNOUNCED, step: str = "serve") -> Walk:
    """The document counts as served by announcement."""
    return walk.take(step, method=ServiceMethod.ANNOUNCEMENT, sent_on=sent_on, on=on, recipient="")


@pytest.mark.req("C-21")
def test_nothing_is_announced_before_another_way_has_failed() -> None:
    """Or the party cannot be found; on the day of the failed attempt is possible, before it is not."""
    with pytest.raises(errors.ServiceNotValid) as caught:
        announce(Walk().to("decide"))
    assert set(caught.value.law) == {"CPL 95", "SAMR-PROC 82[5]"}
    announce(Walk().to("decide"), whereabouts_unknown=True)
    announce(attempt(Walk().to("decide"), ANNOUNCED))
    with pytest.raises(errors.ServiceNotValid):
        announce(attempt(Walk().to("decide"), date(2026, 10, 17)))


@pytest.mark.req("C-21")
@pytest.mark.parametrize("missing", [{"course": " "}, {"places": ()}, {"recorded": False}])
def test_an_announcement_says_why_where_and_how(missing: dict[str, Any]) -> None:
    """Reason and course are in the file, and the posting is filmed."""
    with pytest.raises(errors.ServiceNotValid) as caught:
        announce(attempt(Walk().to("decide"), ANNOUNCED), **missing)
    assert set(missing) == set(caught.value.errors)


@pytest.mark.req("C-21")
@pytest.mark.req("C-24")
@pytest.mark.parametrize(("on", "valid"), [(date(2026, 11, 15), False), (EFFECTIVE, True), (date(2026, 11, 17), False)])
def test_an_announcement_takes_effect_on_its_last_day_and_no_other(on: date, *, valid: bool) -> None:
    """Thirty days, rolled to Monday; payment and remedies run from that day."""
    walk = announce(attempt(Walk().to("decide"), ANNOUNCED))
    if not valid:
        with pytest.raises(errors.ServiceNotValid) as caught:
            served(walk, on)
        assert caught.value.errors == {"done_on": [f"must be {EFFECTIVE}"]}
        return
    served(walk, on)
    event = next(event for event in walk.case.events if isinstance(event, DecisionServed))
    assert (event.effective_on, event.payment_due_on) == (EFFECTIVE, date(2026, 12, 1))
    assert (event.reconsideration_until, event.litigation_until) == (date(2027, 1, 15), date(2027, 5, 17))


@pytest.mark.req("C-21")
@pytest.mark.req("C-30")
@pytest.mark.parametrize(("on", "late"), [(date(2026, 10, 26), 0), (date(2026, 10, 27), 1)])
def test_who_announces_within_seven_working_days_has_served_in_time(on: date, late: int) -> None:
    """The thirty days are the law's, not a delay of the department."""
    walk = announce(attempt(Walk().to("decide"), date(2026, 10, 20)), on)
    assert len([event for event in walk.case.events if isinstance(event, ClockBreached)]) == late


@pytest.mark.req("C-21")
def test_without_an_announcement_or_from_another_day_nothing_takes_effect() -> None:
    """The day sent is the day of the announcement."""
    with pytest.raises(errors.ServiceNotValid):
        served(attempt(Walk().to("decide"), ANNOUNCED), EFFECTIVE)
    with pytest.raises(errors.ServiceNotValid):
        served(announce(attempt(Walk().to("decide"), ANNOUNCED)), EFFECTIVE, sent_on=date(2026, 10, 15))
    with pytest.raises(errors.ActOutOfOrder):
        announce(announce(attempt(Walk().to("decide"), ANNOUNCED)))


@pytest.mark.req("C-21")
@pytest.mark.req("C-30")
def test_the_time_of_an_announced_notice_is_not_counted_against_the_decision() -> None:
    """SAMR-PROC 64(2): from the announcement to the day before its effect; the party's period runs from that day."""
    notice = DocumentKind.PRIOR_NOTICE
    walk = announce(attempt(Walk().to("notice"), date(2026, 9, 18), notice), date(2026, 9, 18), notice)
    clock = walk.case.clock("decision")
    assert clock is not None
    assert clock.paused
    served(walk, date(2026, 10, 19), sent_on=date(2026, 9, 18), step="serve_notice")
    clock = walk.case.clock("decision")
    assert clock is not None
    assert (clock.pauses[0].last, clock.due_on) == (date(2026, 10, 18), date(2027, 1, 11))
    statement = walk.case.clock("statement")
    assert statement is not None
    assert statement.started_on == date(2026, 10, 19)


@pytest.mark.req("C-21")
def test_a_party_that_turns_up_is_served_in_person_and_the_time_goes_on() -> None:
    """An announcement closes no other way."""
    walk = announce(attempt(Walk().to("decide"), ANNOUNCED)).take("serve", on=date(2026, 10, 20))
    assert walk.case.state is State.SERVED


@pytest.mark.req("C-21")
def test_attempts_belong_to_the_document_that_is_out_and_say_what_happened() -> None:
    """Before it is issued nothing can fail, after it is served nothing need."""
    with pytest.raises(errors.ActOutOfOrder):
        attempt(Walk().to("review"), date(2026, 9, 18), DocumentKind.PRIOR_NOTICE)
    with pytest.raises(errors.ServiceNotValid):
        attempt(Walk().to("decide"), ANNOUNCED, note=" ")
    with pytest.raises(errors.DateNotPossible):
        attempt(Walk().to("decide"), date(2026, 10, 14))
    assert attempt(Walk().to("decide"), ANNOUNCED).case.file.attempts[0].document_number.endswith("罚〔2026〕1号")


@pytest.mark.req("C-21")
def test_family_signs_for_a_person_and_a_receiver_for_an_organisation() -> None:
    """CPL 88(1)."""
    person_party = replace(PARTY, kind=PartyKind.PERSON)
    for capacity, valid in ((RecipientCapacity.FAMILY, True), (RecipientCapacity.RECEIVER, False)):
        walk = Walk().take("report", party=person_party).to("decide")
        if valid:
            walk.take("serve", capacity=capacity)
        else:
            with pytest.raises(errors.ServiceNotValid) as caught:
                walk.take("serve", capacity=capacity)
            assert caught.value.law == ("CPL 88(1)",)


@pytest.mark.req("C-21")
def test_every_method_cites_its_article() -> None:
    """The file and the code name the same methods."""
    methods = rule_file("service")["method"]
    assert {entry["name"] for entry in methods} == {method.value for method in ServiceMethod}
    for entry in methods:
        check(entry["law"])
