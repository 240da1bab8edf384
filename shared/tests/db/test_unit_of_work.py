"""The unit of work: everything it says happened commits together, or nothing does."""

import threading
from collections.abc import Callable

import pytest
from peewee import Database, IntegrityError

from gongzheng.contracts import ContractViolation
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import Actor, UnitOfWork, payload
from gongzheng.messaging.envelope import Ed25519Signer, Envelope, Trust

from .conftest import NOW, Opened

Make = Callable[[Database], Mechanism]


def outbox(mechanism: Mechanism) -> list[Envelope]:
    """All events in the outbox, in the order of their rows."""
    return [Envelope.parse(row[0]) for row in mechanism.execute("SELECT body FROM outbox ORDER BY id").fetchall()]


def opened(size: int = 1) -> Opened:
    """An event."""
    return Opened(thing_id="a", size=size)


@pytest.mark.req("X-01")
def test_events_and_audit_rows_commit_together(database: Database, make_mechanism: Make) -> None:
    """Leaving the outermost block cleanly writes the events, numbered per subject, and the audit rows."""
    mechanism = make_mechanism(database)
    with UnitOfWork(mechanism, actor=Actor(subject="u1", name="王")) as uow:
        with uow:
            uow.emit("a", opened(1))
            uow.emit("b", opened(2))
        uow.emit("a", opened(3))
        uow.audit("thing.open", "thing/a", size=3)
    assert [(e.subject, e.sequence, e.data["size"]) for e in outbox(mechanism)] == [
        ("a", 1, 1),
        ("b", 1, 2),
        ("a", 2, 3),
    ]
    row = mechanism.execute("SELECT actor, action, resource, facts FROM audit").fetchone()
    assert tuple(row) == ("u1", "thing.open", "thing/a", '{"size": 3}')


@pytest.mark.req("X-01")
def test_an_exception_leaves_nothing_behind(database: Database, make_mechanism: Make) -> None:
    """Neither events, nor audit rows, nor the sequence numbers they would have had."""
    mechanism = make_mechanism(database)
    uow = UnitOfWork(mechanism)

    def fail_late() -> None:
        with uow:
            uow.emit("a", opened())
            uow.audit("thing.open", "thing/a")
            uow.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with uow:
        uow.emit("a", opened())
    assert [e.sequence for e in outbox(mechanism)] == [1]
    assert mechanism.execute("SELECT count(*) FROM audit").fetchone()[0] == 0


@pytest.mark.req("X-03")
def test_an_event_that_breaks_its_contract_is_not_emitted(database: Database, make_mechanism: Make) -> None:
    """The contract is checked where the event is said, and the error names the place but not the value."""
    mechanism = make_mechanism(database)
    with pytest.raises(ContractViolation, match=r"data\.size breaks the rule 'minimum'"), UnitOfWork(mechanism) as uow:
        uow.emit("a", opened(-1))
    assert outbox(mechanism) == []


@pytest.mark.req("X-03")
def test_an_event_is_signed_and_carries_its_cause(database: Database, make_mechanism: Make) -> None:
    """What follows from an event names it as its cause and belongs to the same correlation."""
    mechanism = make_mechanism(database)
    with UnitOfWork(mechanism) as uow:
        uow.emit("a", opened())
    first = outbox(mechanism)[0]
    with UnitOfWork(mechanism, cause=first) as uow:
        uow.emit("b", opened())
    second = outbox(mechanism)[1]
    assert (second.causation_id, second.correlation_id, second.time) == (first.id, first.correlation_id, NOW)
    Trust({"https://cases.example/": {"k1": Ed25519Signer("k1", bytes(32)).public_bytes()}}).verify(second)


@pytest.mark.req("X-01")
def test_what_is_left_for_the_end_commits_with_the_rest_or_not_at_all(database: Database, make_mechanism: Make) -> None:
    """Statements, events and audit rows are written together, when the outermost block is left."""
    mechanism = make_mechanism(database)
    timer = ("INSERT INTO timer (name, last_run_at) VALUES (?, ?)", ("t", "now"))
    uow = UnitOfWork(mechanism)

    def fail() -> None:
        with uow:
            uow.write_last(*timer)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with uow:
        uow.emit("a", opened())
        uow.audit("thing.open", "thing/a")
        uow.write_last(*timer)
        assert mechanism.execute("SELECT count(*) FROM timer").fetchone()[0] == 0
    assert mechanism.execute("SELECT name FROM timer").fetchall() == [("t",)]
    assert len(outbox(mechanism)) == mechanism.execute("SELECT count(*) FROM audit").fetchone()[0] == 1


@pytest.mark.req("X-02")
def test_an_aggregate_that_begins_is_numbered_from_one(database: Database, make_mechanism: Make) -> None:
    """Later units of work go on from there; to call an aggregate new that is not commits nothing."""
    mechanism = make_mechanism(database)
    with UnitOfWork(mechanism) as uow:
        uow.emit("a", opened(1), first=True)
        uow.emit("b", opened(1), first=True)
        uow.emit("a", opened(2))
    with UnitOfWork(mechanism) as uow:
        uow.emit("a", opened(3))
    with pytest.raises(IntegrityError), UnitOfWork(mechanism) as uow:
        uow.emit("a", opened(4), first=True)
    assert sorted((e.subject, e.sequence) for e in outbox(mechanism)) == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]


@pytest.mark.req("X-02")
def test_sequences_have_no_gap_under_concurrent_writers(database: Database, make_mechanism: Make) -> None:
    """Eight threads write to the same two subjects, some fail; each subject's numbers stay gapless and in row order."""
    mechanism = make_mechanism(database)
    failures: list[BaseException] = []

    def write(thread: int) -> None:
        try:
            for turn in range(12):
                uow = UnitOfWork(mechanism)
                try:
                    with uow:
                        for subject in ("a", "b") if thread % 2 else ("b", "a"):
                            uow.emit(subject, opened())
                        if turn % 4 == 3:
                            uow.flush()
                            raise KeyError  # noqa: TRY301 the failure is the point
                except KeyError:
                    pass
        except BaseException as error:  # noqa: BLE001 handed to the test's own thread
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for subject in ("a", "b"):
        assert [e.sequence for e in outbox(mechanism) if e.subject == subject] == list(range(1, 73))


def test_a_payload_has_only_json_values() -> None:
    """Dates, moments, enums, tuples and nested records all become plain JSON."""
    assert payload((NOW, NOW.date(), opened(), {"x": frozenset({1})})) == [
        "2026-11-20T08:00:00Z",
        "2026-11-20",
        {"thing_id": "a", "size": 1},
        {"x": [1]},
    ]
