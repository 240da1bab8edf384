"""The way of a complaint: who may take it which way, on which day, and what leaves the service."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from oversight.domain.clocks import ClockState, Due
from oversight.domain.complaint import Acceptance, Complaint, Kind, Outcome, RejectionReason
from oversight.domain.errors import (
    AccusedMustBeNamed,
    ComplaintStateForbids,
    DateNotPossible,
    ExtensionRefused,
    RoutedToAccused,
    SummaryRequired,
)
from oversight.domain.events import ComplaintAccepted, ComplaintReceived, ComplaintResolved, ComplaintRetained

RECEIVED = date(2026, 11, 23)
TODAY = RECEIVED + timedelta(days=20)


def every_day(start: date, length: int, _unit: str, law: str, extension_days: int) -> Due:
    """A calendar without holidays, so that the numbers in the tests can be counted on fingers."""
    end = start + timedelta(days=length + extension_days)
    return Due(due_on=end, provisional=False, why_zh=law, why_en=law)


def ids() -> Callable[[], str]:
    """Ids in order."""
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def received(kind: Kind = Kind.VIOLATION, **changed: Any) -> Complaint:
    """A complaint that came in on 23 November."""
    given: dict[str, Any] = {
        "complaint_id": "c",
        "kind": kind,
        "anonymous": True,
        "received_at": datetime(2026, 11, 23, 2, tzinfo=UTC),
        "received_on": RECEIVED,
        "language": "zh",
        "accused_organisation_id": None,
        "new_id": ids(),
        "compute": every_day,
    }
    return Complaint.receive(**(given | changed))


def accept(complaint: Complaint, today: date = TODAY, **changed: Any) -> None:
    """Take a complaint up for the market regulator."""
    given: dict[str, Any] = {"organisation_id": "samr", "accepted_on": RECEIVED, "summary": "摘要"}
    complaint.accept(Acceptance(**(given | changed)), today=today, new_id=ids(), compute=every_day)


def accepted(kind: Kind = Kind.VIOLATION, **changed: Any) -> Complaint:
    """A complaint that was taken up on the day it came in."""
    complaint = received(kind)
    accept(complaint, **changed)
    return complaint


@pytest.mark.req("O-01")
def test_a_received_complaint_is_registered_alerted_without_content_and_has_fifteen_days() -> None:
    """Everything is registered (XINFANG 23(1)), and the reporter is told within 15 days (23(2))."""
    complaint = received()
    assert complaint.state == "received"
    assert [(c.kind, c.due.due_on, c.law) for c in complaint.clocks] == [("notify", date(2026, 12, 8), "XINFANG 23(2)")]
    (event,) = complaint.events
    assert isinstance(event, ComplaintReceived)
    assert set(vars(event)) == {"complaint_id", "kind", "received_at", "anonymous"}


@pytest.mark.req("O-01")
def test_accepting_a_violation_releases_the_summary_to_the_department_and_starts_sixty_days() -> None:
    """The competent department gets a summary, nothing else (XINFANG 34)."""
    complaint = accepted(matter_id="food-1")
    event = complaint.events[-1]
    assert isinstance(event, ComplaintAccepted)
    assert (event.organisation_id, event.matter_id, event.summary) == ("samr", "food-1", "摘要")
    notify, resolve = complaint.clocks
    assert notify.state is ClockState.MET
    assert (resolve.kind, resolve.due.due_on) == ("resolve", RECEIVED + timedelta(days=60))


@pytest.mark.req("O-01")
def test_a_violation_without_summary_is_not_released() -> None:
    """A department cannot act on nothing."""
    complaint = received()
    with pytest.raises(SummaryRequired):
        accept(complaint, summary="  ")
    assert complaint.state == "received"


@pytest.mark.req("O-01")
@pytest.mark.parametrize("said_by", ["reporter", "intake"])
def test_a_complaint_about_an_official_never_goes_to_the_organisation_complained_about(said_by: str) -> None:
    """XINFANG 30(3): neither when the reporter named the department nor when intake found out which it is."""
    complaint = received(Kind.OFFICIAL, accused_organisation_id="samr" if said_by == "reporter" else None)
    accused: dict[str, Any] = {} if said_by == "reporter" else {"accused_organisation_id": "samr"}
    with pytest.raises(RoutedToAccused) as refusal:
        accept(complaint, **accused)
    assert refusal.value.law == ("XINFANG 30(3)", "SUPERVISION 10")
    assert complaint.state == "received"
    assert len(complaint.events) == 1


@pytest.mark.req("O-01")
def test_a_complaint_about_an_official_waits_until_it_is_known_whom_it_is_about() -> None:
    """Otherwise it could reach them by accident."""
    with pytest.raises(AccusedMustBeNamed):
        accept(received(Kind.OFFICIAL))


@pytest.mark.req("O-01")
def test_a_complaint_about_an_official_stays_inside_oversight() -> None:
    """Its event carries no summary; no department can act on it or learn from it."""
    complaint = received(Kind.OFFICIAL)
    accept(complaint, accused_organisation_id="samr", organisation_id="province")
    event = complaint.events[-1]
    assert isinstance(event, ComplaintRetained)
    assert set(vars(event)) == {"complaint_id", "kind", "organisation_id", "accepted_on"}
    assert complaint.hidden_from("samr")
    assert not complaint.hidden_from("province")
    assert not complaint.hidden_from(None)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("accepted_on", "today", "fine"),
    [
        (RECEIVED - timedelta(days=1), TODAY, False),
        (RECEIVED, RECEIVED, True),
        (TODAY, TODAY, True),
        (TODAY + timedelta(days=1), TODAY, False),
    ],
)
def test_an_act_is_dated_neither_before_the_complaint_nor_in_the_future(
    accepted_on: date, today: date, *, fine: bool
) -> None:
    """Acts may be recorded later than they happened."""
    complaint = received()
    if fine:
        accept(complaint, today, accepted_on=accepted_on)
        assert complaint.state == "accepted"
        return
    with pytest.raises(DateNotPossible):
        accept(complaint, today, accepted_on=accepted_on)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("days_after", "state"), [(14, ClockState.MET), (15, ClockState.MET), (16, ClockState.BREACHED)]
)
def test_the_fifteenth_day_is_the_last_to_tell_the_reporter(days_after: int, state: ClockState) -> None:
    """XINFANG 23(2): the day of receipt is not counted, the fifteenth day still is in time."""
    complaint = received()
    accept(complaint, accepted_on=RECEIVED + timedelta(days=days_after))
    assert complaint.clocks[0].state is state


@pytest.mark.req("O-11")
@pytest.mark.parametrize(("days_after", "broken"), [(15, False), (16, True)])
def test_a_limit_is_broken_on_the_day_after_its_last(days_after: int, *, broken: bool) -> None:
    """Not on its last day, and only once."""
    complaint = received()
    today = RECEIVED + timedelta(days=days_after)
    clock = complaint.clocks[0]
    assert (complaint.break_clock(clock.id, today) is clock) is broken
    assert complaint.break_clock(clock.id, today) is None
    assert clock.state is (ClockState.BREACHED if broken else ClockState.RUNNING)


@pytest.mark.req("O-01")
def test_a_rejection_tells_the_reporter_why_and_ends_the_way() -> None:
    """XINFANG 23(1): the reporter learns whom to turn to."""
    complaint = received()
    complaint.reject(reason=RejectionReason.NOT_COMPETENT, told="请向税务机关提出。", rejected_on=RECEIVED, today=TODAY)
    assert complaint.state == "rejected"
    assert complaint.steps[-1].note == "请向税务机关提出。"
    assert complaint.clocks[0].state is ClockState.MET
    with pytest.raises(ComplaintStateForbids):
        accept(complaint)


@pytest.mark.req("O-01")
def test_a_complaint_is_taken_up_once() -> None:
    """What was released cannot be released again to somebody else."""
    complaint = accepted()
    with pytest.raises(ComplaintStateForbids):
        accept(complaint, organisation_id="other")


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("days", "fine"), [(0, False), (1, True), (30, True), (31, False)])
def test_the_time_to_resolve_is_lengthened_by_at_most_thirty_days(days: int, *, fine: bool) -> None:
    """XINFANG 34."""
    complaint = accepted()

    def extend() -> None:
        complaint.extend(days=days, told="情况复杂", extended_on=RECEIVED, today=TODAY, compute=every_day)

    if not fine:
        with pytest.raises(ExtensionRefused):
            extend()
        return
    extend()
    assert complaint.clocks[1].due.due_on == RECEIVED + timedelta(days=60 + days)
    assert complaint.steps[-1].step == "extended"
    with pytest.raises(ExtensionRefused):
        extend()


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("days_after", "fine"), [(60, True), (61, False)])
def test_the_time_is_lengthened_while_it_runs(days_after: int, *, fine: bool) -> None:
    """Not after its last day has passed."""
    complaint = accepted()
    on = RECEIVED + timedelta(days=days_after)
    if fine:
        complaint.extend(days=30, told="x", extended_on=on, today=on, compute=every_day)
        return
    with pytest.raises(ExtensionRefused):
        complaint.extend(days=30, told="x", extended_on=on, today=on, compute=every_day)


@pytest.mark.req("O-01")
def test_nothing_is_lengthened_before_the_complaint_is_taken_up() -> None:
    """The 15 days to tell the reporter know no extension."""
    with pytest.raises(ExtensionRefused):
        received().extend(days=1, told="x", extended_on=RECEIVED, today=TODAY, compute=every_day)


@pytest.mark.req("O-01")
def test_the_reporter_sees_what_the_department_does_until_the_case_is_closed() -> None:
    """From forwarding to the end, each step once; the closed case resolves the complaint."""
    complaint = accepted()
    days = [RECEIVED + timedelta(days=n) for n in range(1, 5)]
    for act, on in zip(("forward", "file", "decide", "close"), days, strict=True):
        assert complaint.follow_case(act, case_id="case-1", on=on)
    steps = [step.step for step in complaint.steps]
    assert steps == ["received", "accepted", "forwarded", "filed", "decided", "closed", "resolved"]
    assert complaint.state == "resolved"
    event = complaint.events[-1]
    assert isinstance(event, ComplaintResolved)
    assert (event.outcome, event.case_id) == ("case_closed", "case-1")
    assert all(clock.met_on for clock in complaint.clocks)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("acts", "act"),
    [
        ([], "decide"),
        ([], "close"),
        (["forward"], "forward"),
        (["forward", "file"], "not_file"),
        (["forward", "file", "decide"], "decide"),
        (["forward", "file", "decide", "close"], "file"),
    ],
)
def test_what_the_department_says_late_or_twice_changes_nothing(acts: list[str], act: str) -> None:
    """The department's word is never an error here."""
    complaint = accepted()
    for earlier in acts:
        complaint.follow_case(earlier, case_id="case-1", on=RECEIVED)
    before = (complaint.state, list(complaint.steps), len(complaint.events))
    assert not complaint.follow_case(act, case_id="case-1", on=RECEIVED)
    assert (complaint.state, complaint.steps, len(complaint.events)) == before


@pytest.mark.req("O-01")
def test_another_case_cannot_take_over_a_complaint() -> None:
    """One complaint follows the case that came of it."""
    complaint = accepted()
    complaint.follow_case("forward", case_id="case-1", on=RECEIVED)
    assert not complaint.follow_case("file", case_id="case-2", on=RECEIVED)


@pytest.mark.req("O-01")
def test_a_complaint_that_was_not_filed_is_answered_by_a_person() -> None:
    """The department's refusal ends nothing: oversight examines it and answers, and its sixty days go on."""
    complaint = accepted()
    complaint.follow_case("forward", case_id="case-1", on=RECEIVED)
    complaint.follow_case("not_file", case_id="case-1", on=RECEIVED)
    assert complaint.state == "not_filed"
    assert complaint.clocks[1].met_on is None
    complaint.resolve(outcome=Outcome.NOT_CONFIRMED, told="已核查。", resolved_on=TODAY, today=TODAY)
    assert complaint.state == "resolved"
    assert complaint.clocks[1].met_on == TODAY
    assert complaint.steps[-1].note == "已核查。"


@pytest.mark.req("O-01")
def test_a_complaint_that_was_not_taken_up_cannot_be_resolved() -> None:
    """It is rejected, with its reason, or taken up."""
    with pytest.raises(ComplaintStateForbids):
        received().resolve(outcome=Outcome.CONFIRMED, told="x", resolved_on=RECEIVED, today=TODAY)


def test_a_limit_set_without_a_calendar_moves_when_the_calendar_is_there() -> None:
    """The new last day is said, and only where it moved."""
    provisional = Due(due_on=date(2027, 1, 22), provisional=True, why_zh="", why_en="")
    complaint = received(compute=lambda *_: provisional)
    complaint.events.clear()
    assert complaint.recompute(lambda *_: provisional) == 0
    moved = Due(due_on=date(2027, 1, 25), provisional=False, why_zh="", why_en="")
    assert complaint.recompute(lambda *_: moved) == 1
    assert [vars(event)["due_on"] for event in complaint.events] == [date(2027, 1, 25)]
    assert complaint.recompute(lambda *_: provisional) == 0
