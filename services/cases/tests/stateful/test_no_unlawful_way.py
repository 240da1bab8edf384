"""Whatever is tried in whatever order, by whomever and on whatever day: no unlawful way to a decision exists.

The machine takes random acts with random people, days and contents. Most are refused. After each one the file itself
is searched for anything that the law forbids, by rules written down here a second time and independent of the guards.
"""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cases.domain import acts
from cases.domain.errors import CasesError
from cases.domain.sanction import NONE, Sanction
from cases.domain.values import HeardKind, Outcome, SanctionKind, State
from gongzheng.ids import new_id
from services.cases.tests.support.world import DAYS as DAYS_OF_STEPS
from services.cases.tests.support.world import OFFICERS, STEPS, TODAY, Walk, person

SUBJECTS = [officer.subject for officer in OFFICERS.values()]
ALL_ROLES = tuple(
    f"cases.{role}" for role in ("intake", "investigator", "reviewer", "decider", "hearing_chair", "clerk")
)
OFFICER_IDS = [*itertools.combinations(sorted(OFFICERS), 2), ("cred-ivo",), (), ("cred-ivo", "cred-ida", "cred-tom")]
DAYS = [date(2026, 9, 1) + timedelta(days=n) for n in range(-3, 91)]
WRONG = ("nothing", "nothing", "content", "content", "person", "day", "everything")
LATER = (0, 0, 1, 2, 5, 9)
FINE = (SanctionKind.FINE,)
FINES = (6_000_000, 10_000_000, 1, 5_000_000, 9_999_999, 10_000_001)
SANCTIONS = [*(Sanction(kinds=FINE, fine_fen=fen) for fen in FINES), NONE]
# Only fields with which an act can go wrong; the rest keeps the defaults of the walk.
CHANGES: dict[str, dict[str, Sequence[Any]]] = {
    "assign": {"officer_ids": OFFICER_IDS},
    "evidence": {"officer_ids": OFFICER_IDS, "category": ["ordinary", "health"]},
    "interview": {"officer_ids": OFFICER_IDS},
    "investigated": {
        "officer_ids": OFFICER_IDS,
        "sanction": SANCTIONS,
        "proposal": list(Outcome),
        "review_grounds": [(), ("complex",), ("public_interest",)],
    },
    "discuss": {"officer_ids": OFFICER_IDS, "sanction": SANCTIONS},
    "review": {"passed": [True, False]},
    "notice": {"sanction": SANCTIONS},
    "heard": {"kind": list(HeardKind), "hearing_requested": [True, False], "hearing_waived": [True, False]},
    "decide": {"outcome": list(Outcome), "sanction": SANCTIONS},
}
DECIDING = ("decide", "decide", "decide")
NEXT: dict[State | None, tuple[str, ...]] = {
    State.REPORTED: ("file", "not_file"),
    State.FILED: ("assign",),
    State.INVESTIGATING: ("assign", "evidence", "interview", "investigated", "decide"),
    State.UNDER_REVIEW: ("review", "discuss", "notice", "serve_notice", "evidence", *DECIDING),
    State.NOTIFIED: ("heard", "hearing", "review", "discuss", "evidence", *DECIDING),
    State.DECIDED: ("serve", "evidence"),
    State.SERVED: ("settle", "close", "evidence"),
    State.PERFORMED: ("close", "evidence"),
    State.NOT_FILED: ("archive", "decide"),
    State.CLOSED: ("archive", "evidence"),
    State.ARCHIVED: ("evidence", "decide"),
}
"""What is worth trying from each state, the forbidden among it."""
STARTS = ("report", "evidence", "investigated", "review", "serve_notice", "heard", "heard")


class UnlawfulWays(RuleBasedStateMachine):
    """One case, and everybody who might do something to it."""

    @initialize(start=st.sampled_from(STARTS), sanction=st.sampled_from(SANCTIONS[:5]))
    def begin(self, start: str, sanction: Sanction) -> None:
        """Some way into a lawful case, so that the later steps are reached often enough."""
        self.walk, self.sanction = Walk(), sanction
        self.refusals: list[CasesError] = []
        for step in STEPS[: STEPS.index(start) + 1]:
            self._try(step, *self._usual(step), {})

    def _usual(self, step: str) -> tuple[Any, date]:
        day = DAYS_OF_STEPS.get(step, TODAY)
        return self.walk.act(step, day)[1], day

    @rule(seed=st.integers(0, 2**32))
    def go_on(self, seed: int) -> None:
        """Some steps that may come next, right or wrong in one respect: that is where a guard can be slipped past.

        The choices come of the seed, evenly: hypothesis by itself prefers small and repeated ones, which lead nowhere.
        """
        chance = Random(seed)  # noqa: S311 chance, not secrecy
        for _ in range(4):
            self._next(chance)

    def _next(self, chance: Random) -> None:
        step, wrong = chance.choice(NEXT[self.walk.case.state]), chance.choice(WRONG)
        day = min(max(self.walk.case.days.values()) + timedelta(days=chance.choice(LATER)), TODAY)
        _, who = self.walk.act(step, day)
        if wrong in {"person", "everything"}:
            who = person(chance.choice(SUBJECTS), roles=ALL_ROLES)
        if wrong in {"day", "everything"}:
            day = chance.choice(DAYS)
        changes = CHANGES.get(step, {}) if wrong in {"content", "everything"} else {}
        if changes and wrong == "content":
            name = chance.choice(sorted(changes))
            changes = {name: changes[name]}
        self._try(step, who, day, {name: chance.choice(values) for name, values in changes.items()})

    @rule(step=st.sampled_from(STEPS), subject=st.sampled_from(SUBJECTS), day=st.sampled_from(DAYS))
    def try_anything(self, step: str, subject: str, day: date) -> None:
        """Any step by anybody who carries every role at once, on any day."""
        self._try(step, person(subject, roles=ALL_ROLES), day, {})

    @precondition(lambda self: self.walk.case.file.assignments)
    @rule(
        officer=st.sampled_from(sorted(OFFICERS)),
        day=st.sampled_from(DAYS),
        granted=st.sampled_from([False, False, True]),
    )
    def recuse(self, officer: str, day: date, *, granted: bool) -> None:
        """Somebody is to keep out."""
        recusal_id = new_id()
        application = acts.ApplyForRecusal(recusal_id=recusal_id, officer_id=officer, ground="利害关系", done_on=day)
        decision = acts.DecideRecusal(recusal_id=recusal_id, granted=granted, done_on=day)
        for act, who in ((application, "cleo"), (decision, "dan")):
            try:
                self.walk.perform(act, person(who))
            except CasesError:
                return

    def _try(self, step: str, who: Any, day: date, fields: dict[str, Any]) -> None:
        case = self.walk.case
        if step in {"investigated", "notice", "discuss", "decide"}:
            fields = {"sanction": self.sanction, **fields}
        before = (case.state, len(case.timeline), len(case.evidence), len(case.events), case.file.decision)
        try:
            self.walk.take(step, by=who, on=day, **fields)
        except CasesError as refused:
            after = (case.state, len(case.timeline), len(case.evidence), len(case.events), case.file.decision)
            assert after == before, "a refusal changed the case"
            self.refusals.append(refused)

    @invariant()
    def every_refusal_speaks_two_languages_and_cites(self) -> None:
        """Whatever was refused last says why."""
        for refused in self.refusals[-1:]:
            assert refused.law or refused.status == 404
            assert refused.detail_zh
            assert refused.detail_en

    @invariant()
    def nobody_holds_two_functions(self) -> None:
        """Investigating, reviewing, deciding and chairing are different people."""
        file = self.walk.case.file
        investigators = {a.subject for a in file.assignments}
        reviewers = {review.reviewer_subject for review in file.reviews}
        deciders = {file.decision.decider_subject} if file.decision else set()
        deciders |= {subject for discussion in file.discussions for subject in discussion.subjects}
        chairs = {hearing.chair_subject for hearing in file.hearings}
        assert not investigators & (reviewers | deciders | chairs)
        assert not reviewers & deciders

    @invariant()
    def every_act_follows_what_it_rests_on(self) -> None:
        """Nothing lies in the future, and no step before the one it rests on."""
        days = {entry.act: entry.done_on for entry in self.walk.case.timeline}
        assert all(day <= TODAY for day in days.values())
        for first, then in (
            ("report", "file"),
            ("file", "assign_officers"),
            ("issue_prior_notice", "serve_prior_notice"),
        ):
            if then in days:
                assert min(e.done_on for e in self.walk.case.timeline if e.act == then) >= min(
                    e.done_on for e in self.walk.case.timeline if e.act == first
                )

    @invariant()
    def every_investigative_act_had_two_good_officers(self) -> None:
        """Formal, credentialed on the day, on the case, not recused."""
        case = self.walk.case
        for entry in case.timeline:
            if entry.act in {"assign_officers", "record_evidence", "interview", "report_investigation"}:
                formal = {OFFICERS[i].subject for i in entry.officer_ids if OFFICERS[i].formal}
                assert len(formal) >= 2
                for officer_id in entry.officer_ids:
                    if OFFICERS[officer_id].formal:
                        assert OFFICERS[officer_id].credential_fault(entry.done_on) is None

    @invariant()
    def a_penalty_had_everything_that_comes_before_it(self) -> None:
        """Filing, evidence, report, passed review, served notice, the party heard, the hearing respected."""
        case = self.walk.case
        decision = case.file.decision
        if decision is None:
            return
        done = {entry.act: entry.done_on for entry in case.timeline}
        assert done["file"] <= decision.done_on <= TODAY
        assert case.file.reports
        reviews = case.file.reviews
        if case.file.reports[-1].review_grounds or case.file.hearings or any(not r.passed for r in reviews):
            assert reviews[-1].passed
            assert reviews[-1].done_on >= case.file.reports[-1].done_on
            assert all(reviews[-1].done_on >= hearing.done_on for hearing in case.file.hearings)
        if decision.outcome is not Outcome.PENALTY:
            assert decision.sanction.money_fen == 0
            return
        notice = case.file.notices[-1]
        assert notice.service is not None
        assert notice.service.effective_on <= decision.done_on
        if case.file.reports[-1].review_grounds or case.file.hearings:
            concluded = case.file.discussions[-1]
            assert decision.decider_subject in concluded.subjects
            assert concluded.sanction == decision.sanction
            assert not set(concluded.subjects) & {a.subject for a in case.file.assignments}
        answers = [h for h in case.file.heard if h.notice_id == notice.notice_id and h.done_on <= decision.done_on]
        assert answers
        assert decision.sanction.fine_fen <= notice.sanction.fine_fen
        assert 5_000_000 <= decision.sanction.fine_fen <= 10_000_000
        if decision.sanction.fine_fen >= 10_000_000 or any(h.hearing_requested for h in answers):
            held = any(h.notice_id == notice.notice_id for h in case.file.hearings)
            asked = any(h.hearing_requested for h in answers)
            waived = any(h.hearing_waived or h.kind is HeardKind.WAIVER for h in answers)
            waited = decision.done_on > notice.service.effective_on + timedelta(days=6)
            assert held or (not asked and (waived or waited))

    @invariant()
    def evidence_stands_still_after_the_decision(self) -> None:
        """Nothing entered the file after the decision was recorded."""
        names = [entry.act for entry in self.walk.case.timeline]
        decided = next((n for n, name in enumerate(names) if name.startswith("decide_p")), None)
        if decided is not None:
            assert "record_evidence" not in names[decided:]
            assert "exclude_evidence" not in names[decided:]

    @invariant()
    def nothing_sensitive_is_on_the_file(self) -> None:
        """PIPL 28."""
        assert all(piece.category != "health" for piece in self.walk.case.evidence)

    @invariant()
    def at_most_one_clock_of_a_kind_runs(self) -> None:
        """A period that starts anew ends the one before."""
        running = [(clock.kind, clock.about) for clock in self.walk.case.clocks if clock.ended_on is None]
        assert len(running) == len(set(running))


UnlawfulWays.TestCase.settings = settings(
    max_examples=150, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.req("C-19")
@pytest.mark.req("C-11")
@pytest.mark.req("C-17")
class TestUnlawfulWays(UnlawfulWays.TestCase):  # type: ignore[misc,valid-type] # made by hypothesis
    """The machine above as a test."""
