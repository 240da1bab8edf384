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


def head(desk: Desk, case_id: str, path: str, /, **body: Any) -> dict[str, Any]:
    """An act of the head on the time limits of a case."""
    return dict(desk.act("decider", case_id, path, **body).expect(200))


def clock_of(desk: Desk, case_id: str, kind: str) -> dict[str, Any]:
    """A time limit as it is shown."""
    items = desk.by("clerk").get(f"/cases/{case_id}/clocks").expect(200)["items"]
    return next(item for item in reversed(items) if item["kind"] == kind)


@pytest.mark.req("C-30")
def test_an_extended_clock_is_warned_of_and_breached_for_its_new_last_day_only(any_desk: Desk) -> None:
    """Extended on its last day, it ends on 19 October; nothing is said of the old day again."""
    at(any_desk, "2026-09-01")
    case_id = any_desk.report()
    at(any_desk, "2026-09-21")
    run(any_desk)
    clock = clock_of(any_desk, case_id, "filing_check")
    head(any_desk, case_id, f"clocks/{clock['clock_id']}/extensions", done_on="2026-09-21", reason="需送检")
    shown = clock_of(any_desk, case_id, "filing_check")
    assert (shown["due_on"], shown["state"], shown["extensions"][0]["length"]) == ("2026-10-19", "running", 15)
    before = [("warned", "filing_check"), ("changed", "filing_check")]
    for day, expected in (
        ("2026-10-15", before),
        ("2026-10-16", [*before, ("warned", "filing_check")]),
        ("2026-10-20", [*before, ("warned", "filing_check"), ("breached", "filing_check")]),
        ("2026-10-30", [*before, ("warned", "filing_check"), ("breached", "filing_check")]),
    ):
        at(any_desk, day)
        run(any_desk)
        run(any_desk)
        assert said(any_desk) == expected, day


@pytest.mark.req("C-30")
def test_a_clock_that_stands_is_not_breached_and_goes_on_where_it_stood(any_desk: Desk) -> None:
    """Suspended for two months."""
    at(any_desk, "2026-09-20")
    case_id = any_desk.lead_to("assign")
    head(any_desk, case_id, "time-stops", done_on="2026-09-20", cause="suspension", reason="等待相关案件裁判")
    at(any_desk, "2027-01-15")
    run(any_desk)
    assert clock_of(any_desk, case_id, "decision")["state"] == "paused"
    assert ("breached", "decision") not in said(any_desk)
    head(any_desk, case_id, "time-resumptions", done_on="2026-11-20", cause="suspension")
    assert clock_of(any_desk, case_id, "decision")["due_on"] == "2027-02-08"
    at(any_desk, "2027-02-09")
    run(any_desk)
    assert said(any_desk)[-1] == ("breached", "decision")


@pytest.mark.req("C-30")
def test_an_act_recorded_late_takes_the_breach_back_once(any_desk: Desk) -> None:
    """Found breached by the timer, recorded afterwards as done in time: one event says so, and no other follows."""
    at(any_desk, "2026-09-01")
    case_id = any_desk.report(party={"name": "某店", "kind": "organisation"})
    at(any_desk, "2026-09-22")
    run(any_desk)
    any_desk.step("file", case_id, done_on="2026-09-21", conduct_on="2026-08-29").expect(200)
    run(any_desk)
    assert said(any_desk) == [("warned", "filing_check"), ("breached", "filing_check"), ("changed", "filing_check")]
    shown = clock_of(any_desk, case_id, "filing_check")
    assert (shown["state"], shown["breached_on"]) == ("ended", None)


NEXT_YEAR = """
year = 2027
title_zh = "测试"
sources = ["https://example.test/notice"]

[[holiday]]
name_zh = "测试假日"
name_en = "Test holiday"
days = [2027-04-19, 2027-04-20]
make_up = []
"""


@pytest.mark.req("C-30")
def test_a_calendar_that_is_loaded_moves_what_waited_for_it(any_desk: Desk, tmp_path: Any) -> None:
    """The last day for a suit, 19 April 2027, turns out to be a holiday: said once, and the decision tells it too."""
    case_id = any_desk.lead_to("serve")
    assert clock_of(any_desk, case_id, "litigation")["provisional"]
    (tmp_path / "2027.toml").write_text(NEXT_YEAR, encoding="utf-8")
    url = any_desk.service.settings.database_url
    service = make_service(url, tmp_path / "files", any_desk.clock, work_calendar=str(tmp_path / "2027.toml"))
    for _ in range(2):
        run_clocks(lambda: service.uow_factory(SYSTEM), warn_days_before=3)
    shown = clock_of(any_desk, case_id, "litigation")
    assert (shown["due_on"], shown["provisional"]) == ("2027-04-21", False)
    case = any_desk.by("clerk").get(f"/cases/{case_id}").json
    assert case["decision"]["remedies"]["litigation_until"] == "2027-04-21"
    assert case["decision"]["remedies"]["reconsideration_until"] == "2026-12-18"
    assert said(any_desk) == [("changed", "litigation")]
    getattr(service.database, "close_all", service.database.close)()
