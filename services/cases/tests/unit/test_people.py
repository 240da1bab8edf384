"""Who may act: two officers, valid credentials, recusal, functions kept apart, powers of the organisation."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.domain import acts, errors
from cases.domain.values import Period
from gongzheng.ids import new_id
from services.cases.tests.support.world import OFFICERS, ORGANISATION, TODAY, Walk, person

DAY = date(2026, 10, 15)


def refusal(walk: Walk, step: str, **how: Any) -> errors.CasesError:
    """The refusal of a step."""
    with pytest.raises(errors.CasesError) as caught:
        walk.take(step, **how)
    return caught.value


# --- two officers (APL 42) -------------------------------------------------------------------------------------------

OFFICER_SETS: list[tuple[tuple[str, ...], str | None]] = [
    (("cred-ivo", "cred-ida"), None),
    (("cred-ivo", "cred-ida", "cred-tom"), None),
    (("cred-ivo",), "two-officers-required"),
    ((), "two-officers-required"),
    (("cred-ivo", "cred-ivo"), "two-officers-required"),
    (("cred-ivo", "cred-tom"), "two-officers-required"),
    (("cred-ivo", "cred-eve"), "credential-not-valid-on-date"),
    (("cred-ivo", "cred-sue"), "credential-not-valid-on-date"),
    (("cred-ivo", "cred-rik"), "credential-not-valid-on-date"),
    (("cred-ivo", "cred-zoe"), "officer-not-of-this-case"),
    (("cred-ivo", "cred-nobody"), "officer-not-of-this-case"),
]


@pytest.mark.req("C-11")
@pytest.mark.parametrize(("officer_ids", "code"), OFFICER_SETS)
def test_officers_are_assigned_by_two_formal_ones_with_valid_credentials(
    officer_ids: tuple[str, ...], code: str | None
) -> None:
    """On 15 October 2026 Eve's credential has run out, Sue's is suspended, Rik's revoked, Tom is temporary."""
    walk = Walk().to("file")
    if code is None:
        walk.take("assign", on=DAY, officer_ids=officer_ids)
        return
    error = refusal(walk, "assign", on=DAY, officer_ids=officer_ids)
    assert (error.code, error.status) == (code, 422)
    assert "APL 42(1)" in error.law
    assert "officer_ids" in error.errors


@pytest.mark.req("C-11")
@pytest.mark.parametrize("step", ["evidence", "interview", "investigated"])
def test_every_investigative_act_names_two_officers_of_the_case(step: str) -> None:
    """One officer, or one who is not on the case, is refused."""
    before = {"evidence": "assign", "interview": "evidence", "investigated": "evidence"}[step]
    assert refusal(Walk().to(before), step, officer_ids=("cred-ivo",)).code == "two-officers-required"
    stranger = ("cred-ivo", "cred-hal")
    assert refusal(Walk().to(before), step, officer_ids=stranger).code == "officer-not-of-this-case"


@pytest.mark.req("C-11")
def test_who_is_not_on_the_case_records_no_evidence() -> None:
    """Hal is an officer of the organisation but not of the case."""
    assert refusal(Walk().to("assign"), "evidence", by=person("hal", roles=("cases.investigator",))).code == (
        "officer-not-of-this-case"
    )


@pytest.mark.req("C-02")
@pytest.mark.parametrize(
    ("officer", "good", "bad"),
    [
        ("cred-eve", date(2026, 9, 30), date(2026, 10, 1)),
        ("cred-sue", date(2026, 10, 7), date(2026, 10, 8)),
        ("cred-sue", date(2026, 11, 1), date(2026, 10, 31)),
        ("cred-rik", date(2026, 9, 30), date(2026, 10, 1)),
    ],
)
def test_a_credential_is_judged_as_of_the_day_of_the_act(officer: str, good: date, bad: date) -> None:
    """The last valid day is allowed, the next is not, whenever it is recorded."""
    assert Walk().to("file").take("assign", on=good, officer_ids=("cred-ivo", officer))
    error = refusal(Walk().to("file"), "assign", on=bad, officer_ids=("cred-ivo", officer))
    assert error.code == "credential-not-valid-on-date"


@pytest.mark.req("C-02")
def test_a_credential_that_ran_out_later_does_not_undo_what_was_done_before() -> None:
    """Eve investigates in September; her credential ends on the 30th; the decision in October stands on her report."""
    walk = Walk().to("file").take("assign", officer_ids=("cred-ivo", "cred-eve"))
    for step in ("evidence", "interview", "investigated"):
        walk.take(step, officer_ids=("cred-ivo", "cred-eve"))
    for step in ("review", "notice", "serve_notice", "heard", "decide"):
        walk.take(step)
    assert walk.case.file.decision is not None


@pytest.mark.req("C-19")
def test_a_report_whose_officers_turn_out_unqualified_carries_no_decision() -> None:
    """A register corrected after the report is seen at the decision."""
    walk = Walk().to("heard")
    walk.officers["cred-ida"] = replace(OFFICERS["cred-ida"], revoked_on=date(2026, 9, 1))
    assert refusal(walk, "decide").code == "credential-not-valid-on-date"


# --- one person, one function (APL 58, RESPONSIBILITY 7) ------------------------------------------------------------


@pytest.mark.req("C-16")
@pytest.mark.parametrize(
    ("until", "step", "who", "role", "law"),
    [
        ("investigated", "review", "ivo", "cases.reviewer", "APL 58(1)"),
        ("heard", "decide", "ivo", "cases.decider", "APL 57(1)"),
        ("heard", "decide", "rex", "cases.decider", "APL 58(1)"),
    ],
)
def test_handling_review_and_decision_are_three_people(until: str, step: str, who: str, role: str, law: str) -> None:
    """Whatever roles the token carries."""
    error = refusal(Walk().to(until), step, by=person(who, roles=(role, "cases.investigator")))
    assert (error.code, error.status) == ("separation-of-duties", 403)
    assert law in error.law
    assert "RESPONSIBILITY 7" in error.law


@pytest.mark.req("C-16")
def test_separation_is_kept_per_person_and_not_per_credential() -> None:
    """Ida's new credential number does not make her another person."""
    walk = Walk().to("investigated")
    walk.officers["cred-ida-2"] = replace(
        OFFICERS["cred-ida"], id="cred-ida-2", legal_qualification_from=date(2020, 1, 1)
    )
    error = refusal(walk, "review", by=person("ida", roles=("cases.reviewer",)))
    assert error.code == "separation-of-duties"


@pytest.mark.req("C-16")
def test_a_reviewer_is_not_put_on_the_case_afterwards() -> None:
    """Returned for further investigation, it is not investigated by the one who reviewed."""
    walk = Walk().to("investigated").take("review", passed=False)
    error = refusal(walk, "assign", on=date(2026, 9, 18), officer_ids=("cred-ivo", "cred-rex"))
    assert error.code == "separation-of-duties"


@pytest.mark.req("C-16")
def test_a_reviewer_holds_the_legal_qualification_on_the_day() -> None:
    """Rio has the role and not the qualification; APL 58(2)."""
    error = refusal(Walk().to("investigated"), "review", by="rio")
    assert (error.code, error.status, error.law) == ("reviewer-not-qualified", 403, ("APL 58(2)",))
    walk = Walk().to("investigated")
    walk.officers["cred-rio"] = replace(OFFICERS["cred-rio"], legal_qualification_from=date(2026, 9, 18))
    assert refusal(walk, "review", by="rio", on=date(2026, 9, 17)).code == "reviewer-not-qualified"
    walk.take("review", by="rio", on=date(2026, 9, 18))


@pytest.mark.req("C-18")
def test_the_chair_of_a_hearing_is_no_investigator() -> None:
    """APL 64."""
    walk = Walk().to("serve_notice").take("heard", hearing_requested=True)
    error = refusal(walk, "hearing", on=DAY, by=person("ida", roles=("cases.hearing_chair",)))
    assert (error.code, error.law) == ("separation-of-duties", ("APL 64",))


# --- recusal (APL 43) -------------------------------------------------------------------------------------------------


def recuse(walk: Walk, who: str = "cred-ida", *, granted: bool = True, on: date = date(2026, 9, 15)) -> Walk:
    """An application and the head's decision on it."""
    recusal_id = new_id()
    application = acts.ApplyForRecusal(recusal_id=recusal_id, officer_id=who, ground="当事人的近亲属", done_on=on)
    walk.perform(application, person("cleo"))
    walk.perform(acts.DecideRecusal(recusal_id=recusal_id, granted=granted, done_on=on), person("dan"))
    return walk


@pytest.mark.req("C-11")
def test_a_recused_officer_acts_no_more_from_that_day_on() -> None:
    """What was done before stands; from the day of the decision on it is refused (APL 43)."""
    walk = recuse(Walk().to("evidence"))
    error = refusal(walk, "evidence", on=date(2026, 9, 15))
    assert (error.code, error.law) == ("officer-recused", ("APL 43(1)",))
    walk.take("evidence", on=date(2026, 9, 14))


@pytest.mark.req("C-11")
def test_the_investigation_goes_on_while_recusal_is_undecided() -> None:
    """APL 43(3)."""
    walk = Walk().to("assign")
    walk.perform(
        acts.ApplyForRecusal(recusal_id=new_id(), officer_id="cred-ida", ground="利害关系", done_on=date(2026, 9, 14)),
        person("cleo"),
    )
    walk.take("evidence")


@pytest.mark.req("C-11")
def test_a_refused_application_changes_nothing() -> None:
    """The officer stays."""
    recuse(Walk().to("evidence"), granted=False).take("evidence", on=date(2026, 9, 16))


@pytest.mark.req("C-11")
def test_another_officer_takes_the_place_of_the_recused_one() -> None:
    """And the recused one is not assigned again."""
    walk = recuse(Walk().to("evidence"))
    error = refusal(walk, "assign", on=date(2026, 9, 16), officer_ids=("cred-ivo", "cred-ida"))
    assert error.code == "officer-recused"
    walk.take("assign", on=date(2026, 9, 16), officer_ids=("cred-ivo", "cred-hal"))
    walk.take("evidence", on=date(2026, 9, 16), officer_ids=("cred-ivo", "cred-hal"))


@pytest.mark.req("C-11")
@pytest.mark.parametrize(
    ("who", "until", "step"), [("cred-rex", "evidence", "review"), ("cred-dan", "evidence", "decide")]
)
def test_reviewers_and_heads_are_recused_too(who: str, until: str, step: str) -> None:
    """Recusal keeps everybody out, whatever the function; another head decides on the head's."""
    walk = Walk().to(until)
    recusal_id = new_id()
    day = date(2026, 9, 15)
    walk.perform(
        acts.ApplyForRecusal(recusal_id=recusal_id, officer_id=who, ground="利害关系", done_on=day), person("cleo")
    )
    other = person("ina", roles=("cases.decider",))
    walk.perform(acts.DecideRecusal(recusal_id=recusal_id, granted=True, done_on=day), other)
    before = {"review": "investigated", "decide": "heard"}[step]
    assert refusal(walk.to(before), step).code == "officer-recused"


@pytest.mark.req("C-11")
def test_nobody_decides_on_the_own_recusal_and_none_is_decided_twice() -> None:
    """The head is no judge in the own cause."""
    walk = Walk().to("evidence")
    recusal_id = new_id()
    application = acts.ApplyForRecusal(
        recusal_id=recusal_id, officer_id="cred-dan", ground="利害关系", done_on=date(2026, 9, 15)
    )
    walk.perform(application, person("cleo"))
    decision = acts.DecideRecusal(recusal_id=recusal_id, granted=False, done_on=date(2026, 9, 15))
    with pytest.raises(errors.SeparationOfDuties):
        walk.perform(decision, person("dan"))
    other = person("ina", roles=("cases.decider",))
    walk.perform(decision, other)
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(decision, other)


@pytest.mark.req("C-11")
def test_an_application_names_an_officer_and_a_decision_an_application() -> None:
    """What is not there is refused."""
    walk = Walk().to("evidence")
    unknown = acts.ApplyForRecusal(recusal_id=new_id(), officer_id="nobody", ground="…", done_on=date(2026, 9, 15))
    with pytest.raises(errors.OfficerUnknown):
        walk.perform(unknown, person("cleo"))
    with pytest.raises(errors.Unknown):
        walk.perform(acts.DecideRecusal(recusal_id=new_id(), granted=True, done_on=TODAY), person("dan"))


# --- the organisation (APL 17 to 21) --------------------------------------------------------------------------------


@pytest.mark.req("C-01")
@pytest.mark.parametrize("step", ["file", "decide"])
def test_the_organisation_has_the_power_on_the_day(step: str) -> None:
    """The last day of an entrustment is allowed, the next is not."""
    last = {"file": date(2026, 9, 10), "decide": DAY}[step]
    before = {"file": "report", "decide": "heard"}[step]
    qualification = replace(
        ORGANISATION.qualifications[0], kind="entrusted", period=Period(since=date(2024, 1, 1), until=last)
    )
    walk = Walk().to(before)
    walk.organisation = replace(ORGANISATION, qualifications=(qualification,))
    late = last.replace(day=last.day + 1)
    error = refusal(walk, step, on=late)
    assert (error.code, error.status) == ("organisation-not-qualified", 422)
    assert "APL 17" in error.law
    walk.take(step, on=last)


@pytest.mark.req("C-01")
def test_a_power_in_one_field_is_none_in_another() -> None:
    """Food safety is not urban management."""
    walk = Walk().to("report")
    walk.matter = replace(walk.matter, field="urban_management")
    assert refusal(walk, "file").code == "organisation-not-qualified"


@pytest.mark.req("C-02")
@pytest.mark.parametrize("step", ["file", "review", "decide"])
def test_a_login_without_an_officer_behind_it_takes_no_function(step: str) -> None:
    """The role alone is not enough: the register must know the person."""
    before = {"file": "report", "review": "investigated", "decide": "heard"}[step]
    role = {"file": "cases.intake", "review": "cases.reviewer", "decide": "cases.decider"}[step]
    error = refusal(Walk().to(before), step, by=person("ghost", roles=(role,)))
    assert error.code == "officer-not-of-this-case"


@pytest.mark.req("C-02")
def test_temporary_staff_takes_no_function_alone() -> None:
    """APL 42, conduct code 4."""
    error = refusal(Walk().to("report"), "file", by=person("tom", roles=("cases.intake",)))
    assert (error.code, error.law) == ("two-officers-required", ("APL 42(1)", "CONDUCT 4"))
