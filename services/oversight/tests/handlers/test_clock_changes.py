"""Inaction items follow the clocks of the departments: a last day moves, or a limit was not missed after all."""

from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from services.oversight.tests.house import House

pytestmark = pytest.mark.req("O-11")


class Clock:
    """One time limit of one case, and the events about it."""

    def __init__(self, house: House, **about: Any) -> None:
        self.house = house
        self.same = {"case_id": new_id(), "clock_id": new_id(), "kind": "decision", "law": "APL 60"} | about

    def breached(self, due_on: str = "2026-11-20", *, sequence: int | None = None) -> Envelope:
        """It passed with the duty undone."""
        return self._event("clock.breached", sequence, due_on=due_on)

    def changed(self, sequence: int | None = None, **changed: Any) -> Envelope:
        """It moved; unless said otherwise the breach is taken back with that."""
        given = {
            "change": "extended",
            "due_on": "2026-12-20",
            "previous_due_on": "2026-11-20",
            "breach_withdrawn": True,
        }
        return self._event("clock.changed", sequence, **given | changed)

    def items(self) -> list[Any]:
        """The inaction items of the case, as the API shows them."""
        found: list[Any] = self.house.lead.get("/inaction-items", case_id=self.same["case_id"]).expect(200)["items"]
        return found

    def _event(self, type_: str, sequence: int | None, **data: Any) -> Envelope:
        example = registry().example(f"cn.gongzheng.cases.{type_}.v1")
        return self.house.event(f"cases.{type_}", self.same["case_id"], example | self.same | data, sequence=sequence)


def take_up(house: House, item_id: str) -> Any:
    """A person takes the item in hand."""
    house.lead.get(f"/inaction-items/{item_id}").expect(200)
    return house.lead.post(f"/inaction-items/{item_id}/taking-up")


@pytest.mark.parametrize(
    ("change", "due_on", "shown"),
    [
        ("extended", "2026-12-20", "2026-12-20"),
        ("recomputed", "2026-11-23", "2026-11-23"),
        ("resumed", "2026-12-01", "2026-12-01"),
        ("stopped", None, "2026-11-20"),
        ("met", "2026-11-20", "2026-11-20"),
    ],
)
def test_a_breach_taken_back_withdraws_the_item_with_its_reason(
    any_house: House, change: str, due_on: str | None, shown: str
) -> None:
    """Nobody has to answer for what was in time; that it was said stays to be read."""
    clock = Clock(any_house)
    any_house.hear(clock.breached(), clock.changed(change=change, due_on=due_on))
    (item,) = clock.items()
    assert (item["state"], item["withdrawn_because"], item["due_on"]) == ("withdrawn", change, shown)
    assert item["withdrawn_on"] == "2026-11-23"
    assert item["withdrawn_because_zh"]
    assert item["withdrawn_because_en"]
    take_up(any_house, item["id"]).expect(409, "inaction-state-forbids")
    audited = any_house.service.mechanism.execute("SELECT count(*) FROM audit WHERE action = 'inaction.withdraw'")
    assert audited.fetchone()[0] == 1


def test_an_item_that_a_person_has_in_hand_is_withdrawn_too(any_house: House) -> None:
    """Who had it stays on it, and one look shows why there is nothing left to do."""
    clock = Clock(any_house)
    any_house.hear(clock.breached())
    (item,) = clock.items()
    taken = take_up(any_house, item["id"]).expect(200)
    assert (taken["state"], taken["taken_up_by"], taken["taken_up_on"]) == (
        "in_hand", "user-oversight.lead", "2026-11-23",
    )  # fmt: skip
    take_up(any_house, item["id"]).expect(409, "inaction-state-forbids")
    any_house.hear(clock.changed())
    (item,) = clock.items()
    assert (item["state"], item["taken_up_by"], item["version"]) == ("withdrawn", "user-oversight.lead", 3)


def test_a_person_who_saw_it_before_the_withdrawal_does_not_take_it_up(house: House) -> None:
    """The version that was seen is not the one that stands."""
    clock = Clock(house)
    house.hear(clock.breached())
    (item,) = clock.items()
    person = house.lead
    person.get(f"/inaction-items/{item['id']}").expect(200)
    house.hear(clock.changed())
    person.post(f"/inaction-items/{item['id']}/taking-up").expect(412)
    assert clock.items()[0]["taken_up_by"] is None


def test_a_last_day_that_moves_is_shown_and_the_item_stays(any_house: House) -> None:
    """A calendar moved it by a day, and it was missed all the same; in somebody's hands or not."""
    clock = Clock(any_house)
    any_house.hear(clock.breached(), clock.changed(change="recomputed", due_on="2026-11-19", breach_withdrawn=False))
    (item,) = clock.items()
    assert (item["state"], item["due_on"], item["withdrawn_because"]) == ("open", "2026-11-19", None)
    take_up(any_house, item["id"]).expect(200)
    any_house.hear(clock.changed(change="recomputed", due_on="2026-11-21", breach_withdrawn=False))
    (item,) = clock.items()
    assert (item["state"], item["due_on"]) == ("in_hand", "2026-11-21")


def test_told_twice_it_takes_effect_once(any_house: House) -> None:
    """The same events in one batch, in two, and backwards."""
    clock = Clock(any_house)
    events = [clock.breached(), clock.changed()]
    any_house.hear(*events, *events)
    any_house.hear(*reversed(events))
    (item,) = clock.items()
    assert (item["state"], item["version"]) == ("withdrawn", 2)
    assert len(any_house.published("inaction.opened")) == 1
    assert any_house.count("parked") == 0


def test_a_withdrawal_that_comes_before_its_breach_waits_for_it(any_house: House) -> None:
    """Otherwise the item would be opened afterwards and stay for good."""
    clock = Clock(any_house)
    breached, changed = clock.breached(sequence=1), clock.changed(sequence=2)
    any_house.hear(changed)
    assert clock.items() == []
    any_house.hear(breached)
    any_house.retry_lanes()
    assert [item["state"] for item in clock.items()] == ["withdrawn"]


def test_a_clock_missed_again_after_a_withdrawal_opens_another_item(any_house: House) -> None:
    """The extended limit is missed as well: the first item stays withdrawn, the second one stands, and only once."""
    clock = Clock(any_house)
    any_house.hear(clock.breached(), clock.changed(), clock.breached("2026-12-20"), clock.breached("2026-12-20"))
    assert [(item["state"], item["due_on"]) for item in clock.items()] == [
        ("withdrawn", "2026-12-20"),
        ("open", "2026-12-20"),
    ]
    first, second = any_house.published("inaction.opened")
    assert first.data["inaction_id"] != second.data["inaction_id"]
    any_house.hear(clock.changed(change="met", due_on="2026-12-20"))
    assert {item["state"] for item in clock.items()} == {"withdrawn"}


def test_changes_of_clocks_without_an_item_are_of_no_concern(any_house: House) -> None:
    """A limit that moved in time, a withdrawal of what oversight never heard of, a clock of another case."""
    clock = Clock(any_house)
    any_house.hear(clock.changed(breach_withdrawn=False), clock.changed())
    assert clock.items() == []
    any_house.hear(clock.breached())
    any_house.hear(Clock(any_house, clock_id=clock.same["clock_id"]).changed())
    assert [item["state"] for item in clock.items()] == ["open"]
    assert any_house.count("parked") == 0


@pytest.mark.parametrize(
    ("kind", "law"),
    [
        ("review", "SAMR-PROC 55"),
        ("preservation", "APL 56"),
        ("seizure", "AEL 25(1)"),
        ("hand_in", "SAMR-PROC 70"),
    ],
)
def test_a_late_duty_is_told_by_its_own_name_and_article(any_house: House, kind: str, law: str) -> None:
    """The omission is that a duty was late; which duty, and by which article, is what people read."""
    clock = Clock(any_house, kind=kind, law=law)
    any_house.hear(clock.breached())
    (item,) = clock.items()
    assert (item["omission"], item["kind"], item["law"]) == ("duty_late", kind, law)
    assert item["omission_en"] != "A duty was not done in time"
    assert item["omission_zh"] != "未在期限内履行职责"
    (event,) = any_house.published("inaction.opened")
    assert (event.data["kind"], event.data["law"]) == (kind, law)
