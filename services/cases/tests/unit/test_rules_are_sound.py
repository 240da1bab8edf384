"""The rule files are data; these tests hold them together: names exist, citations expand, nothing leads nowhere."""

import pytest

from cases.domain.clocks import CONDITIONS, ClockRule, clock_rules
from cases.domain.effects import EFFECTS
from cases.domain.guards import GUARDS
from cases.domain.rules import rule_file
from cases.domain.table import Forbidden, Row, table
from cases.domain.values import EvidenceKind, SanctionKind, State
from gongzheng.legaltime import check, statutory_unit

ROWS = list(table().rows.values())


@pytest.mark.req("C-10")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.act)
def test_each_row_cites_an_article_and_has_both_labels(row: Row) -> None:
    """A lawyer can look up why each step is allowed."""
    assert row.law
    for ref in row.law:
        check(ref)
    assert row.zh
    assert row.en
    assert row.roles


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.act)
def test_each_guard_named_in_the_table_exists(row: Row) -> None:
    """A name in the table is a function in the guards."""
    assert set(row.guards) <= GUARDS.keys()


def test_each_guard_is_used_by_some_row() -> None:
    """A guard that no row names protects nothing."""
    named = {name for row in ROWS for name in row.guards} | set(table().every)
    assert GUARDS.keys() == named


def test_each_guard_says_in_its_docstring_which_article_it_applies() -> None:
    """The name is the law's, the docstring gives the article or the rule."""
    assert [name for name, guard in GUARDS.items() if not guard.__doc__] == []


@pytest.mark.parametrize("no", table().forbidden, ids=lambda no: f"{no.act}-{no.refusal.code}")
def test_each_forbidden_combination_has_its_own_article_and_no_row(no: Forbidden) -> None:
    """What is forbidden is not allowed elsewhere, and its refusal cites."""
    assert no.refusal.law
    for ref in no.refusal.law:
        check(ref)
    assert not set(no.sources) & set(table().rows[no.act].sources)


def test_every_state_but_the_first_is_reached_and_every_state_but_the_last_is_left() -> None:
    """No state is a trap and none is out of reach."""
    reached = {row.to for row in ROWS if row.to}
    left = {source for row in ROWS for source in row.sources if row.to}
    assert reached == set(State)
    assert set(State) - left == {State.ARCHIVED}


def test_every_act_of_the_table_belongs_to_an_effect() -> None:
    """An act that is allowed also does something."""
    fixed = {kind.name for kind in EFFECTS if kind.name}
    by_field = {"pass_review", "return_from_review", "serve_prior_notice", "serve_decision", "close", "end_repealed"}
    families = {act for acts in table().families.values() for act in acts} | {
        "hear_statement", "record_waiver", "record_silence", "stop_time", "resume_time", "suspend", "resume",
        "attempt_prior_notice", "attempt_decision", "announce_prior_notice", "announce_decision",
        "preserve", "seize",
    }  # fmt: skip
    assert table().rows.keys() == fixed | by_field | (families - {"close", "end_repealed", "not_file"}) | {"not_file"}


@pytest.mark.req("C-30")
@pytest.mark.parametrize("rule", clock_rules().values(), ids=lambda rule: rule.kind)
def test_each_clock_cites_its_law_and_counts_as_that_law_counts(rule: ClockRule) -> None:
    """Working or calendar days as APL 85 and its sisters say."""
    cited = check(rule.law)
    assert rule.nature in {"duty", "right", "owed"}
    assert rule.when is None or rule.when in CONDITIONS
    if rule.unit in {"working_day", "day"} and rule.law.split(" ", maxsplit=1)[0] in {"APL", "ARL"}:
        assert rule.unit == statutory_unit(cited.act.code, rule.length)


@pytest.mark.req("C-30")
def test_the_lengths_are_those_of_the_statutes() -> None:
    """The numbers a lawyer expects, in one place."""
    assert {rule.kind: (rule.length, rule.unit, rule.law) for rule in clock_rules().values()} == {
        "filing_check": (15, "working_day", "SAMR-PROC 18"),
        "decision": (90, "day", "APL 60"),
        "review": (10, "working_day", "SAMR-PROC 55"),
        "preservation": (7, "working_day", "APL 56"),
        "seizure": (30, "day", "AEL 25(1)"),
        "hand_in": (7, "working_day", "SAMR-PROC 70"),
        "statement": (5, "working_day", "APL 64"),
        "service_of_decision": (7, "working_day", "APL 61"),
        "payment": (15, "day", "APL 67"),
        "reconsideration": (60, "day", "ARL 20"),
        "litigation": (6, "month", "ALL 46"),
        "publication": (7, "working_day", "GBF-2018-118"),
    }


@pytest.mark.req("C-12")
def test_the_eight_kinds_of_evidence_are_the_eight_of_the_statute() -> None:
    """The file and the code name the same kinds, each with its item of APL 46(1)."""
    kinds = rule_file("evidence")["kind"]
    assert [entry["name"] for entry in kinds] == [kind.value for kind in EvidenceKind]
    assert [entry["law"] for entry in kinds] == [f"APL 46(1)({n})" for n in range(1, 9)]


def test_the_separation_of_functions_names_functions_that_rows_give() -> None:
    """A pair that no row can fill would never be checked."""
    given = {row.function for row in ROWS} | {"investigator"}
    for pair in rule_file("separation")["pair"]:
        assert set(pair["functions"]) <= given
        for ref in pair["law"]:
            check(ref)


def test_sanctions_that_always_open_a_hearing_are_kinds_of_the_catalogue() -> None:
    """A misspelt kind would silently take a hearing away."""
    always = rule_file("thresholds")["hearing_always"]["sanctions"]
    assert set(always) <= {kind.value for kind in SanctionKind}
