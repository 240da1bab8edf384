"""A projection made again from the log: damaged and mended, while its events keep arriving, and only if it is pure."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gongzheng.clock import SystemClock
from gongzheng.db.unit_of_work import Actor
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.logs import database_log, file_log
from gongzheng.messaging.projection import Projection
from gongzheng.messaging.replay import Replay, ReplayFailed
from gongzheng.messaging.shadow import Shadow
from gongzheng.messaging.skips import Skips

from .conftest import NOTED, Seen, Service, deliveries, lane_of
from .test_relay import wait_for

pytestmark = pytest.mark.req("X-02")
TALLY = "CREATE TABLE tally (subject text PRIMARY KEY, last_n bigint NOT NULL, events bigint NOT NULL, note text)"
INDEX = "CREATE UNIQUE INDEX tally_subject_n ON tally (subject, last_n)"


def count_note(uow: Any, event: Envelope) -> None:
    """The projection: the last number of each case, and how many notes it had."""
    uow.mechanism.execute(
        "INSERT INTO tally (subject, last_n, events) VALUES (?, ?, 1) ON CONFLICT (subject)"
        " DO UPDATE SET last_n = excluded.last_n, events = tally.events + 1",
        (event.subject, event.data["n"]),
    )


PROJECTION = Projection(name="tally", tables=("tally",), handlers={NOTED: count_note}, follows=(("cases", "case"),))


@pytest.fixture
def fees(make_service: Callable[..., Service]) -> Service:
    """A service that keeps a tally beside its effects."""
    service = make_service("fees", clock=SystemClock())
    service.mechanism.execute(TALLY)
    service.mechanism.execute(INDEX)
    own = service.on_noted

    def both(uow: Any, event: Envelope) -> None:
        own(uow, event)
        count_note(uow, event)

    service.on_noted = both  # type: ignore[method-assign]
    return service


def published(cases: Service) -> None:
    """Give every event its place in the log, as the relay does."""
    cases.mechanism.execute("UPDATE outbox SET published_at = recorded_at, position = id WHERE published_at IS NULL")


def log_of(cases: Service) -> Callable[[Any], tuple[list[str], Any]]:
    """The producer's log, by its database."""
    params = dict(cases.mechanism.database.connect_params)
    name = cases.mechanism.database.database
    if not cases.mechanism.postgresql:
        return database_log(f"sqlite:///{name}", "case")
    server = f"{params['user']}:{params['password']}@{params['host']}:{params['port']}"
    return database_log(f"postgresql://{server}/{name}", "case")


def replay(fees: Service, cases: Service, projection: Projection = PROJECTION) -> Replay:
    """The projection, to be made again from the producer's database."""
    return Replay(fees.consumer, projection, [("cases", log_of(cases))])


def tally(fees: Service) -> list[tuple[Any, ...]]:
    """What the projection holds."""
    return fees.mechanism.execute("SELECT subject, last_n, events, note FROM tally ORDER BY subject").fetchall()


@pytest.fixture
def filled(cases: Service, fees: Service) -> list[tuple[Any, ...]]:
    """Three cases with notes, all taken in; what the projection then holds."""
    for subject in ("a", "b", "c"):
        cases.note(subject, 1, 2, 3)
    published(cases)
    fees.consumer.process(deliveries(cases.bodies()))
    return tally(fees)


def test_an_undamaged_projection_is_found_equal(cases: Service, fees: Service, filled: list[tuple[Any, ...]]) -> None:
    """And nothing is touched."""
    outcome = replay(fees, cases).run(check=True)
    assert outcome.equal
    assert not outcome.replaced
    assert outcome.events == 9
    assert replay(fees, cases).run().replaced is False
    assert tally(fees) == filled


def test_a_damaged_projection_is_told_and_mended(cases: Service, fees: Service, filled: list[tuple[Any, ...]]) -> None:
    """A row lost, one changed and one too many; who mended it stands in the audit trail; no effect happens again."""
    fees.mechanism.execute("DELETE FROM tally WHERE subject = 'a'")
    fees.mechanism.execute("UPDATE tally SET last_n = 7 WHERE subject = 'b'")
    fees.mechanism.execute("INSERT INTO tally (subject, last_n, events) VALUES ('z', 1, 1)")
    effects = fees.effects()

    (found,) = replay(fees, cases).run(check=True).differences
    assert (found.rows, found.expected, found.missing, found.unexpected) == (3, 3, 2, 2)
    assert tally(fees) != filled
    assert fees.scalar("SELECT count(*) FROM audit") == 0

    assert replay(fees, cases).run(actor=Actor(subject="op-1", name="operator")).replaced

    assert tally(fees) == filled
    assert replay(fees, cases).run(check=True).equal
    assert fees.effects() == effects
    assert fees.scalar("SELECT actor FROM audit WHERE action = 'projection.replay'") == "op-1"
    assert fees.scalar("SELECT count(*) FROM outbox") == 0


def test_what_was_skipped_waits_or_has_not_come_is_no_part_of_it(cases: Service, fees: Service) -> None:
    """The inbox decides, not the log: b is skipped over, c waits behind a failure, d has not arrived."""
    for subject in ("a", "b", "c", "d"):
        cases.note(subject, 1, 2)
    published(cases)
    fees.poison = {("b", 1), ("c", 1)}
    fees.consumer.process(deliveries(cases.bodies(), 1, 2, 3, 4, 5, 6))
    skips = Skips(fees.lanes)
    skips.request(lane_of("b"), "a duplicate", Actor(subject="op-1", name="one"))
    skips.confirm(lane_of("b"), Actor(subject="op-2", name="two"))
    assert tally(fees) == [("a", 2, 2, None), ("b", 2, 1, None)]

    assert replay(fees, cases).run(check=True).equal
    fees.mechanism.execute("DELETE FROM tally")
    replay(fees, cases).run()

    assert tally(fees) == [("a", 2, 2, None), ("b", 2, 1, None)]
    fees.poison = set()
    fees.lanes.retry(lane_of("c"))
    fees.consumer.process(deliveries(cases.bodies(), 7, 8))
    assert [row[:3] for row in tally(fees)] == [("a", 2, 2), ("b", 2, 1), ("c", 2, 2), ("d", 2, 2)]
    assert replay(fees, cases).run(check=True).equal


def test_events_that_arrive_meanwhile_are_neither_lost_nor_counted_twice(
    make_service: Callable[..., Service], fees: Service
) -> None:
    """A consumer goes on in another thread while the projection is damaged and made again, over and over."""
    cases = make_service("cases", clock=SystemClock())
    stop, trouble = threading.Event(), []

    def live() -> None:
        try:
            n = 0
            while not stop.is_set():
                n += 1
                for subject in ("a", "b", "c", "d"):
                    cases.note(subject, n)
                cases.mechanism.execute("UPDATE outbox SET published_at = '', position = id WHERE position IS NULL")
                new = cases.mechanism.execute("SELECT body FROM outbox ORDER BY id DESC LIMIT 4").fetchall()
                fees.consumer.process(deliveries([body for (body,) in reversed(new)]))
        except Exception as error:  # noqa: BLE001 told by the test's own thread
            trouble.append(error)
        finally:
            for service in (cases, fees):
                service.mechanism.database.close()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        wait_for(lambda: fees.scalar("SELECT count(*) FROM inbox") > 40, 20)
        for _ in range(4):
            before = fees.scalar("SELECT count(*) FROM inbox")
            fees.mechanism.execute("DELETE FROM tally WHERE subject = 'a'")
            fees.mechanism.execute("UPDATE tally SET events = events + 1 WHERE subject = 'b'")
            assert replay(fees, cases).run().replaced
            assert replay(fees, cases).run(check=True).equal
            wait_for(partial(_more_than, fees, before), 20)
    finally:
        stop.set()
        thread.join(20)

    assert trouble == []
    rounds = fees.scalar("SELECT count(*) FROM inbox") // 4
    assert [row[:3] for row in tally(fees)] == [(subject, rounds, rounds) for subject in ("a", "b", "c", "d")]
    assert fees.scalar("SELECT count(*) FROM parked") == 0


def _more_than(fees: Service, events: int) -> bool:
    return bool(fees.scalar("SELECT count(*) FROM inbox") > events)


def _emits(uow: Any, event: Envelope) -> None:
    count_note(uow, event)
    uow.emit(event.subject, Seen(n=1))


def _audits(uow: Any, event: Envelope) -> None:
    count_note(uow, event)
    uow.audit("seen", event.subject)


def _writes_elsewhere(uow: Any, event: Envelope) -> None:
    uow.mechanism.execute("DELETE FROM effect WHERE event_id = ?", (event.id,))


@pytest.mark.parametrize("handler", [_emits, _audits, _writes_elsewhere])
@pytest.mark.usefixtures("filled")
def test_a_handler_that_does_more_is_refused_by_the_database(
    cases: Service, fees: Service, handler: Callable[[Any, Envelope], None]
) -> None:
    """Whatever it tries, nothing but the shadow is written; afterwards the connection is as it was."""
    effects = fees.effects()
    impure = Projection(name="impure", tables=("tally",), handlers={NOTED: handler}, follows=(("cases", "case"),))
    fees.mechanism.execute("DELETE FROM tally WHERE subject = 'a'")
    with pytest.raises(ReplayFailed, match="no pure projection"):
        replay(fees, cases, impure).run()
    assert fees.effects() == effects
    assert fees.scalar("SELECT count(*) FROM outbox") == fees.scalar("SELECT count(*) FROM audit") == 0
    assert replay(fees, cases).run().replaced


@pytest.mark.usefixtures("filled")
def test_a_handler_that_fails_changes_nothing(cases: Service, fees: Service) -> None:
    """The event is named and its content is not."""

    def failing(_uow: Any, event: Envelope) -> None:
        raise ValueError(f"personal words about {event.subject}")

    broken = Projection(name="broken", tables=("tally",), handlers={NOTED: failing}, follows=(("cases", "case"),))
    before = tally(fees)
    with pytest.raises(ReplayFailed, match=r"the handler fails for event 01.*: ValueError$"):
        replay(fees, cases, broken).run()
    assert tally(fees) == before


@pytest.mark.usefixtures("filled")
def test_a_log_that_lacks_what_took_effect_here_is_not_believed(cases: Service, fees: Service, tmp_path: Path) -> None:
    """A producer restored from a backup must not take from others what they have; a whole log from a file does."""
    file = tmp_path / "log"
    file.write_text("\n".join(cases.bodies()[:-1]))
    before = tally(fees)
    lacking = Replay(fees.consumer, PROJECTION, [("cases", file_log(file, "case"))])
    with pytest.raises(ReplayFailed, match="1 events that took effect here are not in the log"):
        lacking.run(patience_s=0)
    assert tally(fees) == before

    file.write_text("\n".join([*cases.bodies(), *cases.bodies()]))
    fees.mechanism.execute("DELETE FROM tally")
    Replay(fees.consumer, PROJECTION, [("cases", file_log(file, "case"))]).run()
    assert tally(fees) == before


def test_what_the_relay_has_not_published_yet_is_waited_for(cases: Service, fees: Service) -> None:
    """An event may reach a consumer through the feed before it has its place in the log."""
    cases.note("a", 1, 2)
    fees.consumer.process(deliveries(cases.bodies()))
    fees.mechanism.execute("DELETE FROM tally")
    log, asked = log_of(cases), []

    def slow(cursor: Any) -> tuple[list[str], Any]:
        asked.append(cursor)
        if len(asked) == 2:
            published(cases)
        return log(cursor)

    assert Replay(fees.consumer, PROJECTION, [("cases", slow)]).run().replaced
    assert tally(fees) == [("a", 2, 2, None)]


@pytest.mark.usefixtures("filled")
def test_what_the_database_protects_is_compared_and_never_replaced(cases: Service, fees: Service) -> None:
    """Books are not written anew."""
    books = Projection(
        name="books", tables=("tally",), handlers={NOTED: count_note}, follows=(("cases", "case"),), rewritable=False
    )
    assert replay(fees, cases, books).run(check=True).equal
    with pytest.raises(ReplayFailed, match="can only be compared"):
        replay(fees, cases, books).run()


@pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
def test_a_consumer_at_work_is_not_waited_for_unless_at_the_same_row(
    cases: Service, fees: Service, filled: list[tuple[Any, ...]]
) -> None:
    """Somebody holds the inbox and one row: other rows are replaced at once, that row after he has ended."""
    begun, release = threading.Event(), threading.Event()

    def work() -> None:
        fees.mechanism.ensure_connected()
        with fees.mechanism.database.atomic():
            fees.mechanism.execute("LOCK TABLE inbox IN ROW EXCLUSIVE MODE")
            fees.mechanism.execute("UPDATE tally SET events = events WHERE subject = 'c'")
            begun.set()
            release.wait(30)
        fees.mechanism.database.close()

    fees.mechanism.execute("UPDATE tally SET events = 7 WHERE subject = 'a'")
    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun.wait(10)
        assert replay(fees, cases).run().replaced
        assert not release.is_set()
        assert tally(fees) == filled

        threading.Timer(1.0, release.set).start()
        other = Projection(name="other", tables=("tally",), handlers={NOTED: _count_twice}, follows=PROJECTION.follows)
        assert replay(fees, cases, other).run().replaced
    finally:
        release.set()
        thread.join(20)
    assert [row[2] for row in tally(fees)] == [6, 6, 6]


def _count_twice(uow: Any, event: Envelope) -> None:
    count_note(uow, event)
    count_note(uow, event)


def test_one_who_writes_the_same_rows_again_and_again_ends_the_replay(
    cases: Service, fees: Service, filled: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and not waited for without end."""
    monkeypatch.setattr(Shadow, "replace_real", lambda _shadow: None)
    fees.mechanism.execute("UPDATE tally SET events = 7")
    with pytest.raises(ReplayFailed, match="again and again"):
        replay(fees, cases).run(patience_s=1)
    assert len(filled) == 3
