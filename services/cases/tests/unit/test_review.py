"""Legal review where the law asks for it, discussion of the heads together, and deciding without the party's word."""

from datetime import date
from typing import Any

import pytest

from cases.domain import errors
from cases.domain.review import grounds, points
from cases.domain.rules import rule_file
from cases.domain.sanction import NONE, Sanction
from cases.domain.values import EvidenceKind, HeardKind, Outcome, SanctionKind, State
from gongzheng.legaltime import check
from services.cases.tests.support.world import Walk, person

SILENT_UNTIL = date(2026, 9, 30)


def refused(error: type[errors.CasesError], walk: Walk, step: str, **how: Any) -> errors.CasesError:
    """The refusal of a step."""
    with pytest.raises(error) as caught:
        walk.take(step, **how)
    return caught.value


def reported(*declared: str) -> Walk:
    """A case whose investigation ended with a report that names these grounds."""
    return Walk().to("interview").take("investigated", review_grounds=declared)


def never_spoke(*kinds: EvidenceKind) -> Walk:
    """A case with evidence of these kinds, without an interview, in which the party let the period pass."""
    walk = Walk().to("assign")
    for kind in kinds:
        walk.take("evidence", kind=kind)
    for step in ("investigated", "notice", "serve_notice"):
        walk.take(step)
    return walk.take("heard", kind=HeardKind.SILENCE, on=SILENT_UNTIL)


# --- where a review is needed ----------------------------------------------------------------------------------------


@pytest.mark.req("C-16")
def test_a_case_without_a_ground_is_announced_and_decided_without_review() -> None:
    """APL 58 names the cases that are reviewed; the others need not wait."""
    walk = reported().take("notice").take("serve_notice").take("heard").take("decide")
    assert walk.case.state is State.DECIDED
    assert walk.case.file.reviews == []
    assert walk.case.clock("review") is None


@pytest.mark.req("C-16")
@pytest.mark.parametrize(
    ("ground", "law"),
    [("public_interest", "APL 58(1)(1)"), ("complex", "APL 58(1)(3)"), ("other_law", "APL 58(1)(4)")],
)
@pytest.mark.parametrize("step", ["notice", "decide"])
def test_each_declared_ground_lets_nothing_pass_before_the_review(ground: str, law: str, step: str) -> None:
    """The refusal names the ground and its item."""
    walk = reported(ground)
    how: dict[str, Any] = {}
    if step == "decide":
        how = {"outcome": Outcome.NO_PENALTY, "sanction": NONE, "on": date(2026, 9, 18)}
    error = refused(errors.ReviewRequired, walk, step, **how)
    assert (error.status, error.law) == (409, ("APL 58(1)", law))
    walk.take("review").take(step, **how)


@pytest.mark.req("C-16")
def test_a_review_on_the_day_of_the_notice_is_in_time_and_one_the_day_after_is_not() -> None:
    """The notice rests on the review; it does not lie before it."""
    walk = reported("complex").take("review", on=date(2026, 9, 18))
    refused(errors.DateNotPossible, walk, "notice", on=date(2026, 9, 17))
    walk.take("notice", on=date(2026, 9, 18))


@pytest.mark.req("C-16")
def test_after_a_hearing_the_review_comes_after_the_hearing() -> None:
    """SAMR-PROC 50(2): one that passed before it does not count; one on the day of the hearing does."""
    walk = Walk().to("serve_notice").take("heard", hearing_requested=True)
    walk.take("hearing", on=date(2026, 10, 13), announced_on=date(2026, 9, 25))
    error = refused(errors.ReviewRequired, walk, "decide")
    assert "APL 58(1)(2)" in error.law
    walk.take("review", on=date(2026, 10, 13)).take("discuss", on=date(2026, 10, 13)).take("decide")


@pytest.mark.req("C-16")
def test_a_return_names_where_the_case_fails_and_the_next_report_answers() -> None:
    """Returned with reasons, mended, resubmitted, passed: each missing piece stops it."""
    walk = reported("complex")
    assert refused(errors.ReasonsRequired, walk, "review", passed=False, points=()).law[0] == "SAMR-PROC 53"
    walk.take("review", passed=False, points=("basis", "procedure"))
    assert walk.case.state is State.INVESTIGATING
    assert walk.case.file.reviews[-1].points == ("basis", "procedure")
    error = refused(errors.ReasonsRequired, walk, "investigated", on=date(2026, 9, 18), answer_to_review=" ")
    assert "answer_to_review" in error.errors
    walk.take("investigated", on=date(2026, 9, 18), answer_to_review="已更正依据并补办手续")
    refused(errors.ReviewRequired, walk, "notice", on=date(2026, 9, 18))
    walk.take("review", on=date(2026, 9, 18)).take("notice", on=date(2026, 9, 18))


@pytest.mark.req("C-16")
def test_what_a_reviewer_returned_is_reviewed_again_even_without_another_ground() -> None:
    """What did not pass is not decided."""
    walk = reported().take("review", passed=False).take("investigated", on=date(2026, 9, 18))
    error = refused(errors.ReviewRequired, walk, "notice", on=date(2026, 9, 18))
    assert error.law == ("APL 58(1)",)


@pytest.mark.req("C-16")
@pytest.mark.req("C-30")
def test_the_review_has_ten_working_days_and_only_where_it_is_needed() -> None:
    """SAMR-PROC 55: reported on 16 September, over the make-up Sunday and the holidays of 25 to 27 September."""
    clock = reported("complex").case.clock("review")
    assert clock is not None
    assert (clock.due_on, clock.law) == (date(2026, 9, 30), "SAMR-PROC 55")
    assert reported("complex").take("review", on=date(2026, 9, 17)).case.clock("review").ended_on == date(2026, 9, 17)  # type: ignore[union-attr] # it is there
    assert reported().case.clock("review") is None


# --- together --------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-16")
def test_what_is_complex_is_decided_by_the_heads_together() -> None:
    """After the party was heard, before one of them signs (APL 57(2))."""
    walk = reported("complex").take("review").take("notice").take("serve_notice").take("heard", on=date(2026, 9, 22))
    error = refused(errors.DiscussionRequired, walk, "decide")
    assert (error.status, error.law) == (409, ("APL 57(2)", "SAMR-PROC 60(2)"))
    walk.take("discuss", on=date(2026, 9, 21))
    refused(errors.DiscussionRequired, walk, "decide")
    walk.take("discuss", on=date(2026, 9, 22)).take("decide")
    assert walk.case.file.discussions[-1].subjects == ("dan", "don")


@pytest.mark.req("C-16")
@pytest.mark.parametrize(
    ("present", "error"),
    [
        (("cred-dan",), errors.DiscussionRequired),
        (("cred-dan", "cred-dan"), errors.DiscussionRequired),
        (("cred-dan", "cred-ivo"), errors.SeparationOfDuties),
        (("cred-dan", "cred-rex"), errors.SeparationOfDuties),
        (("cred-dan", "cred-zoe"), errors.OfficerUnknown),
        (("cred-dan", "cred-don"), None),
    ],
)
def test_who_investigated_or_reviewed_reports_and_does_not_decide(present: tuple[str, ...], error: Any) -> None:
    """At least two heads, none of whom holds another function in the case."""
    walk = reported("complex").take("review")
    if error is None:
        walk.take("discuss", on=date(2026, 9, 18), officer_ids=present)
    else:
        refused(error, walk, "discuss", on=date(2026, 9, 18), officer_ids=present)


@pytest.mark.req("C-16")
def test_the_decision_is_what_was_concluded_and_signed_by_one_who_was_there() -> None:
    """Neither another outcome nor another amount, nor by another head."""
    walk = reported("complex").take("review").take("notice").take("serve_notice").take("heard")
    refused(errors.DiscussionRequired, walk, "discuss", on=date(2026, 10, 1), record=" ")
    walk.take("discuss", on=date(2026, 10, 1), officer_ids=("cred-don", "cred-hal"))
    refused(errors.DiscussionRequired, walk, "decide")
    lighter = Sanction(kinds=(SanctionKind.FINE,), fine_fen=5_000_000)
    error = refused(errors.DiscussionRequired, walk, "decide", by="don", sanction=lighter)
    assert "2026-10-01" in error.detail_en
    walk.take("decide", by="don")


@pytest.mark.req("C-16")
def test_who_discussed_neither_reviews_nor_investigates_afterwards() -> None:
    """To discuss is to decide."""
    walk = reported("complex").take("discuss", on=date(2026, 9, 17))
    assert refused(errors.SeparationOfDuties, walk, "review", by=person("don", roles=("cases.reviewer",)))


# --- without the party's word ---------------------------------------------------------------------------------------


@pytest.mark.req("C-20")
@pytest.mark.parametrize(
    ("kinds", "reason", "wrong"),
    [
        ((EvidenceKind.PHYSICAL,), "当事人下落不明", "evidence_ids"),
        ((EvidenceKind.PHYSICAL, EvidenceKind.PHYSICAL), "当事人下落不明", "evidence_ids"),
        ((EvidenceKind.PHYSICAL, EvidenceKind.DOCUMENTARY), "", "without_statement"),
        ((EvidenceKind.PHYSICAL, EvidenceKind.DOCUMENTARY), "当事人下落不明", None),
    ],
)
def test_silence_throughout_needs_two_kinds_of_other_evidence_and_the_reason(
    kinds: tuple[EvidenceKind, ...], reason: str, wrong: str | None
) -> None:
    """And the review, which is not needed otherwise."""
    walk = never_spoke(*kinds)
    assert "APL 46(2)" in refused(errors.ReviewRequired, walk, "decide", without_statement=reason).law
    walk.take("review", on=date(2026, 10, 8))
    if wrong is None:
        walk.take("decide", without_statement=reason)
        assert walk.case.file.decision is not None
        assert walk.case.file.decision.without_statement == reason
    else:
        assert wrong in refused(errors.EvidenceNotSufficient, walk, "decide", without_statement=reason).errors


@pytest.mark.req("C-20")
@pytest.mark.parametrize("spoke", ["interview", "statement", "party_statement"])
def test_a_party_that_spoke_at_any_time_is_decided_against_in_the_usual_way(spoke: str) -> None:
    """One kind of evidence and no reason suffice then."""
    walk = Walk().to("evidence")
    if spoke == "interview":
        walk.take("interview")
    if spoke == "party_statement":
        walk.take("evidence", kind=EvidenceKind.PARTY_STATEMENT)
    for step in ("investigated", "notice", "serve_notice"):
        walk.take(step)
    kind = HeardKind.STATEMENT if spoke == "statement" else HeardKind.SILENCE
    walk.take("heard", kind=kind, on=SILENT_UNTIL).take("decide")


@pytest.mark.req("C-20")
def test_excluded_evidence_is_no_kind_that_counts() -> None:
    """What was taken unlawfully bears nothing."""
    walk = never_spoke(EvidenceKind.PHYSICAL, EvidenceKind.DOCUMENTARY)
    walk.exclude(walk.case.evidence[-1].evidence_id, on=date(2026, 10, 8)).take("review", on=date(2026, 10, 8))
    refused(errors.EvidenceNotSufficient, walk, "decide", without_statement="当事人下落不明")


# --- the rule file ---------------------------------------------------------------------------------------------------


@pytest.mark.req("C-16")
def test_every_ground_and_point_cites_an_article() -> None:
    """A lawyer can look each of them up."""
    for ground in grounds():
        for ref in (ground.law, *ground.collective):
            check(ref)
        assert ground.zh
        assert ground.en
    assert len(points()) == 7
    for point in rule_file("review")["point"]:
        check(point["law"])
