import sqlite3
from pathlib import Path

import peewee
import psycopg
import pytest
from playhouse.pool import MaxConnectionsExceeded

from gongzheng.messaging.failures import Outage, describe, is_lock_timeout, is_outage

from .conftest import Fault, Service, deliveries


def wrapped(error: Exception) -> Exception:
    """As peewee wraps the driver's errors: without "from"."""
    try:
        try:
            raise error
        except type(error) as inner:
            raise peewee.OperationalError(inner, *inner.args)  # noqa: B904 as peewee does
    except peewee.OperationalError as outer:
        return outer


OUTAGES = [
    Outage("away"),
    peewee.InterfaceError("connection already closed"),
    psycopg.OperationalError("server closed the connection unexpectedly"),
    psycopg.errors.AdminShutdown("terminating connection"),
    psycopg.errors.DeadlockDetected("deadlock detected"),
    psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT"),
    psycopg.errors.TooManyConnections("sorry"),
    MaxConnectionsExceeded("all in use"),
]
FAULTS = [
    Fault("no"),
    psycopg.errors.UniqueViolation("duplicate key"),
    psycopg.errors.UndefinedColumn("no such column"),
    psycopg.errors.LockNotAvailable("a handler waits for a lock of its own"),
    psycopg.errors.QueryCanceled("a handler is too slow"),
    psycopg.DataError("NUL"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
def test_an_outage_is_told_from_a_fault_bare_and_wrapped(error: Exception) -> None:
    """The same again later is the right answer."""
    assert is_outage(error)
    assert is_outage(wrapped(error))


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_a_fault_is_no_outage(error: Exception) -> None:
    """The same again would fail again, and hold up everybody else."""
    assert not is_outage(error)
    assert not is_outage(wrapped(error))


def test_a_locked_or_full_sqlite_file_is_an_outage_and_wrong_sql_is_not(tmp_path: Path) -> None:
    """Both are OperationalError there; the code tells."""
    first, second = (sqlite3.connect(tmp_path / "x.db", timeout=0, isolation_level=None) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        second.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as wrong:
        second.execute("SELECT nothing FROM nowhere")
    first.close()
    second.close()

    assert is_outage(locked.value)
    assert is_outage(wrapped(locked.value))
    assert not is_outage(wrong.value)


def test_an_error_is_described_without_its_text() -> None:
    """Texts may name people; they are added on request, and cut."""
    assert describe(Fault("Li Wei, 13800000000")) == "Fault no-such-thing"
    assert describe(psycopg.errors.UniqueViolation("x")) == "UniqueViolation 23505"
    assert describe(ValueError("y" * 1000), with_text=True) == f"ValueError: {'y' * 300}"


@pytest.mark.real
@pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
def test_a_lane_that_is_held_for_long_is_an_outage(cases: Service, fees: Service) -> None:
    """Nobody dies of it and nothing is parked for it; the batch is tried again."""
    cases.note("a", 1, 3, 2)
    fees.consumer.process(deliveries(cases.bodies(), 1))
    database = fees.mechanism.database
    database.execute_sql("SET lock_timeout = '100ms'")
    with psycopg.connect(dbname=database.database, **database.connect_params) as other:
        other.execute("SELECT * FROM lane FOR UPDATE")
        with pytest.raises(Outage) as busy:
            fees.consumer.process(deliveries(cases.bodies(), 3))
        assert is_lock_timeout(busy.value)
        other.rollback()

    fees.consumer.process(deliveries(cases.bodies(), 2, 3))
    assert fees.effects("a") == [1, 2, 3]
