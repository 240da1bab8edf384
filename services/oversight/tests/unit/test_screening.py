"""Nothing that is released gives the reporter or their words away (SUPERVISION 10)."""

import pytest

from oversight.domain.errors import SummaryRepeatsReport, SummaryRevealsReporter
from oversight.domain.screening import Reporter, screen

REPORT = "我是这家店的店员王小芳,上个月老板让我们把过期的牛奶撕掉标签重新贴上日期再卖给附近小学的学生,冰柜在后门左边。"
REPORTER = Reporter(name="王小芳", phone="+86 138-0013-8000", email="Xiao.Fang@example.com")


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("举报人王小芳反映某店销售过期食品", ["name"]),
        ("举报人王 小 芳反映", ["name"]),
        ("联系电话13800138000", ["phone"]),
        ("联系电话：１３８ ００１３ ８０００", ["phone"]),
        ("xiao.fang＠EXAMPLE.com", ["email"]),
        ("王小芳 13800138000", ["name", "phone"]),
    ],
)
def test_a_summary_with_the_reporter_in_it_is_refused(summary: str, found: list[str]) -> None:
    """Name, telephone and e-mail, however they are written; the refusal names the kind, never the detail."""
    with pytest.raises(SummaryRevealsReporter) as refusal:
        screen(summary, report=REPORT, reporter=REPORTER)
    assert refusal.value.errors == {"summary": found}
    assert "王小芳" not in str(refusal.value)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("name", "summary", "found"), [("Li", "a limited company", False), ("Li", "told by Li.", True),
                          ("Ann  Lee", "ANN-LEE said", True), ("Ann Lee", "Hannleely", False)])  # fmt: skip
def test_a_name_in_latin_letters_counts_as_words(name: str, summary: str, *, found: bool) -> None:
    """Otherwise a short name would forbid half the dictionary."""
    if not found:
        screen(summary, report="", reporter=Reporter(name=name))
        return
    with pytest.raises(SummaryRevealsReporter):
        screen(summary, report="", reporter=Reporter(name=name))


@pytest.mark.req("O-01")
@pytest.mark.parametrize(("characters", "fine"), [(24, True), (25, False)])
def test_a_long_run_of_the_reporters_own_words_is_refused(characters: int, *, fine: bool) -> None:
    """Punctuation and spaces neither count nor hide the run."""
    flat = REPORT.replace(",", "").replace("。", "")
    run = " ".join(flat[12 : 12 + characters])
    if fine:
        screen(f"反映：{run}", report=REPORT, reporter=Reporter())
        return
    with pytest.raises(SummaryRepeatsReport):
        screen(f"反映：{run}", report=REPORT, reporter=Reporter())


@pytest.mark.req("O-01")
def test_a_summary_in_other_words_passes() -> None:
    """Which is what intake is asked to write."""
    screen("据反映，某便利店更改牛奶生产日期后销售，涉及学生。", report=REPORT, reporter=REPORTER)
    screen("", report=REPORT, reporter=REPORTER)


def test_who_says_nothing_of_themselves_is_anonymous() -> None:
    """One way to be reached is enough to be known."""
    assert Reporter().anonymous
    assert not Reporter(phone="1").anonymous
