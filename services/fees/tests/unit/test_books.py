"""The ledger and parity as pure functions."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fees.domain.errors import LedgerUnbalanced
from fees.domain.ledger import Fact, Posting, References, Transaction, balances, follows_rules, post
from fees.domain.parity import Claim, compare
from fees.domain.rules import default_rules

RULES = default_rules()
_FACTS = st.lists(
    st.builds(Fact, name=st.sampled_from(sorted(RULES.postings)), amount_fen=st.integers(-(10**12), 10**12)),
    min_size=1,
    max_size=6,
)


@pytest.mark.req("F-05")
@given(_FACTS)
def test_whatever_the_facts_the_postings_balance_and_follow_the_table(facts: list[Fact]) -> None:
    """Red-ink amounts too."""
    postings = post(RULES, facts)
    assert sum(balances(postings).values()) == 0
    assert follows_rules(RULES, postings)


@pytest.mark.req("F-05")
def test_a_posting_by_hand_is_found_although_it_balances() -> None:
    """Money moved from the treasury's account to the deposits follows no rule."""
    forged = (
        Posting(line=1, fact="deposit.held", account="treasury.payable", amount_fen=5),
        Posting(line=2, fact="deposit.held", account="deposits.unidentified", amount_fen=-5),
    )
    assert not follows_rules(RULES, forged)
    assert not follows_rules(RULES, (replace(forged[0], fact="gift"),))


@pytest.mark.req("F-05")
@pytest.mark.parametrize("amounts", [(), (5,), (5, -4)])
def test_an_unbalanced_or_empty_transaction_cannot_exist(amounts: tuple[int, ...]) -> None:
    """The constructor refuses it before any database sees it."""
    lines = tuple(Posting(line=n, fact="f", account="a", amount_fen=a) for n, a in enumerate(amounts, 1))
    with pytest.raises(LedgerUnbalanced):
        Transaction(id="t", kind="k", occurred_on=date(2026, 1, 1), currency="CNY", refers=References(), postings=lines)


def test_a_fact_without_an_amount_makes_no_posting() -> None:
    """And a fact without a rule is an error."""
    assert post(RULES, [Fact(name="deposit.held", amount_fen=0)]) == ()
    with pytest.raises(KeyError):
        post(RULES, [Fact(name="gift", amount_fen=1)])


@pytest.mark.req("F-12")
def test_parity_names_each_decision_that_does_not_match() -> None:
    """Without obligation, without decision, twice, and with other money."""
    decisions = [Claim(decision_id=d, fine_fen=1, confiscation_fen=0) for d in ("a", "b", "c")]
    obligations = [
        Claim(decision_id=d, fine_fen=f, confiscation_fen=0) for d, f in (("b", 2), ("c", 1), ("c", 1), ("d", 1))
    ]
    found = compare(decisions, obligations)
    assert (found.without_obligation, found.without_decision) == (("a",), ("d",))
    assert (found.more_than_one, found.different_money) == (("c",), ("b",))
    assert not found.holds
    assert compare(decisions, decisions).holds
