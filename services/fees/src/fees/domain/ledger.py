"""The double-entry ledger: facts become balanced postings by one table of rules, and nothing is ever altered.

Amounts are signed minor units: a debit is positive, a credit negative. A fact that was too large is taken back by the
same fact with a negative amount (红字冲销), so each posting can be checked against the rule it came from.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fees.domain.errors import LedgerUnbalanced
from fees.domain.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One business fact and its amount; ``name`` is a row of ``rules/postings.toml``."""

    name: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line: ``amount_fen`` on ``account``, debit positive, because of ``fact``."""

    line: int
    fact: str
    account: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class References:
    """What a transaction is about; each may be missing."""

    obligation_id: str | None = None
    payment_id: str | None = None
    deposit_id: str | None = None
    cause_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """Postings of one currency that sum to nothing, on one legal date."""

    id: str
    kind: str
    occurred_on: date
    currency: str
    refers: References
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        """A transaction exists only balanced.

        Raises:
            LedgerUnbalanced: when debits and credits differ, or there is nothing to post.
        """
        if sum(p.amount_fen for p in self.postings) or not self.postings:
            raise LedgerUnbalanced(f"{self.kind}: {[(p.account, p.amount_fen) for p in self.postings]}")


def post(rules: Rules, facts: Iterable[Fact]) -> tuple[Posting, ...]:
    """The postings that the rule table makes of the facts; facts without an amount make none.

    Raises:
        KeyError: when a fact has no row in the table.
    """
    pairs = [
        (fact.name, account, amount)
        for fact in facts
        if fact.amount_fen
        for debit, credit in rules.postings[fact.name].lines
        for account, amount in ((debit, fact.amount_fen), (credit, -fact.amount_fen))
    ]
    return tuple(
        Posting(line=line, fact=fact, account=account, amount_fen=amount)
        for line, (fact, account, amount) in enumerate(pairs, start=1)
    )


def follows_rules(rules: Rules, postings: Sequence[Posting]) -> bool:
    """Whether the postings are exactly what the rule table makes of some facts: nothing was posted by hand."""
    remaining = sorted(postings, key=lambda p: p.line)
    while remaining:
        rule = rules.postings.get(remaining[0].fact)
        if rule is None:
            return False
        expected = post(rules, [Fact(name=rule.fact, amount_fen=remaining[0].amount_fen)])
        got = remaining[: len(expected)]
        if [(p.fact, p.account, p.amount_fen) for p in got] != [(p.fact, p.account, p.amount_fen) for p in expected]:
            return False
        remaining = remaining[len(expected) :]
    return True


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """The balance of each account, debit positive."""
    sums: dict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.account] += posting.amount_fen
    return dict(sums)


def differences(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The keys on which two sets of balances differ, with both figures; a missing key counts as nothing."""
    both = {key: (left.get(key, 0), right.get(key, 0)) for key in left.keys() | right.keys()}
    return {key: pair for key, pair in sorted(both.items()) if pair[0] != pair[1]}
