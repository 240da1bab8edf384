"""Relays beside each other and relays at rest: who publishes which lane, and who is told of a commit."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from gongzheng.clock import SystemClock
from gongzheng.messaging import feed, relay
from gongzheng.messaging.outbox import outbox_of
from gongzheng.messaging.relay import Relay

from .conftest import Noted, Service
from .test_relay import FakeBroker, only_postgresql, postgres_cases, published, running, wait_for

__all__ = ["postgres_cases"]


@only_postgresql
@pytest.mark.req("X-01")
def test_only_a_resting_relay_is_sent_word(postgres_cases: Service) -> None:
    """NOTIFY makes commits queue up, so nobody sends it to a relay that comes by anyway."""
    cases = postgres_cases
    database = cases.mechanism.database
    outbox = outbox_of(cases.mechanism)
    listening = psycopg.connect(dbname=database.database, autocommit=True, **database.connect_params)
    listening.execute("LISTEN outbox")

    def words() -> int:
        return len(list(listening.notifies(timeout=0.3)))

    with outbox.leading(threading.Event()):
        cases.note("a", 1)
        assert words() == 0, "nobody rests yet"
        outbox.wait(0.01)
        cases.note("a", 2)
        assert words() == 1
        outbox.watch()
        cases.note("a", 3)
        assert words() == 0
    listening.close()


@only_postgresql
@pytest.mark.req("X-01")
def test_a_relay_does_not_go_to_rest_behind_the_back_of_who_is_about_to_commit(postgres_cases: Service) -> None:
    """Who found it awake and sent no word is waited for; a relay asleep would not hear of that event."""
    cases = postgres_cases
    outbox = outbox_of(cases.mechanism)
    with outbox.leading(threading.Event()):
        written, may_commit = threading.Event(), threading.Event()

        def slow() -> None:
            with cases.uow() as uow:
                uow.emit("a", Noted(n=1))
                uow.flush()
                written.set()
                may_commit.wait(5)
            cases.mechanism.database.close()

        thread = threading.Thread(target=slow)
        thread.start()
        written.wait(5)
        for _ in range(3):
            outbox.wait(10)  # returns at once: it cannot rest
        assert outbox.claim(10, after=0, under_way=[], held=[]) == []
        may_commit.set()
        thread.join(5)
        start = time.monotonic()
        outbox.wait(10)  # rests now, and asks for one more look
        assert [row.subject for row in outbox.claim(10, after=0, under_way=[], held=[])] == ["a"]
        assert time.monotonic() - start < 1


@only_postgresql
@pytest.mark.req("X-01", "X-02")
def test_relays_share_an_outbox_by_lanes_and_number_it_together(make_service: Callable[..., Service]) -> None:
    """Three relays, a lane always with the same one: order within each lane, and one gapless log of them all."""
    cases = make_service("cases", relay_partitions=3)
    brokers = [FakeBroker() for _ in range(3)]
    relays = [Relay(cases.mechanism, broker, partition=n, batch=5) for n, broker in enumerate(brokers)]
    with running(*relays):
        for turn in range(20):
            for subject in "abcdefgh":
                cases.note(subject, turn)
        wait_for(lambda: len(published(cases)) == 160)

    assert [entry.position for entry in feed.read(cases.mechanism)] == list(range(1, 161))
    for subject in "abcdefgh":
        homes = [broker for broker in brokers if any(s == subject for s, _ in broker.received)]
        assert len(homes) == 1, "one lane, one relay"
        assert [n for s, n in homes[0].received if s == subject] == list(range(1, 21))
    assert sum(bool(broker.received) for broker in brokers) > 1


@only_postgresql
@pytest.mark.req("X-01")
def test_relays_told_different_numbers_never_publish_the_same_lane(make_service: Callable[..., Service]) -> None:
    """While a deployment changes the number, an old relay for everything keeps the new ones waiting."""
    cases = make_service("cases", relay_partitions=2)
    whole, half = replace(cases.mechanism, relay_partitions=1), cases.mechanism
    old_broker, new_broker = FakeBroker(), FakeBroker()
    old, new = Relay(whole, old_broker), Relay(half, new_broker, partition=1)
    with running(new):
        with running(old):
            wait_for(lambda: old.leading.is_set() or new.leading.is_set())
            assert old.leading.is_set() != new.leading.is_set()
        wait_for(new.leading.is_set)
    with pytest.raises(ValueError, match="relay 2 of 2"):
        Relay(half, FakeBroker(), partition=2)
    with pytest.raises(ValueError, match="relay 0 of 5"):
        Relay(replace(half, relay_partitions=5), FakeBroker())


@only_postgresql
@pytest.mark.req("X-01")
def test_under_load_without_a_word_nothing_waits_for_the_next_poll(make_service: Callable[..., Service]) -> None:
    """Producers at full speed against a relay that goes to rest and wakes again and again: all arrives promptly."""
    cases = make_service("cases", clock=SystemClock())
    broker = FakeBroker()
    with running(one := Relay(cases.mechanism, broker)):
        one.leading.wait(5)

        def produce(name: str) -> None:
            for n in range(60):
                cases.note(name, n)
                if n % 20 == 19:
                    time.sleep(0.4)  # long enough for the relay to rest
            cases.mechanism.database.close()

        threads = [threading.Thread(target=produce, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        start = time.monotonic()
        wait_for(lambda: len(published(cases)) == 180)
        assert time.monotonic() - start < relay.POLL_S / 2


@only_postgresql
@pytest.mark.req("X-01")
def test_a_relay_that_fell_silent_is_followed_by_another(
    postgres_cases: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the network swallows its words: the database ends its session, and with that its lead."""
    monkeypatch.setattr("gongzheng.messaging.outbox.SILENCE_S", 1)
    cases = postgres_cases
    silent, other = Relay(cases.mechanism, FakeBroker()), Relay(cases.mechanism, FakeBroker())
    with silent._outbox.leading(threading.Event()), running(other):
        assert not other.leading.is_set()
        wait_for(other.leading.is_set)
        with pytest.raises(psycopg.OperationalError):
            silent._claim()


@only_postgresql
@pytest.mark.req("X-01")
def test_a_relay_that_waits_for_a_blocked_broker_keeps_its_lead(
    postgres_cases: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has nothing to ask of the database meanwhile, and says so."""
    monkeypatch.setattr("gongzheng.messaging.outbox.SILENCE_S", 1)
    monkeypatch.setattr(relay, "_SIGN_OF_LIFE_S", 0.2)
    cases = postgres_cases
    broker = FakeBroker()
    broker.withhold = True
    monkeypatch.setattr(broker, "is_blocked", lambda: True)
    cases.note("a", 1)
    with running(one := Relay(cases.mechanism, broker)):
        wait_for(lambda: broker.received)
        time.sleep(3)
        assert one.leading.is_set()
        broker.withhold = False
        broker.confirm()
        wait_for(lambda: published(cases) == [("a", 1)])
    assert broker.received == [("a", 1)]
