"""What oversight does by the clock: it holds itself to its own limits."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from oversight.handlers.read_complaint import read_content
from services.oversight.tests.house import House


def _file(house: House) -> str:
    body = {"kind": "violation", "text": "店里卖过期牛奶"}
    return str(house.client.post("/public/complaints", body).expect(201)["complaint_id"])


@pytest.mark.req("O-11", "O-01")
def test_oversights_own_delay_opens_an_item_against_itself(any_house: House) -> None:
    """A report not taken up in fifteen days is an omission, whoever left it lying (RESPONSIBILITY 11)."""
    complaint_id = _file(any_house)
    any_house.clock.advance(timedelta(days=15))
    assert any_house.run_timer("complaint_clocks") == 0
    any_house.clock.advance(timedelta(days=1))
    assert any_house.run_timer("complaint_clocks") == 1
    assert any_house.run_timer("complaint_clocks") == 0
    (item,) = any_house.lead.get("/inaction-items").expect(200)["items"]
    assert (item["omission"], item["complaint_id"], item["case_id"]) == ("report_not_accepted", complaint_id, None)
    assert (item["organisation_id"], item["law"]) == ("org-oversight", "XINFANG 23(2)")
    (clock,) = any_house.lead.get(f"/complaints/{complaint_id}").expect(200)["clocks"]
    assert clock["state"] == "breached"


@pytest.mark.req("O-01")
def test_an_act_after_the_last_day_leaves_the_limit_broken(house: House) -> None:
    """Doing it late does not make it on time."""
    complaint_id = _file(house)
    house.clock.advance(timedelta(days=16))
    house.run_timer("complaint_clocks")
    house.intake.get(f"/complaints/{complaint_id}").expect(200)
    body = {"organisation_id": "samr", "accepted_on": "2026-12-09", "summary": "据反映，某店销售过期食品。"}
    notify, resolve = house.intake.post(f"/complaints/{complaint_id}/acceptance", body).expect(200)["clocks"]
    assert (notify["state"], notify["met_on"]) == ("breached", "2026-12-09")
    assert (resolve["state"], resolve["due_on"]) == ("running", "2027-02-08")  # 7 February is a Sunday


@pytest.mark.req("O-01")
def test_a_limit_into_a_year_without_calendar_is_provisional_until_the_calendar_comes(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    """Then it is computed anew, and an event says that it moved."""
    address = f"sqlite:///{tmp_path}/oversight.db"
    house = open_house(address)
    complaint_id = _file(house)
    house.intake.get(f"/complaints/{complaint_id}").expect(200)
    body = {"organisation_id": "samr", "accepted_on": "2026-11-23", "summary": "据反映，某店销售过期食品。"}
    _, resolve = house.intake.post(f"/complaints/{complaint_id}/acceptance", body).expect(200)["clocks"]
    assert (resolve["due_on"], resolve["provisional"]) == ("2027-01-22", True)
    assert house.run_timer("complaint_calendar") == 0
    # A made-up calendar that gives the last day off.
    made_up = tmp_path / "2027.toml"
    made_up.write_text(
        'year = 2027\ntitle_zh = "仅用于测试"\nsources = ["https://www.gov.cn/"]\n[[holiday]]\nname_zh = "测试"\n'
        'name_en = "Test"\ndays = [2027-01-22]\nmake_up = []\n',
        encoding="utf-8",
    )
    later = open_house(address, calendar_files=str(made_up))
    assert later.run_timer("complaint_calendar") == 1
    (event,) = later.published("complaint.rescheduled")
    assert (event.data["kind"], event.data["due_on"]) == ("resolve", "2027-01-25")
    assert later.run_timer("complaint_calendar") == 0


@pytest.mark.req("O-01")
def test_a_new_master_key_takes_over_and_the_old_one_is_retired(
    open_house: Callable[..., House], tmp_path: Path
) -> None:
    """The timer wraps every report's keys anew; afterwards the old key opens nothing and is not needed."""
    address, old, new = f"sqlite:///{tmp_path}/oversight.db", b"o" * 32, b"n" * 32
    complaint_id = _file(open_house(address, master_keys={"old": old}))
    both = open_house(address, master_keys={"new": new, "old": old})
    assert both.run_timer("complaint_keys") == 1
    assert both.run_timer("complaint_keys") == 0
    alone = open_house(address, master_keys={"new": new})
    assert read_content(alone.uow(), complaint_id)["text"] == "店里卖过期牛奶"
