"""The order of a case: what is allowed, what is refused with which code and article, and on which day."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.events import DecisionServed
from cases.domain.values import DocumentKind, HeardKind, Outcome, RecipientCapacity, ServiceMethod, State
from services.cases.tests.support.world import OTHER_ORGANISATION_ID, STEPS, Walk, person


def refused(error: type[errors.CasesError], walk: Walk, step: str, **how: Any) -> errors.CasesError:
    """The refusal of a step, which leaves state, file and timeline as they were."""
    before = (walk.case.state, len(walk.case.timeline), len(walk.case.events), walk.case.file.decision)
    with pytest.raises(error) as caught:
        walk.take(step, **how)
    assert (walk.case.state, len(walk.case.timeline), len(walk.case.events), walk.case.file.decision) == before
    assert caught.value.code == error.code
    assert caught.value.law or caught.value.status == 404
    return caught.value


@pytest.mark.req("C-10")
def test_a_case_can_go_the_whole_way() -> None:
    """Every step by the person entitled is allowed."""
    walk = Walk().to("archive")
    assert walk.case.state is State.ARCHIVED
    assert [entry.act for entry in walk.case.timeline][-1] == "archive"


@pytest.mark.req("C-10")
@pytest.mark.parametrize("last", STEPS[:-1])
def test_no_step_can_be_taken_before_the_lead_is_reported_or_out_of_its_turn(last: str) -> None:
    """From each point of the way, every step that lies two or more ahead and changes the state is refused."""
    state_changing = ("file", "assign", "investigated", "serve_notice", "decide", "serve", "close", "archive")
    for step in STEPS[STEPS.index(last) + 1 :]:
        done = set(STEPS[: STEPS.index(last) + 1])
        needed = {s for s in state_changing if STEPS.index(s) < STEPS.index(step)}
        if step in state_changing and not needed <= done:
            with pytest.raises(errors.CasesError) as caught:
                Walk().to(last).take(step)
            assert caught.value.status in {409, 422}, (last, step)


@pytest.mark.req("C-10")
def test_a_lead_that_is_not_filed_is_archived_and_nothing_else() -> None:
    """Not filing is an end with a reason."""
    walk = Walk().to("report").take("not_file", on=date(2026, 9, 10))
    assert str(walk.case.state) == "not_filed"
    assert walk.case.file.not_filed_reason == "违法事实不存在"
    refused(errors.ActOutOfOrder, walk, "assign")
    walk.take("archive", on=date(2026, 9, 11))
    assert walk.case.state is State.ARCHIVED


@pytest.mark.req("C-10")
@pytest.mark.parametrize(
    ("step", "who"),
    [
        ("file", "ivo"),
        ("review", "ivo"),
        ("decide", "cleo"),
        ("decide", "rex"),
        ("evidence", "cleo"),
        ("archive", "dan"),
    ],
)
def test_who_lacks_the_role_is_refused(step: str, who: str) -> None:
    """The table names the roles; others are told which they are."""
    walk = Walk().to(STEPS[STEPS.index(step) - 1])
    error = refused(errors.RoleNotEntitled, walk, step, by=who)
    assert "cases." in error.detail_en


@pytest.mark.req("C-01")
@pytest.mark.parametrize("step", STEPS[:-4])
def test_nobody_acts_in_the_case_of_another_organisation(step: str) -> None:
    """Whatever the roles, the organisation must be the case's."""
    walk = Walk() if step == "report" else Walk().to(STEPS[STEPS.index(step) - 1])
    _, usual = walk.act(step, date(2026, 10, 20))
    stranger = person(usual.subject, roles=tuple(usual.roles), organisation_id=OTHER_ORGANISATION_ID)
    refused(errors.OutsideOrganisation, walk, step, by=stranger)


@pytest.mark.parametrize("step", STEPS[1:])
def test_no_act_lies_in_the_future(step: str) -> None:
    """Today is possible, tomorrow is not."""
    walk = Walk(today=date(2026, 11, 20)).to(STEPS[STEPS.index(step) - 1])
    refused(errors.DateNotPossible, walk, step, on=date(2026, 11, 21))
    if step != "decide":  # the boundary of the decision has tests of its own
        fields: dict[str, Any] = {"conduct_on": date(2026, 8, 1)} if step == "file" else {}
        walk.take(step, on=date(2026, 11, 20), **fields)


@pytest.mark.parametrize(
    ("step", "presupposed"),
    [
        ("file", "report"),
        ("assign", "file"),
        ("evidence", "assign"),
        ("investigated", "evidence"),
        ("review", "investigated"),
        ("notice", "review"),
        ("serve_notice", "notice"),
        ("heard", "serve_notice"),
        ("serve", "decide"),
        ("settle", "serve"),
        ("archive", "close"),
    ],
)
def test_no_act_lies_before_what_it_presupposes(step: str, presupposed: str) -> None:
    """On the day of the earlier act is possible, the day before is not."""
    walk = Walk().to(STEPS[STEPS.index(step) - 1])
    earlier = max(entry.done_on for entry in walk.case.timeline if entry.act in _rows(presupposed))
    refused(errors.DateNotPossible, walk, step, on=earlier - timedelta(days=1))
    fields: dict[str, Any] = {"conduct_on": date(2026, 8, 1)} if step == "file" else {}
    walk.take(step, on=earlier, **fields)


def _rows(step: str) -> set[str]:
    from services.cases.tests.support.world import ROWS  # noqa: PLC0415 a table, not a step

    return ROWS[step]


# --- hearing the party ---------------------------------------------------------------------------------------------


@pytest.mark.req("C-17")
@pytest.mark.parametrize("last", ["assign", "investigated", "review", "notice", "serve_notice"])
def test_no_penalty_before_the_party_was_told_and_heard(last: str) -> None:
    """From investigation to the served notice a penalty is refused with APL 62."""
    error = refused(errors.PartyNotHeard, Walk().to(last), "decide")
    assert (error.status, error.code) == (409, "party-not-heard")
    assert "APL 62" in error.law


@pytest.mark.req("C-17")
def test_silence_counts_on_the_day_after_the_period_and_not_on_its_last_day() -> None:
    """Served on Monday 21 September 2026; 25 to 27 September are holidays, so five working days end on 29 September."""
    walk = Walk().to("serve_notice")
    clock = walk.case.clock("statement")
    assert clock is not None
    assert clock.due_on == date(2026, 9, 29)
    error = refused(errors.PartyNotHeard, walk, "heard", kind=HeardKind.SILENCE, on=date(2026, 9, 29))
    assert "APL 64" in error.law
    walk.take("heard", kind=HeardKind.SILENCE, on=date(2026, 9, 30)).take("decide")
    assert walk.case.state is State.DECIDED


@pytest.mark.req("C-17")
def test_an_express_waiver_shortens_the_period() -> None:
    """Only the party's own word does."""
    walk = (
        Walk().to("serve_notice").take("heard", kind=HeardKind.WAIVER, content="本人放弃陈述申辩", on=date(2026, 9, 21))
    )
    refused(errors.PartyNotHeard, Walk().to("serve_notice"), "heard", kind=HeardKind.WAIVER, content=" ")
    walk.take("decide", on=date(2026, 9, 22), defence_opinion="")
    assert walk.case.state is State.DECIDED


@pytest.mark.req("C-17")
def test_a_defence_must_be_re_examined_on_record() -> None:
    """APL 45(1): the decision says with which result."""
    error = refused(errors.DefenceNotConsidered, Walk().to("heard"), "decide", defence_opinion="  ")
    assert "APL 45(1)" in error.law


@pytest.mark.req("C-17")
def test_what_was_said_on_an_earlier_notice_does_not_count_for_a_new_one() -> None:
    """After a return from review the party is told and heard again."""
    walk = Walk().to("heard").take("review", on=date(2026, 9, 23), passed=False)
    assert walk.case.state is State.INVESTIGATING
    for step, day in (("investigated", 24), ("review", 24), ("notice", 24), ("serve_notice", 24)):
        walk.take(step, on=date(2026, 9, day))
    refused(errors.PartyNotHeard, walk, "decide")


@pytest.mark.req("C-18")
def test_a_hearing_asked_for_is_held_before_the_decision() -> None:
    """The request stops the decision until the record of the hearing is there."""
    walk = Walk().to("serve_notice").take("heard", hearing_requested=True)
    error = refused(errors.HearingNotHeld, walk, "decide")
    assert "APL 63(1)" in error.law
    walk.take("hearing", on=date(2026, 10, 13), announced_on=date(2026, 9, 25))
    walk.take("review", on=date(2026, 10, 14)).take("discuss", on=date(2026, 10, 15)).take("decide")
    assert walk.case.state is State.DECIDED


@pytest.mark.req("C-18")
def test_the_hearing_is_announced_seven_working_days_before() -> None:
    """Announced on 12 October 2026, a Monday, the seventh working day is 21 October."""
    walk = Walk().to("serve_notice").take("heard", hearing_requested=True)
    announced = date(2026, 10, 12)
    refused(errors.HearingNotHeld, walk, "hearing", on=date(2026, 10, 20), announced_on=announced)
    walk.take("hearing", on=date(2026, 10, 21), announced_on=announced)


# --- service ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-21")
@pytest.mark.parametrize(
    ("method", "facts", "error"),
    [
        (ServiceMethod.DIRECT, {}, None),
        (ServiceMethod.DIRECT, {"recipient": ""}, errors.ServiceNotValid),
        (ServiceMethod.LEFT, {}, errors.ServiceNotValid),
        (ServiceMethod.LEFT, {"witness": "居委会王某"}, errors.ServiceNotValid),
        (ServiceMethod.LEFT, {"witness": "居委会王某", "note": "店主拒收"}, None),
        (ServiceMethod.LEFT, {"recorded": True, "note": "店主拒收"}, None),
        (ServiceMethod.LEFT, {"note": "店主拒收"}, errors.ServiceNotValid),
        (ServiceMethod.ENTRUSTED, {}, errors.ServiceNotValid),
        (ServiceMethod.ENTRUSTED, {"carrier": "邻县市场监管局"}, None),
        (ServiceMethod.DIRECT, {"capacity": RecipientCapacity.RECEIVER}, None),
        (ServiceMethod.DIRECT, {"capacity": RecipientCapacity.AGENT}, None),
        (ServiceMethod.DIRECT, {"capacity": RecipientCapacity.FAMILY}, errors.ServiceNotValid),
        (ServiceMethod.ANNOUNCEMENT, {}, errors.ServiceNotValid),
        (ServiceMethod.POST, {}, errors.ServiceNotValid),
        (ServiceMethod.POST, {"receipt": "EMS1234567890"}, None),
        (ServiceMethod.ELECTRONIC, {}, errors.ElectronicServiceNeedsConsent),
        (ServiceMethod.ELECTRONIC, {"consent_signed_on": date(2026, 10, 20)}, errors.ElectronicServiceNeedsConsent),
        (ServiceMethod.ELECTRONIC, {"consent_signed_on": date(2026, 10, 19)}, None),
    ],
)
def test_service_counts_when_its_facts_are_complete(method: ServiceMethod, facts: dict[str, Any], error: Any) -> None:
    """Each method has what makes it valid; electronic service needs consent signed before (APL 61)."""
    walk = Walk().to("decide")
    if error is None:
        walk.take("serve", method=method, **facts)
        assert walk.case.state is State.SERVED
    else:
        refused(error, walk, "serve", method=method, **facts)


@pytest.mark.req("C-21")
@pytest.mark.req("C-24")
def test_the_decision_takes_effect_on_the_day_it_was_received() -> None:
    """Posted on 19 October, received on the 23rd: periods run from the 23rd."""
    walk = (
        Walk()
        .to("decide")
        .take("serve", method=ServiceMethod.POST, receipt="EMS1", sent_on=date(2026, 10, 19), on=date(2026, 10, 23))
    )
    served = next(event for event in walk.case.events if isinstance(event, DecisionServed))
    assert served.effective_on == date(2026, 10, 23)
    assert served.payment_due_on == date(2026, 11, 9)  # the fifteenth day, 7 November, is a Saturday
    assert served.reconsideration_until == date(2026, 12, 22)
    assert served.litigation_until == date(2027, 4, 23)


@pytest.mark.req("C-21")
def test_a_document_is_not_sent_before_its_date_nor_served_twice() -> None:
    """What was not issued cannot have been sent."""
    walk = Walk().to("decide")
    refused(errors.DateNotPossible, walk, "serve", sent_on=date(2026, 10, 14))
    walk.take("serve")
    refused(errors.ActOutOfOrder, walk, "serve")
    walk = Walk().to("serve_notice")
    refused(errors.ActOutOfOrder, walk, "serve_notice")


def test_service_of_a_document_that_was_not_issued_is_refused() -> None:
    """First the notice, then its service."""
    walk = Walk().to("review")
    act, by = walk.act("serve_notice", date(2026, 9, 21))
    assert isinstance(act, acts.Serve)
    assert act.document is DocumentKind.PRIOR_NOTICE
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(act, by)


# --- the end ---------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-26")
def test_a_penalty_is_closed_only_when_performed() -> None:
    """What is owed must be paid first."""
    walk = Walk().to("serve")
    error = refused(errors.NotPerformed, walk, "close")
    assert error.status == 409
    walk.take("settle").take("close")
    assert walk.case.file.closing is not None
    assert walk.case.file.closing.reason == "performed"


@pytest.mark.req("C-26")
@pytest.mark.parametrize("outcome", [Outcome.NO_PENALTY, Outcome.DISMISSED])
def test_a_case_without_penalty_is_closed_when_served(outcome: Outcome) -> None:
    """No prior notice is needed where nothing is taken from the party (APL 57)."""
    from cases.domain.sanction import NONE  # noqa: PLC0415 only here

    walk = Walk().to("review").take("decide", outcome=outcome, sanction=NONE, on=date(2026, 9, 18))
    refused(errors.NotPerformed, walk, "close", on=date(2026, 9, 18))
    walk.take("serve", on=date(2026, 9, 21)).take("close", on=date(2026, 9, 22))
    assert walk.case.file.closing is not None
    assert walk.case.file.closing.reason == outcome.value


@pytest.mark.req("C-26")
def test_a_case_in_force_cannot_be_ended_as_repealed() -> None:
    """That way is only for what may no longer be decided."""
    refused(errors.ActOutOfOrder, Walk().to("investigated"), "close", by="dan", basis_repealed=True)


def test_only_the_service_itself_reports_payment() -> None:
    """No role of a token can mark a decision as performed."""
    walk = Walk().to("serve")
    everything = tuple(f"cases.{role}" for role in ("intake", "investigator", "reviewer", "decider", "clerk"))
    refused(errors.RoleNotEntitled, walk, "settle", by=person("dan", roles=everything))
