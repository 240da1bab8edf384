"""The timer warns of each clock once and finds it breached once, whatever happens in between."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from cases.worker.timers import run_clocks
from gongzheng.db.unit_of_work import SYSTEM
from services.cases.tests.support.service import Desk, make_service


def run(desk: Desk) -> int:
    """One run of the timer."""
    return run_clocks(lambda: desk.service.uow_factory(SYSTEM), warn_days_before=3)


def said(desk: Desk) -> list[tuple[str, str]]:
    """What was said about clocks: (warned or breached, kind)."""
    import json  # noqa: PLC0415 only here

    rows = desk.service.mechanism.execute(
        "SELECT type, body FROM outbox WHERE type LIKE ? ORDER BY id", ("cn.gongzheng.cases.clock.%",)
    ).fetchall()
    return [(row[0].split(".")[4], json.loads(row[1])["data"]["kind"]) for row in rows]


def at(desk: Desk, day: str) -> None:
    """Noon of a legal day."""
    desk.clock.set(datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC))


@pytest.mark.req("C-30")
def test_a_clock_is_warned_of_three_days_before_and_breached_the_day_after(any_desk: Desk) -> None:
    """Reported on 1 September 2026, the check ends on the 21st."""
    at(any_desk, "2026-09-01")
    any_desk.report()
    for day, expected in (
        ("2026-09-17", []),
        ("2026-09-18", [("warned", "filing_check")]),
        ("2026-09-21", [("warned", "filing_check")]),
        ("2026-09-22", [("warned", "filing_check"), ("breached", "filing_check")]),
        ("2026-10-30", [("warned", "filing_check"), ("breached", "filing_check")]),
    ):
        at(any_desk, day)
        run(any_desk)
        run(any_desk)
        assert said(any_desk) == expected, day


@pytest.mark.req("C-30")
def test_a_clock_that_ended_in_time_is_neither_warned_of_nor_breached(any_desk: Desk) -> None:
    """The case was filed on the last day."""
    at(any_desk, "2026-09-17")
    case_id = any_desk.report(party={"name": "某店", "kind": "organisation"})
    any_desk.step("file", case_id, done_on="2026-09-17", conduct_on="2026-08-29").expect(200)
    at(any_desk, "2026-09-30")
    run(any_desk)
    assert said(any_desk) == []


@pytest.mark.req("C-30")
def test_what_is_only_the_partys_right_is_never_a_breach(any_desk: Desk) -> None:
    """Payment, reconsideration and litigation run out; the department's clocks are what is watched."""
    any_desk.lead_to("serve")
    at(any_desk, "2028-01-10")
    run(any_desk)
    assert said(any_desk) == []


@pytest.mark.req("C-30")
@pytest.mark.req("X-01")
def test_a_restart_says_nothing_again(any_desk: Desk, tmp_path: Any) -> None:
    """A new process on the same database goes on where the old one stopped."""
    at(any_desk, "2026-09-01")
    any_desk.report()
    at(any_desk, "2026-09-22")
    run(any_desk)
    service = make_service(any_desk.service.settings.database_url, tmp_path / "other", any_desk.clock)
    assert run_clocks(lambda: service.uow_factory(SYSTEM), warn_days_before=3) == 0
    getattr(service.database, "close_all", service.database.close)()


@pytest.mark.req("C-30")
def test_two_workers_at_once_say_everything_once(any_desk: Desk) -> None:
    """Each clock comes back from exactly one of them."""
    at(any_desk, "2026-09-01")
    for _ in range(8):
        any_desk.report()
    at(any_desk, "2026-09-22")

    def work() -> None:
        run(any_desk)
        any_desk.service.database.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run(any_desk)
    assert sorted(said(any_desk)) == [("breached", "filing_check")] * 8 + [("warned", "filing_check")] * 8
