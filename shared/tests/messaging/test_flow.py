"""Silence where there should be none is an alarm."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ulid import ULID

from gongzheng.clock import FixedClock
from gongzheng.commands.doctor import _flow
from gongzheng.expectations import Expectation, parse_expectations
from gongzheng.messaging.flow import flow_report, silent_streams

from .conftest import NOW, SOURCE, Service, deliveries

pytestmark = pytest.mark.req("X-08")
HOUR = timedelta(hours=1)


def test_expectations_are_written_in_one_line() -> None:
    """With units, and for the hours of a working day only where it says so."""
    assert parse_expectations(" cases.case=1h@office, fees.obligation=2d ,cases.case=30m") == (
        Expectation(producer="cases", stream="case", within=HOUR, office=True),
        Expectation(producer="fees", stream="obligation", within=timedelta(days=2)),
        Expectation(producer="cases", stream="case", within=timedelta(minutes=30)),
    )
    assert parse_expectations(" ") == ()


@pytest.mark.parametrize(
    "text", ["case=1h", "cases.case", "cases.case=0h", "cases.case=1y", "cases.case=1h,", "a.b=1h@"]
)
def test_anything_else_is_refused(text: str) -> None:
    """A misspelt expectation would never alarm."""
    with pytest.raises(ValueError, match="must be like"):
        parse_expectations(text)


def hear(service: Service, moment: datetime, *, stream: str = "case", type_: str = "cases.case.noted") -> None:
    """An event that was made at a moment took effect."""
    service.mechanism.execute(
        "INSERT INTO inbox (event_id, lane, sequence, type, received_at) VALUES (?, ?, 1, ?, ?)",
        (str(ULID.from_datetime(moment)), f"{SOURCE}|{stream}|x", f"cn.gongzheng.{type_}.v1", ""),
    )


def test_a_stream_that_others_publish_is_silent_when_nothing_of_it_took_effect_in_time(
    fees: Service, clock: FixedClock
) -> None:
    """Events of other streams, of other producers and of earlier do not count; nor that an old one came just now."""
    expected = parse_expectations("cases.case=1h")
    assert silent_streams(fees.mechanism, expected) == list(expected)
    hear(fees, NOW - HOUR - timedelta(seconds=1))
    hear(fees, NOW, stream="other")
    hear(fees, NOW, type_="oversight.case.noted")
    assert silent_streams(fees.mechanism, expected) == list(expected)
    hear(fees, NOW - timedelta(minutes=59))
    assert silent_streams(fees.mechanism, expected) == []
    clock.advance(timedelta(minutes=2))
    assert silent_streams(fees.mechanism, expected) == list(expected)


def test_a_stream_of_ones_own_is_silent_when_nothing_of_it_was_recorded_in_time(
    cases: Service, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not it is published; it is looked for no further back than need be."""
    monkeypatch.setattr("gongzheng.messaging.flow._PAGE", 3)
    expected = parse_expectations("cases.case=1h,cases.paper=1h")
    cases.note("a", 1, 2, 3, 4, 5)
    cases.mechanism.execute("UPDATE outbox SET stream = 'paper' WHERE sequence > 1")
    assert silent_streams(cases.mechanism, expected) == []
    cases.mechanism.execute("UPDATE outbox SET recorded_at = '2026-11-20T00:00:00.000000Z' WHERE sequence <= 2")
    assert [each.name for each in silent_streams(cases.mechanism, expected)] == ["cases.case"]
    clock.advance(HOUR + timedelta(seconds=1))
    assert len(silent_streams(cases.mechanism, expected)) == 2


@pytest.mark.parametrize(
    ("moment", "silent"),
    [
        (datetime(2026, 11, 20, 1, 59, tzinfo=UTC), False),  # 9:59 in Shanghai, a Friday: the day is too young
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), True),  # ten o'clock, nothing since nine
        (datetime(2026, 11, 20, 9, 30, tzinfo=UTC), False),  # half past five
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), False),  # a Saturday
    ],
)
def test_in_office_hours_only_working_time_counts(
    fees: Service, clock: FixedClock, moment: datetime, *, silent: bool
) -> None:
    """Nights, weekends and holidays are quiet by right."""
    clock.set(moment)
    expected = parse_expectations("cases.case=1h@office")
    assert bool(silent_streams(fees.mechanism, expected)) is silent
    hear(fees, moment)
    assert silent_streams(fees.mechanism, expected) == []


def test_the_report_names_what_is_silent_and_how_old_what_waits_is(
    make_service: Callable[..., Service], clock: FixedClock
) -> None:
    """What is parked is told before silence; what was skipped does not wait."""
    cases, fees = make_service("cases"), make_service("fees")
    expected = parse_expectations("cases.case=1h,oversight.complaint=1h")
    clock.set(datetime(2026, 11, 21, 3, 0, tzinfo=UTC))  # a Saturday
    hear(fees, clock.now())
    report = flow_report(fees.mechanism, 3600, expected)
    assert (report["status"], report["silent_streams"]) == ("silent", ["oversight.complaint"])
    cases.note("a", 1, 2)
    fees.consumer.process(deliveries(cases.bodies(), 2))
    clock.advance(timedelta(seconds=5))
    report = flow_report(fees.mechanism, 3600, expected)
    assert (report["status"], report["parked_events"], report["parked_age_s"]) == ("parked", 1, 5)
    fees.mechanism.execute("UPDATE parked SET reason = 'skipped'")
    assert flow_report(fees.mechanism, 3600)["status"] == "ok"


def test_the_doctor_says_what_does_not_flow(
    cases: Service, fees: Service, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a sentence with what to look at next; nothing where all flows."""
    monkeypatch.setattr("gongzheng.commands.doctor.pending", lambda *_: [])

    def findings(service: Service, expect: str = "") -> list[str]:
        mechanism = service.mechanism
        settings = SimpleNamespace(flow_silence_s=3600, expect_events=parse_expectations(expect))
        loaded: Any = SimpleNamespace(
            name=mechanism.service, database=mechanism.database, mechanism=mechanism, settings=settings, migrations=""
        )
        return list(_flow(loaded))

    assert findings(fees) == []
    cases.note("a", 1, 2)
    fees.consumer.process(deliveries(cases.bodies(), 2))
    clock.advance(timedelta(seconds=301))
    assert findings(cases) == ["events have waited for the broker for 301 s; is the worker's relay running?"]
    assert findings(fees, "oversight.complaint=2d") == [
        "1 events wait in parked lanes, the oldest for 301 s; see `gongzheng lanes list fees`.",
        "no event of oversight.complaint for longer than FEES_EXPECT_EVENTS allows.",
    ]
