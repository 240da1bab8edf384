"""Citations and the ladder of hours."""

from datetime import UTC, date, datetime

import pytest

from gongzheng.legaltime import CitationError, Rung, check, expand, hour_ladder, statutory_unit
from gongzheng.legaltime.citation import acts, chinese_number


@pytest.mark.req("X-04")
def test_a_citation_expands_to_names_in_both_languages() -> None:
    """A problem body shows the act by name and the place by number."""
    assert expand("APL 42(1)") == {
        "ref": "APL 42(1)",
        "act_zh": "中华人民共和国行政处罚法",
        "act_en": "Administrative Penalty Law",
        "article": "42",
        "paragraph": "1",
        "item": None,
        "text_zh": "《中华人民共和国行政处罚法》第四十二条第一款",
        "text_en": "Administrative Penalty Law, article 42(1)",
    }


@pytest.mark.parametrize(
    ("ref", "zh"),
    [
        ("APL 72(1)(1)", "《中华人民共和国行政处罚法》第七十二条第一款第一项"),
        ("FSL 34[10]", "《中华人民共和国食品安全法》第三十四条第十项"),
        ("SAMR-HEARING 5", "《市场监督管理行政处罚听证办法》第五条"),
        ("CIVIL-CODE 1260", "《中华人民共和国民法典》第一千二百六十条"),
        ("APL 38-1", "《中华人民共和国行政处罚法》第三十八条之一"),
        ("DECREE-235", "《罚款决定与罚款收缴分离实施办法》"),
    ],
)
def test_a_citation_is_written_as_chinese_documents_write_it(ref: str, zh: str) -> None:
    """Articles, paragraphs and items appear in Chinese numerals."""
    assert zh == expand(ref)["text_zh"]
    assert zh == check(ref).zh


@pytest.mark.parametrize(
    "ref",
    ["", "APL42", "APL 42 1", "apl 42", "APL 42(1", "APL 42()", "APL 42[1](1)", "NOSUCH 1", "APL 42（1）", "APL 12345"],
)
def test_a_wrong_citation_is_refused_when_checked_and_shown_as_it_stands_when_expanded(ref: str) -> None:
    """A refusal must reach the person even when its citation has a slip; tests find the slip."""
    with pytest.raises(CitationError):
        check(ref)
    assert ref == expand(ref)["text_zh"]


def test_every_act_used_by_the_design_is_listed() -> None:
    """The acts of the rules, including a department's own, are known with both names."""
    needed = (
        "APL AEL ARL ALL SCL PIPL SAMR-PROC SAMR-HEARING DECREE-235 DECREE-281 DECREE-809 DECREE-825 MOF-104 XINFANG "
        "GBF-2018-118 GBF-2022-27 CONDUCT INCIDENT SUPERVISION FAULT RESPONSIBILITY"
    )
    assert set(needed.split()) <= set(acts())
    assert all(act.zh and act.en for act in acts().values())


def test_working_day_lengths_come_with_the_article_that_declares_them() -> None:
    """An act that makes days working days says where, and that citation is itself in order."""
    for act in acts().values():
        assert bool(act.working_days) == bool(act.working_days_law)
        if act.working_days_law:
            assert act.code == check(act.working_days_law).act.code


def test_an_act_knows_when_it_was_in_force() -> None:
    """The first and the last day belong to the time in force; a department's own rules have no dates."""
    law = acts()["APL"]
    assert (law.in_force(date(2021, 7, 14)), law.in_force(date(2021, 7, 15))) == (False, True)
    repealed = acts()["DECREE-357"]
    assert repealed.in_force_to is not None
    assert repealed.in_force(repealed.in_force_to)
    assert not repealed.in_force(date(2022, 1, 1))
    assert acts()["CONDUCT"].in_force(date(1990, 1, 1))


def test_the_unit_of_an_unknown_act_is_not_guessed() -> None:
    """Asking for an act that is not listed is an error."""
    with pytest.raises(CitationError):
        statutory_unit("NOSUCH", 5)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (85, "八十五"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
    ],
)
def test_numbers_are_written_in_chinese_numerals(number: int, text: str) -> None:
    """As the statutes number their articles."""
    assert text == chinese_number(number)


@pytest.mark.req("O-02")
def test_the_ladder_of_hours_runs_through_the_night_and_holidays() -> None:
    """Two, six, twenty-four and forty-eight hours after it happened, whatever the day."""
    happened = datetime(2026, 10, 1, 14, 30, tzinfo=UTC)
    rungs = [
        Rung(name, hours, "INCIDENT 2")
        for name, hours in (("county", 2), ("city", 6), ("province", 24), ("nation", 48))
    ]
    ladder = hour_ladder(happened, rungs)
    assert [(step.due - happened).total_seconds() / 3600 for step in ladder] == [2, 6, 24, 48]
    assert "2026年10月01日22时30分" in ladder[0].why_zh
    assert "2026-10-02 00:30" in ladder[0].why_en


def test_a_ladder_needs_an_aware_moment_and_sound_rungs() -> None:
    """A naive moment would be off by eight hours; no rung has zero hours."""
    with pytest.raises(ValueError, match="aware"):
        hour_ladder(datetime(2026, 10, 1), [])  # noqa: DTZ001 the naive moment is the case
    with pytest.raises(ValueError, match="0 hours"):
        hour_ladder(datetime(2026, 10, 1, tzinfo=UTC), [Rung("county", 0, "INCIDENT 2")])
