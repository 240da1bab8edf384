"""The repositories keep what they are given, on both databases alike."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.adapters.unit_of_work import CasesUnitOfWork
from cases.domain.case import Case
from cases.domain.errors import Unknown
from cases.domain.values import State
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.errors import Conflict, PreconditionFailed
from services.cases.tests.support.service import ORGANISATION_ID, Desk
from services.cases.tests.support.world import STEPS, Walk


def unit(desk: Desk) -> CasesUnitOfWork:
    """A unit of work of the service."""
    made: CasesUnitOfWork = desk.service.uow_factory(SYSTEM)
    return made


def kept(desk: Desk, case: Case) -> Case:
    """The case as another unit of work finds it."""
    with unit(desk) as uow:
        return uow.cases.get(case.id)


@pytest.mark.req("C-10")
def test_a_case_comes_back_as_it_was_saved(any_desk: Desk) -> None:
    """At every step of the way, with every record on its file."""
    for last in STEPS:
        case = Walk().to(last).case
        # Each a case of its own: numbers are unique in the register.
        case.case_number = case.case_number and f"{case.case_number} {last}"
        case.pull_events()
        with unit(any_desk) as uow:
            uow.cases.add(case)
        assert kept(any_desk, case) == case, last


def test_saving_step_by_step_is_as_saving_at_once(any_desk: Desk) -> None:
    """Evidence, timeline and clocks are added as they come, and the version grows by one each time."""
    walk = Walk().to("report")
    with unit(any_desk) as uow:
        uow.cases.add(walk.case)
    for step in STEPS[1:]:
        with unit(any_desk) as uow:
            walk.case = uow.cases.get(walk.case.id)
            walk.take(step)
            walk.case.pull_events()
            uow.cases.save(walk.case)
    found = kept(any_desk, walk.case)
    assert found == walk.case
    assert found.version == len(STEPS)
    assert found.state is State.ARCHIVED


def test_of_two_who_saw_the_same_version_one_saves(any_desk: Desk) -> None:
    """The other is told that somebody was faster."""
    walk = Walk().to("report")
    with unit(any_desk) as uow:
        uow.cases.add(walk.case)
    with unit(any_desk) as uow:
        first, second = uow.cases.get(walk.case.id), uow.cases.get(walk.case.id)
        uow.cases.save(first)
        with pytest.raises(Conflict):
            uow.cases.save(second)
    with unit(any_desk) as uow, pytest.raises(PreconditionFailed):
        uow.cases.get(walk.case.id, expected_version=1)


def test_a_case_that_is_not_there_is_unknown(any_desk: Desk) -> None:
    """404, not an empty case."""
    with unit(any_desk) as uow:
        assert not uow.cases.has("01K9ZT3V7Q8RXB0M2N4P6S8T0A")
        with pytest.raises(Unknown):
            uow.cases.get("01K9ZT3V7Q8RXB0M2N4P6S8T0A")


ALTERATIONS = (
    "UPDATE evidence SET body = '{}'",
    "UPDATE evidence SET sha256 = 'x'",
    "DELETE FROM evidence",
    "UPDATE timeline SET actor_name = 'somebody else'",
    "DELETE FROM timeline",
    "UPDATE document SET sha256 = 'x'",
    "DELETE FROM document",
)


@pytest.mark.req("C-12")
def test_the_database_itself_keeps_the_file_from_being_altered(any_desk: Desk) -> None:
    """Evidence, timeline and documents are append-only, whoever writes SQL (APL 46, 47)."""
    any_desk.lead_to("notice")
    for statement in ALTERATIONS:
        with pytest.raises(Exception, match="append-only"), unit(any_desk) as uow:
            uow.mechanism.execute(statement)


class ChangedMindError(Exception):
    """The act was refused after the number was drawn."""


def draw_or_change_mind(desk: Desk, *, changes: bool) -> int:
    """A number that is used, or given back."""
    with unit(desk) as uow:
        number = uow.numbers.draw(ORGANISATION_ID, "罚", 2026)
        if changes:
            raise ChangedMindError
    return number


@pytest.mark.req("C-04")
def test_numbers_have_no_gap_and_no_double_under_load(any_desk: Desk) -> None:
    """Four at once draw ten each, and some of them change their mind."""
    drawn: list[int] = []
    lock = threading.Lock()

    def draw(worker: int) -> None:
        for n in range(10):
            with suppress(ChangedMindError):
                number = draw_or_change_mind(any_desk, changes=(n + worker) % 5 == 0)
                with lock:
                    drawn.append(number)
        any_desk.service.database.close()

    threads = [threading.Thread(target=draw, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == list(range(1, 33))
    with unit(any_desk) as uow:
        assert uow.numbers.last(ORGANISATION_ID, "罚", 2026) == 32
        assert uow.numbers.draw(ORGANISATION_ID, "罚", 2027) == 1
        assert uow.numbers.draw(ORGANISATION_ID, "罚告", 2026) == 1


@pytest.mark.req("C-03")
def test_the_register_answers_as_of_a_day(any_desk: Desk) -> None:
    """The version that covers the day, else the newest."""
    with unit(any_desk) as uow:
        old = uow.registers.matter_on("food-expired", date(2025, 11, 30))
        new = uow.registers.matter_on("food-expired", date(2025, 12, 1))
        before = uow.registers.matter_on("food-expired", date(2010, 1, 1))
        with pytest.raises(Unknown):
            uow.registers.matter_on("nothing", date(2025, 12, 1))
    assert (old.basis.period.until, new.basis.period.until) == (date(2025, 11, 30), None)
    assert (old.in_force, new.in_force, before.in_force) == (True, True, False)


@pytest.mark.req("C-02")
def test_a_login_finds_the_credential_that_covers_the_day(any_desk: Desk) -> None:
    """Of several credentials of one person, the valid one."""
    with unit(any_desk) as uow:
        organisation_id = uow.registers.list_organisations(None, 1)[0].id
        _, named, nobody = uow.registers.who_acts(organisation_id, ["9901020006"], "nobody", date(2026, 1, 1))
        known = named["9901020006"]
        renewed = replace(known, id="new", credential=replace(known.credential, since=date(2026, 1, 1), until=None))
        uow.registers.put_officers([renewed])
        found = [
            uow.registers.who_acts(organisation_id, [], known.subject, day)[2]
            for day in (date(2025, 3, 31), date(2026, 1, 1))
        ]
        assert nobody is None
        with pytest.raises(Unknown):
            uow.registers.who_acts("nowhere", [], known.subject, date(2026, 1, 1))
    assert [officer.id for officer in found if officer is not None] == ["9901020006", "new"]


@pytest.mark.req("X-05")
def test_cases_are_listed_by_pages_newest_first(any_desk: Desk) -> None:
    """Each once, however the pages are cut, and only those of the state asked for."""
    ids = [any_desk.report() for _ in range(5)]
    clerk = any_desk.by("clerk")
    seen: list[Any] = []
    after = None
    while True:
        page = clerk.get("/cases", limit=2, after=after, state="reported").expect(200)
        seen += [item["id"] for item in page["items"]]
        after = page["next_cursor"]
        if after is None:
            break
    assert seen == sorted(ids, reverse=True)
    assert clerk.get("/cases", state="filed").expect(200)["items"] == []


@pytest.mark.req("C-19")
def test_a_fine_for_the_same_act_is_found_by_the_identity_number_in_another_case(any_desk: Desk) -> None:
    """Another party id, the same number, the same day: the second decision is refused until it says why."""
    party = {"name": "某店", "kind": "organisation", "id_number": "92330102MA2ABCDE1X"}
    for _ in range(2):
        case_id = any_desk.report(party=party)
        any_desk.lead_to("heard", case_id)
        answer = any_desk.step("decide", case_id)
    answer.expect(409, "same-act-fined-before")
    any_desk.step("decide", case_id, distinct_act="另一批次，另一违法行为").expect(200)
    rows = any_desk.service.mechanism.execute("SELECT id_digest FROM punished_act").fetchall()
    assert len(rows) == 2
    assert all(len(row[0]) == 64 for row in rows)
