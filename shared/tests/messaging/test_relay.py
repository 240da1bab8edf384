import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from gongzheng.clock import SystemClock
from gongzheng.messaging import feed, relay
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.outbox import Row
from gongzheng.messaging.relay import Relay

from .conftest import NOTED, Noted, Service, close


class FakeBroker:
    """Confirms what it is sent, at once or when told, and refuses what it is told to refuse."""

    depth = 3

    def __init__(self) -> None:
        self.received: list[tuple[str, int]] = []
        self.refuses: set[tuple[str, int]] = set()
        self.away = False
        self.withhold = False
        self.started_over = 0
        self.pending: list[tuple[Future[dict[int, str]], dict[int, str]]] = []

    def send(self, rows: Sequence[Row]) -> "Future[dict[int, str]]":
        """Take a batch."""
        if self.away:
            raise Outage("away")
        answer: Future[dict[int, str]] = Future()
        taken = [(row.subject, feed_sequence(row)) for row in rows]
        self.received += taken
        refused = {row.id: "no route" for row, key in zip(rows, taken, strict=True) if key in self.refuses}
        self.pending.append((answer, refused))
        if not self.withhold:
            self.confirm()
        return answer

    def confirm(self) -> None:
        """Answer every batch that waits."""
        for answer, refused in self.pending:
            answer.set_result(refused)
        self.pending.clear()

    def is_blocked(self) -> bool:
        """Never."""
        return False

    def start_over(self) -> None:
        """Count it, and let what waits be lost."""
        self.started_over += 1
        self.pending.clear()


def feed_sequence(row: Row) -> int:
    """The sequence number inside the body."""
    start = row.body.index('"sequence":"') + len('"sequence":"')
    return int(row.body[start : start + 10])


@contextmanager
def running(*relays: Relay) -> Iterator[None]:
    """The relays in threads of their own; a failure in one fails the test."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def run(one: Relay) -> None:
        try:
            one.run(stop)
        except BaseException as error:  # noqa: BLE001 shown by the test below
            failures.append(error)
        finally:
            one._mechanism.database.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in relays]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in threads)
        assert failures == []


def wait_for(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Poll until true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def published(service: Service) -> list[tuple[str, int]]:
    """(subject, sequence) in the order of the log."""
    rows = service.mechanism.execute(
        "SELECT subject, sequence FROM outbox WHERE position IS NOT NULL ORDER BY position"
    ).fetchall()
    return [(subject, sequence) for subject, sequence in rows]


@pytest.mark.req("X-01")
def test_what_was_committed_is_published_and_marked_in_order(cases: Service) -> None:
    """The log's positions are gapless from 1 and keep the order of each aggregate."""
    broker = FakeBroker()
    cases.note("a", 1, 2, 3)
    with running(Relay(cases.mechanism, broker, batch=2)):
        wait_for(lambda: len(published(cases)) == 3)
        cases.note("b", 1)
        cases.note("a", 4)
        wait_for(lambda: len(published(cases)) == 5)

    assert published(cases) == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("a", 4)]
    assert broker.received == published(cases)
    assert [entry.position for entry in feed.read(cases.mechanism)] == [1, 2, 3, 4, 5]


@pytest.mark.req("X-01")
def test_what_was_rolled_back_is_never_published(cases: Service) -> None:
    """An event exists if and only if its change committed."""
    broker = FakeBroker()
    with contextlib.suppress(ZeroDivisionError), cases.uow() as uow:
        uow.emit("a", Noted(n=1))
        raise ZeroDivisionError
    with running(Relay(cases.mechanism, broker)):
        cases.note("a", 2)
        wait_for(lambda: len(published(cases)) == 1)

    assert broker.received == [("a", 1)]


def test_an_event_reaches_the_transport_well_before_the_next_poll(make_service: Callable[..., Service]) -> None:
    """The commit wakes the relay; polling is only the fallback."""
    cases = make_service("cases", clock=SystemClock())
    broker = FakeBroker()
    with running(one := Relay(cases.mechanism, broker)):
        one.leading.wait(5)
        time.sleep(0.3)
        start = time.monotonic()
        cases.note("a", 1)
        wait_for(lambda: broker.received)
        assert time.monotonic() - start < relay.POLL_S / 2


@pytest.mark.req("X-01")
def test_what_was_never_confirmed_is_published_again(cases: Service) -> None:
    """A relay that dies between publishing and marking repeats itself: twice on the wire, once in effect."""
    broker = FakeBroker()
    broker.withhold = True
    cases.note("a", 1, 2)
    first = Relay(cases.mechanism, broker)
    with first._outbox.leading(threading.Event()):
        first._under_way.append(relay._UnderWay(rows := first._claim(), broker.send(rows)))
    broker.withhold = False

    with running(Relay(cases.mechanism, broker)):
        wait_for(lambda: len(published(cases)) == 2)

    assert broker.received == [("a", 1), ("a", 2)] * 2


@pytest.mark.req("X-02")
def test_a_refused_row_holds_back_its_own_lane_only(cases: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later rows of the lane are not marked before it, even those under way already; the error is on record."""
    monkeypatch.setattr(relay, "_HOLD_START_S", 0.2)
    monkeypatch.setattr(relay, "_HOLD_MAX_S", 0.4)
    broker = FakeBroker()
    broker.refuses = {("a", 2)}
    cases.note("a", 1, 2, 3)
    cases.note("b", 1, 2)
    cases.note("a", 4)

    with running(Relay(cases.mechanism, broker, batch=2)):
        wait_for(lambda: len(published(cases)) == 3)
        cases.note("b", 3)
        wait_for(lambda: len(published(cases)) == 4)
        assert published(cases) == [("a", 1), ("b", 1), ("b", 2), ("b", 3)]
        assert cases.scalar("SELECT error FROM outbox WHERE subject = 'a' AND sequence = 2") == "no route"
        broker.refuses = set()
        wait_for(lambda: len(published(cases)) == 7)

    assert published(cases)[4:] == [("a", 2), ("a", 3), ("a", 4)]
    assert cases.scalar("SELECT count(*) FROM outbox WHERE error IS NOT NULL") == 0


@pytest.mark.req("X-02")
def test_many_refused_rows_of_one_lane_hold_it_back_once(cases: Service) -> None:
    """The wait doubles from try to try, not from row to row."""
    broker = FakeBroker()
    broker.refuses = {("a", n) for n in range(1, 9)}
    cases.note("a", *range(1, 9))
    one = Relay(cases.mechanism, broker)
    with one._outbox.leading(threading.Event()):
        one.step()
    assert one._hold_s == {("case", "a"): relay._HOLD_START_S}


@pytest.mark.req("X-02")
def test_a_transport_that_never_confirms_is_begun_anew(cases: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits behind a confirmation that was lost would wait for ever."""
    monkeypatch.setattr(relay, "CONFIRM_TIMEOUT_S", 0.2)
    broker = FakeBroker()
    broker.withhold = True
    cases.note("a", 1)
    with running(Relay(cases.mechanism, broker)):
        wait_for(lambda: broker.started_over)
        broker.withhold = False
        wait_for(lambda: published(cases) == [("a", 1)])


def test_a_transport_that_is_away_is_waited_for(cases: Service) -> None:
    """Nothing is lost and nothing is reordered while the broker is gone."""
    broker = FakeBroker()
    broker.away = True
    cases.note("a", 1, 2)
    with running(Relay(cases.mechanism, broker)):
        time.sleep(0.3)
        assert published(cases) == []
        broker.away = False
        wait_for(lambda: len(published(cases)) == 2)

    assert published(cases) == [("a", 1), ("a", 2)]


def test_a_transport_that_refuses_nearly_everything_counts_as_away(
    cases: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held in memory has a limit."""
    monkeypatch.setattr(relay, "_HELD_LANES_MAX", 3)
    broker = FakeBroker()
    for n in range(5):
        cases.note(f"s{n}", 1)
    broker.refuses = {(f"s{n}", 1) for n in range(5)}
    with running(one := Relay(cases.mechanism, broker)):
        wait_for(lambda: len(broker.received) >= 10)
        broker.refuses = set()
        wait_for(lambda: len(published(cases)) == 5)

    assert one._held_until == {}


def test_a_confirmation_that_never_comes_counts_as_an_outage(cases: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows go out again on the next connection."""
    monkeypatch.setattr(relay, "CONFIRM_TIMEOUT_S", 0.3)
    broker = FakeBroker()
    broker.withhold = True
    cases.note("a", 1)
    with running(Relay(cases.mechanism, broker)):
        wait_for(lambda: len(broker.received) >= 2)
        broker.withhold = False
        wait_for(lambda: published(cases) == [("a", 1)])


@pytest.mark.req("X-01")
def test_only_one_relay_leads_and_another_takes_over_within_seconds(make_service: Callable[..., Service]) -> None:
    """Two relays on one outbox: each event is published by one of them, and none is left when the leader goes."""
    cases = make_service("cases")
    first_broker, second_broker = FakeBroker(), FakeBroker()
    first, second = Relay(cases.mechanism, first_broker), Relay(cases.mechanism, second_broker)
    with running(second):
        with running(first):
            wait_for(lambda: first.leading.is_set() or second.leading.is_set())
            cases.note("a", 1)
            wait_for(lambda: len(published(cases)) == 1)
            assert first.leading.is_set() != second.leading.is_set()
            time.sleep(0.2)
        start = time.monotonic()
        wait_for(second.leading.is_set)
        cases.note("a", 2)
        wait_for(lambda: len(published(cases)) == 2)
        assert time.monotonic() - start < 3

    assert sorted(first_broker.received + second_broker.received) == [("a", 1), ("a", 2)]


@pytest.fixture
def postgres_cases(make_service: Callable[..., Service], request: pytest.FixtureRequest) -> Service:
    """The publishing service on PostgreSQL."""
    request.applymarker(pytest.mark.real)
    return make_service("cases")


only_postgresql = pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)


@only_postgresql
@pytest.mark.req("X-01", "N-06")
def test_a_late_commit_is_never_skipped_by_a_reader_of_the_log(postgres_cases: Service) -> None:
    """A transaction that took its id early and committed late gets its position after those who committed before it."""
    cases = postgres_cases
    database = cases.mechanism.database
    late = psycopg.connect(dbname=database.database, **database.connect_params)
    insert = (
        "INSERT INTO outbox (event_id, type, stream, subject, sequence, dataclass, body, recorded_at)"
        " VALUES ('late', %s, 'case', 'late', 1, 'internal', '{\"sequence\":\"0000000001\"}', '')"
    )
    late.execute(insert, (NOTED,))
    broker = FakeBroker()
    with running(Relay(cases.mechanism, broker, batch=2)):
        cases.note("a", *range(1, 8))
        wait_for(lambda: len(published(cases)) == 7)
        seen = feed.read(cases.mechanism)
        late.commit()
        late.close()
        cases.note("b", 1)
        wait_for(lambda: len(published(cases)) == 9)
    after = feed.read(cases.mechanism, after=seen[-1].position)

    assert sorted(entry.event_id == "late" for entry in after) == [False, True]
    assert cases.scalar("SELECT id FROM outbox WHERE event_id = 'late'") == 1, "its id is the lowest of all"


@only_postgresql
@pytest.mark.req("X-01")
def test_a_late_commit_is_published_also_while_the_pipeline_never_runs_empty(postgres_cases: Service) -> None:
    """Reading on from the last id would never look back under steady load."""
    cases = postgres_cases
    broker = FakeBroker()
    one = Relay(cases.mechanism, broker, batch=2)
    cases.note("a", *range(1, 101))
    cases.mechanism.execute("UPDATE outbox SET published_at = 'uncommitted' WHERE sequence = 1")
    with one._outbox.leading(threading.Event()):
        for _ in range(4):
            one.step()
        cases.mechanism.execute("UPDATE outbox SET published_at = NULL WHERE sequence = 1")
        for _ in range(relay._SWEEP_EVERY + 1):
            one.step()
            assert one._under_way

    assert ("a", 1) in broker.received


@only_postgresql
@pytest.mark.req("X-01")
def test_the_relay_survives_the_loss_of_its_database_session(
    postgres_cases: Service, request: pytest.FixtureRequest
) -> None:
    """As in a fail-over: the session with the lock is cut, a new one leads, and positions go on without a gap."""
    cases = postgres_cases
    server = request.getfixturevalue("postgres_server")
    broker = FakeBroker()
    with running(one := Relay(cases.mechanism, broker)):
        cases.note("a", 1)
        wait_for(lambda: len(published(cases)) == 1)
        assert server.terminate_connections(cases.mechanism.database.database) >= 1
        wait_for(lambda: not one.leading.is_set())
        close(cases.mechanism.database)
        cases.note("a", 2)
        wait_for(lambda: len(published(cases)) == 2)

    assert [entry.position for entry in feed.read(cases.mechanism)] == [1, 2]


@only_postgresql
@pytest.mark.req("X-01")
def test_a_relay_that_lost_its_lock_can_mark_nothing(postgres_cases: Service, request: pytest.FixtureRequest) -> None:
    """Lock and marks share one session, so two leaders cannot both write positions."""
    cases = postgres_cases
    server = request.getfixturevalue("postgres_server")
    cases.note("a", 1)
    one = Relay(cases.mechanism, FakeBroker())
    with one._outbox.leading(threading.Event()):
        rows = one._claim()
        server.terminate_connections(cases.mechanism.database.database)
        with pytest.raises(psycopg.OperationalError):
            one._outbox.mark([row.id for row in rows])
    close(cases.mechanism.database)

    assert cases.scalar("SELECT count(*) FROM outbox WHERE position IS NULL") == 1
