"""The rule files hold together: each row rests on an article or says that it is a setting."""

import copy
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from fees.domain.errors import FeesError, RulesInvalid
from fees.domain.rules import Component, build_rules, default_rules
from gongzheng.legaltime.citation import expand


def raw() -> list[Any]:
    """The parsed rule files."""
    root = files("fees") / "rules"
    return [tomllib.loads((root / f"{name}.toml").read_text("utf-8")) for name in ("accounts", "postings", "money")]


@pytest.mark.req("F-06")
def test_the_surcharge_is_three_per_cent_a_day_capped_at_the_fine() -> None:
    """APL 72(1)(1), and its pause in APL 73(3)."""
    rule = default_rules().surcharge
    assert (rule.rate_bp, rule.law[0], rule.pause_law) == (300, "APL 72(1)(1)", ("APL 73(3)",))


@pytest.mark.req("F-06")
def test_the_order_of_allocation_claims_no_legal_authority() -> None:
    """No article orders the parts, and the row says so."""
    allocation = raw()[2]["allocation"]
    assert "law" not in allocation
    assert allocation["setting"]
    assert default_rules().allocation[0] is Component.FINE


@pytest.mark.req("F-05")
def test_every_account_of_the_chart_is_used_by_a_posting_rule() -> None:
    """An account that nothing posts to would be dead weight in every export."""
    rules = default_rules()
    used = {account for posting in rules.postings.values() for line in posting.lines for account in line}
    assert used == set(rules.accounts)


@pytest.mark.req("F-05")
def test_every_part_of_a_debt_has_a_rule_for_its_collection() -> None:
    """What can be owed can be booked as collected."""
    assert {f"{component.value}.collected" for component in Component} <= set(default_rules().postings)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (0, lambda f: f["account"][0].pop("law")),
        (0, lambda f: f["account"][0].update(setting="also a choice")),
        (1, lambda f: f["posting"][0].pop("law")),
        (1, lambda f: f["posting"][0].update(lines=[["receivable.fine", "slush.fund"]])),
        (1, lambda f: f["posting"][0].update(lines=[])),
        (2, lambda f: f["allocation"].update(order=["fine", "surcharge"])),
        (2, lambda f: f["allocation"].pop("setting")),
        (2, lambda f: f["surcharge"]["base"].update(value="whatever_the_head_says")),
        (2, lambda f: f["surcharge"].update(first_day_after_due=0)),
        (2, lambda f: f["payment_code"].update(length=8)),
        (2, lambda f: f["charge"][0].pop("law")),
    ],
)
@pytest.mark.req("F-05")
def test_a_row_that_rests_on_nothing_is_refused(file: int, change: Any) -> None:
    """The service does not start on rules without a basis."""
    parsed = copy.deepcopy(raw())
    change(parsed[file])
    with pytest.raises(RulesInvalid):
        build_rules(*parsed)


def test_every_refusal_has_a_code_of_its_own_and_titles_in_both_languages() -> None:
    """A caller can tell refusals apart; ``not-found`` is the only code that several share, on purpose."""
    kinds = FeesError.__subclasses__()
    codes = [kind.code for kind in kinds]
    assert len(codes) == len(set(codes))
    assert all(kind.title_zh and kind.title_en and kind.__doc__ for kind in kinds)


def cited() -> set[str]:
    """Every citation in the rule files and on the refusals."""

    def search(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            for name, value in part.items():
                yield from value if name in ("law", "pause_law") else search(value)
        elif isinstance(part, list):
            for value in part:
                yield from search(value)

    return {law for kind in FeesError.__subclasses__() for law in kind.law} | set(search(raw()))


@pytest.mark.req("X-04")
@pytest.mark.parametrize("law", sorted(cited()))
def test_every_citation_names_an_act_and_an_article(law: str) -> None:
    """What a refusal or a rule cites can be looked up."""
    found = expand(law)
    assert found["ref"] == law
    assert found["act_zh"]
    assert found["article"]
