"""Two people let a lane go on without an event, and everything that keeps one from doing it alone or by mistake."""

from datetime import timedelta

import pytest

from gongzheng.clock import FixedClock
from gongzheng.db.unit_of_work import Actor
from gongzheng.messaging.parked import NoSuchLane
from gongzheng.messaging.skips import REQUEST_HOURS, SkipRefused, Skips

from .conftest import Service, deliveries, lane_of

pytestmark = pytest.mark.req("X-02")
LI, WANG = Actor(subject="op-1", name="李"), Actor(subject="op-2", name="王")
LANE = lane_of("a")


@pytest.fixture
def poisoned(cases: Service, fees: Service) -> Service:
    """A service in which the second of three events fails."""
    cases.note("a", 1, 2, 3)
    fees.poison = {("a", 2)}
    fees.consumer.process(deliveries(cases.bodies()))
    return fees


def skips(service: Service) -> Skips:
    """The requests of a service."""
    return Skips(service.lanes)


def test_two_people_skip_a_poison_event_with_a_reason_on_record(poisoned: Service) -> None:
    """The lane goes on; the event stays in the table, and the audit trail names both."""
    request = skips(poisoned).request(LANE, "duplicate of case b", LI)
    assert (request.sequence, request.last_sequence) == (2, 1)
    assert request.event_id == poisoned.scalar("SELECT event_id FROM parked ORDER BY sequence")
    assert poisoned.effects("a") == [1]

    assert skips(poisoned).confirm(LANE, WANG) == 1

    assert poisoned.effects("a") == [1, 3]
    assert poisoned.lanes.overview() == []
    assert poisoned.scalar("SELECT reason FROM parked") == "skipped"
    assert poisoned.scalar("SELECT actor FROM audit WHERE action = 'lane.skip_request'") == "op-1"
    assert poisoned.scalar("SELECT actor FROM audit WHERE action = 'lane.skip'") == "op-2"
    facts = poisoned.scalar("SELECT facts FROM audit WHERE action = 'lane.skip'")
    assert "duplicate of case b" in facts
    assert '"requested_by": "op-1"' in facts
    assert skips(poisoned).pending() == []


def test_the_same_person_cannot_do_both(poisoned: Service) -> None:
    """Nor under another name: the subject says who it is."""
    skips(poisoned).request(LANE, "a duplicate", LI)
    with pytest.raises(SkipRefused, match="takes two people"):
        skips(poisoned).confirm(LANE, Actor(subject=LI.subject, name="somebody else"))
    assert poisoned.effects("a") == [1]
    assert poisoned.scalar("SELECT count(*) FROM audit WHERE action = 'lane.skip'") == 0


def test_nothing_is_confirmed_that_nobody_asked_for(poisoned: Service) -> None:
    """And nothing twice."""
    with pytest.raises(SkipRefused, match="nobody has asked"):
        skips(poisoned).confirm(LANE, WANG)
    skips(poisoned).request(LANE, "a duplicate", LI)
    poisoned.poison = {("a", 2), ("a", 3)}
    skips(poisoned).confirm(LANE, WANG)
    with pytest.raises(SkipRefused, match="nobody has asked"):
        skips(poisoned).confirm(LANE, WANG)
    assert poisoned.effects("a") == [1]


def test_a_request_is_void_after_a_day(poisoned: Service, clock: FixedClock) -> None:
    """Whoever confirms must not act on what somebody saw long ago; it can be asked for again."""
    skips(poisoned).request(LANE, "a duplicate", LI)
    clock.advance(timedelta(hours=REQUEST_HOURS) - timedelta(seconds=1))
    assert len(skips(poisoned).pending()) == 1
    clock.advance(timedelta(seconds=1))
    assert skips(poisoned).pending() == []
    with pytest.raises(SkipRefused, match="older than 24 hours"):
        skips(poisoned).confirm(LANE, WANG)
    skips(poisoned).request(LANE, "a duplicate", WANG)
    assert skips(poisoned).confirm(LANE, LI) == 1


def test_a_request_is_void_when_the_lane_has_moved(poisoned: Service) -> None:
    """The event that was asked about took effect meanwhile; the one that fails now was never looked at."""
    skips(poisoned).request(LANE, "a duplicate", LI)
    poisoned.poison = {("a", 3)}
    poisoned.lanes.retry(LANE)
    with pytest.raises(SkipRefused, match="has moved"):
        skips(poisoned).confirm(LANE, WANG)
    assert poisoned.effects("a") == [1, 2]
    poisoned.poison = set()
    poisoned.lanes.retry(LANE)
    with pytest.raises(NoSuchLane):
        skips(poisoned).confirm(LANE, WANG)


def test_a_gap_that_was_filled_in_part_is_another_gap(cases: Service, fees: Service) -> None:
    """Who agreed to go on without two and three has not agreed to go on without three alone."""
    cases.note("a", 1, 2, 3, 4)
    fees.consumer.process(deliveries(cases.bodies(), 1, 4))
    skips(fees).request(LANE, "lost in the producer's restore", LI)
    fees.consumer.process(deliveries(cases.bodies(), 2))
    with pytest.raises(SkipRefused, match="has moved"):
        skips(fees).confirm(LANE, WANG)
    assert fees.effects("a") == [1, 2]


def test_two_people_skip_what_is_missing_for_good(cases: Service, fees: Service) -> None:
    """When the producer lost its history, the events that did arrive need not wait for ever."""
    cases.note("a", 1, 2, 3)
    fees.consumer.process(deliveries(cases.bodies(), 1, 3))
    skips(fees).request(LANE, "lost in the producer's restore", LI)
    assert skips(fees).confirm(LANE, WANG) == 1
    assert fees.effects("a") == [1, 3]


def test_a_request_needs_a_reason_and_something_that_waits(fees: Service, poisoned: Service) -> None:
    """Nothing is decided by accident."""
    with pytest.raises(SkipRefused, match="reason"):
        skips(poisoned).request(LANE, " ", LI)
    with pytest.raises(NoSuchLane):
        skips(fees).request("nowhere", "because", LI)


def test_a_second_request_for_the_same_is_an_invitation_to_confirm(poisoned: Service) -> None:
    """One's own may be renewed with a better reason; another's stands."""
    skips(poisoned).request(LANE, "a duplicate", LI)
    skips(poisoned).request(LANE, "a duplicate of case b", LI)
    with pytest.raises(SkipRefused, match="op-1 has asked for this already"):
        skips(poisoned).request(LANE, "of case c", WANG)
    (only,) = skips(poisoned).pending()
    assert only.reason == "a duplicate of case b"


def test_quarantined_bytes_are_skipped_too(fees: Service) -> None:
    """They stay in the table, and are no longer shown as waiting."""
    fees.consumer.process(deliveries(["not an event"]))
    (waiting,) = fees.lanes.overview()
    skips(fees).request(waiting.lane, "noise of a port scan", LI)
    assert skips(fees).confirm(waiting.lane, WANG) == 0
    assert fees.lanes.overview() == []
    assert fees.scalar("SELECT body FROM parked") == "not an event"
