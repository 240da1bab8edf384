"""No plan may ask for an amount or a number of fines, in whatever words (APL 74)."""

import pytest

from oversight.domain.amount_targets import Measure, measure_is_target, refuse_amount_targets, text_sets_target
from oversight.domain.errors import AmountTargetRefused

TARGETS = [
    "全年罚款总额不少于500万元",
    "全年罚没收入达到 1000 万元",
    "各中队每月完成罚款任务",
    "本季度下达罚没指标",
    "罚款不得低于三百万元",
    "每名队员每月至少开出20张罚单",
    "行政处罚案件数量同比增长10%",
    "按罚款金额排名",
    "罚款数额与绩效考核挂钩",
    "罚 款 总 额 达 到 一百万元",
    "罚\u200b款总额目标为五百万元",
    "罰款總額不少於五百萬元,達到任務",
    "罚款收缴率达到98%",
    "不得乱收费。全年罚款金额达到300万元。",
    "不得粗暴执法，全年罚款金额达到300万元",
    "Total fines collected must reach 5 million yuan",
    "Each team has a fine quota",
    "Increase the number of penalties by 10 percent",
    "At least 20 tickets per officer each month",
    "Fines must not fall below a total of 3 million yuan",
    "Rank the districts by amount of fines",
    "We will not be harsh, but the total of fines must reach CNY 3000000",
]
NOT_TARGETS = [
    "",
    "行政处罚案卷评查合格率达到95%",
    "不得下达罚款指标",
    "严禁以罚款数额作为考核依据",
    "不将罚款金额与考核挂钩",
    "处罚决定按时送达率达到100%",
    "夜市食品安全专项整治，为期三个月，做到全覆盖检查",
    "处罚信息七个工作日内公示，及时率达到100%",
    "投诉举报按期办结率不低于98%",
    "罚款全部上缴国库",
    "当事人罚款五万元的案件应当经法制审核",
    "No fine targets shall be set",
    "The amount of fines must not count in anyone's score",
    "All fines go to the treasury",
    "Reach every market stall at least once in three months",
    "95 percent of decisions on penalties served in time",
    "Review at least 20 dossiers in each district",
]


@pytest.mark.req("O-12")
@pytest.mark.parametrize("text", TARGETS)
def test_a_text_that_asks_for_fines_is_recognised(text: str) -> None:
    """However it is worded, spaced or spelled, a target on fines is one."""
    assert text_sets_target(text)


@pytest.mark.req("O-12")
@pytest.mark.parametrize("text", NOT_TARGETS)
def test_a_text_about_lawful_work_is_let_through(text: str) -> None:
    """Lawfulness, time, openness, and forbidding such targets, are no targets on fines."""
    assert not text_sets_target(text)


@pytest.mark.req("O-13")
@pytest.mark.parametrize(
    "measure",
    [
        Measure(name="罚款总额", unit="万元", target="500"),
        Measure(name="罚没收入"),
        Measure(name="业绩", unit="万元", target="300"),
        Measure(name="业绩", target="¥3000000"),
        Measure(name="处罚案件数", unit="件", target="120"),
        Measure(name="处罚决定数量增长率", unit="%", target="10"),
        Measure(name="罚款"),
        Measure(name="立案数", unit="件"),
        Measure(name="罚款收缴率", unit="%", target="98"),
        Measure(name="amount of fines", unit="CNY", target="5000000"),
        Measure(name="fines issued", target="100"),
        Measure(name="Number of administrative penalties", target="100"),
        Measure(name="Penalties"),
        Measure(name="Result", unit="yuan"),
    ],
    ids=lambda m: f"{m.name}|{m.unit}|{m.target}",
)
def test_a_measure_of_fines_is_recognised(measure: Measure) -> None:
    """Sums of money and numbers of penalties are no measure of anybody's work."""
    assert measure_is_target(measure)


@pytest.mark.req("O-13")
@pytest.mark.parametrize(
    "measure",
    [
        Measure(name="处罚案卷合格率", unit="%", target="95"),
        Measure(name="行政处罚决定被撤销率", unit="%", target="1"),
        Measure(name="处罚决定按期公示率", unit="%", target="100"),
        Measure(name="投诉举报按期办结率", unit="%", target="98"),
        Measure(name="执法人员培训学时", unit="小时", target="60"),
        Measure(name="整改完成率", unit="%"),
        Measure(name="Share of penalty decisions served on time", unit="%", target="100"),
        Measure(name="Complaints resolved in time", unit="%", target="98"),
        Measure(name="Training hours", unit="h", target="60"),
    ],
    ids=lambda m: m.name,
)
def test_a_measure_of_lawfulness_is_let_through(measure: Measure) -> None:
    """What a department may be assessed on stays possible."""
    assert not measure_is_target(measure)


@pytest.mark.req("O-13")
def test_the_refusal_names_each_field_and_the_article() -> None:
    """The author learns which field to change and by which article."""
    with pytest.raises(AmountTargetRefused) as refusal:
        refuse_amount_targets({"title_zh": "年度考核", "text": "罚款指标500万元"}, [Measure(name="罚款总额")])
    assert set(refusal.value.errors) == {"text", "metrics.0"}
    assert refusal.value.code == "amount-target-refused"
    assert "APL 74" in refusal.value.law
