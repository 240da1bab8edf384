"""Plans: entered, and refused when they ask for fines."""

from typing import Any

import pytest

from services.oversight.tests.house import House

PLAN: dict[str, Any] = {
    "title_zh": "2027年度执法评议",
    "text": "处罚决定按期送达率达到100%。不得下达罚款指标。",
    "starts_on": "2027-01-01",
    "ends_on": "2027-12-31",
    "metrics": [{"name": "投诉举报按期办结率", "unit": "%", "target": "98"}],
}


@pytest.mark.req("O-12", "O-13")
@pytest.mark.parametrize("path", ["/assessment-plans", "/campaigns"])
def test_a_lawful_plan_is_entered_and_read(any_house: House, path: str) -> None:
    """As it was written, as a draft of its author's."""
    plan = any_house.lead.post(path, PLAN).expect(201)
    assert any_house.lead.get(f"{path}/{plan['id']}").expect(200) == plan
    assert (plan["author"], plan["state"], plan["metrics"]) == ("user-oversight.lead", "draft", PLAN["metrics"])
    assert [item["id"] for item in any_house.lead.get(path).expect(200)["items"]] == [plan["id"]]
    other = "/campaigns" if path == "/assessment-plans" else "/assessment-plans"
    any_house.lead.get(f"{other}/{plan['id']}").expect(404, "not-found")
    assert any_house.lead.get(other).expect(200)["items"] == []


@pytest.mark.req("O-12", "O-13")
@pytest.mark.parametrize("path", ["/assessment-plans", "/campaigns"])
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"metrics": [{"name": "罚款总额", "unit": "万元", "target": "500"}]}, "metrics.0"),
        ({"metrics": [*PLAN["metrics"], {"name": "Number of penalties", "target": "120"}]}, "metrics.1"),
        ({"text": "全年罚没收入不低于500万元。"}, "text"),
        ({"title_zh": "完成罚款任务"}, "title_zh"),
        ({"title_en": "Raise the total of fines by 10 percent"}, "title_en"),
    ],
)
def test_a_plan_that_asks_for_fines_is_refused(house: House, path: str, changed: dict[str, Any], field: str) -> None:
    """422 with the article and the field; nothing is kept (APL 74)."""
    problem = house.lead.post(path, PLAN | changed).expect(422, "amount-target-refused")
    assert [law["ref"] for law in problem["law"]] == ["APL 74", "DECREE-281"]
    assert list(problem["errors"]) == [field]
    assert house.count("plan") == 0


def test_a_plan_does_not_end_before_it_starts(house: House) -> None:
    """The first and the last day may be the same."""
    house.lead.post("/assessment-plans", PLAN | {"ends_on": "2026-12-31"}).expect(422, "date-not-possible")
    house.lead.post("/assessment-plans", PLAN | {"ends_on": "2027-01-01"}).expect(201)
