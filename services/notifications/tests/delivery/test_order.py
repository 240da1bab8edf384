"""Order under everything at once: random answers, lost results, passing time, redrives."""

import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gongzheng.clock import FixedClock
from gongzheng.db.migrate import migrate
from gongzheng.ids import new_id
from notifications.bootstrap import bootstrap
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.deliver_event import Call, claim_deliveries

SUBJECTS = [new_id() for _ in range(3)]


class Endpoint:
    """Answers at random and remembers what it took, as an honest receiver that knows ids would."""

    def __init__(self, random: Random) -> None:
        self.random, self.taken, self.failing = random, defaultdict[str, list[int]](list), 0.4

    def call(self, call: Call) -> Outcome:
        """Take the event, refuse it, or take it and lose the answer."""
        from gongzheng.messaging.envelope import Envelope  # noqa: PLC0415 only here

        event = Envelope.parse(call.body)
        fate = self.random.random()
        if fate < self.failing / 2:
            return Outcome(kind=OutcomeKind.TEMPORARY, code="http-500")
        if event.sequence not in self.taken[event.subject]:
            self.taken[event.subject].append(event.sequence)
        if fate < self.failing:
            return Outcome(kind=OutcomeKind.UNKNOWN, code="http-answer-lost")
        return Outcome(kind=OutcomeKind.ACCEPTED, code="http-204")


class Lanes(RuleBasedStateMachine):
    """Whatever happens, each subject's events are taken in order and none is left out."""

    make_house: Any

    @initialize(seed=st.integers(0, 2**32))
    def open(self, seed: int) -> None:
        """A fresh service with one subscriber."""
        self.house = type(self).make_house()
        self.endpoint = Endpoint(Random(seed))  # noqa: S311 a test's dice
        self.house.caller = self.endpoint
        made = self.house.subscribe("http://127.0.0.1:9/hook")
        self.path = f"/subscriptions/{made['subscription_id']}/deliveries"
        self.sent: dict[str, int] = defaultdict(int)

    @rule(subject=st.sampled_from(SUBJECTS), count=st.integers(1, 3))
    def events_arrive(self, subject: str, count: int) -> None:
        """Some events of one subject."""
        self.house.hear(*[self.house.event("cases.case.filed", subject, case_id=subject) for _ in range(count)])
        self.sent[subject] += count

    @rule()
    def push(self) -> None:
        """A worker's turn."""
        self.house.push(calls_max=2)

    @rule(delivered=st.booleans())
    def a_worker_dies(self, delivered: bool) -> None:  # noqa: FBT001 hypothesis passes by name
        """It has claimed and perhaps called, and records nothing."""
        for call in claim_deliveries(self.house.uow(), room=2, per_endpoint=2, busy={}):
            if delivered:
                self.endpoint.call(call)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        """Retries fall due; claims run out."""
        self.house.wait(hours=hours)

    @rule()
    def an_operator_redrives(self) -> None:
        """Everything that was given up."""
        for parked in self.house.subscriber.get(self.path, state="parked", limit=100).expect(200)["items"]:
            self.house.subscriber.get(f"/deliveries/{parked['delivery_id']}").expect(200)
            self.house.subscriber.post(f"/deliveries/{parked['delivery_id']}/redrive").expect(200)

    @invariant()
    def each_subject_is_in_order(self) -> None:
        """First taken in sequence, without a gap."""
        if hasattr(self, "endpoint"):
            for taken in self.endpoint.taken.values():
                assert taken == list(range(1, len(taken) + 1))

    def teardown(self) -> None:
        """When the endpoint is well again, everything arrives."""
        if not hasattr(self, "house"):
            return
        self.endpoint.failing = 0
        for _ in range(4):
            self.house.wait(days=2)
            self.house.push(calls_max=2)
            self.an_operator_redrives()
            self.house.push(calls_max=2)
        assert {s: len(t) for s, t in self.endpoint.taken.items()} == dict(self.sent)
        self.house.service.database.close()


@pytest.mark.req("N-05")
@pytest.mark.req("X-02")
def test_no_mixture_of_failures_breaks_the_order_or_loses_an_event() -> None:
    """Each run is another story; a failing one is told step by step."""
    from services.notifications.tests.conftest import House, settings_for  # noqa: PLC0415 the house without a fixture

    with tempfile.TemporaryDirectory() as folder:

        def make() -> Any:
            clock = FixedClock(datetime(2026, 11, 20, 3, 0, tzinfo=UTC))
            service = bootstrap(settings_for(f"sqlite:///{Path(folder)}/{new_id()}.db"), clock=clock)
            migrate(service.database, service.migrations)
            return House(service, clock, None)  # type: ignore[arg-type]

        machine = type("Machine", (Lanes,), {"make_house": staticmethod(make)})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=6,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
