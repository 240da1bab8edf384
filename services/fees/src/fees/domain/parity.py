"""Parity (F-12): each decision with money has exactly one obligation, with the same money, and the reverse."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Money that one decision asks for, by whichever side says so."""

    decision_id: str
    fine_fen: int
    confiscation_fen: int


@dataclass(frozen=True, kw_only=True)
class Parity:
    """What does not match, by decision; all four empty is parity."""

    decisions: int
    obligations: int
    without_obligation: tuple[str, ...]
    without_decision: tuple[str, ...]
    more_than_one: tuple[str, ...]
    different_money: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether both sides say the same."""
        return not (self.without_obligation or self.without_decision or self.more_than_one or self.different_money)


def compare(decisions: Iterable[Claim], obligations: Iterable[Claim]) -> Parity:
    """Hold the decisions against the obligations, one by one."""
    left, owed = {claim.decision_id: claim for claim in decisions}, list(obligations)
    count = Counter(claim.decision_id for claim in owed)
    right = {claim.decision_id: claim for claim in owed}
    return Parity(
        decisions=len(left),
        obligations=len(owed),
        without_obligation=tuple(sorted(left.keys() - right.keys())),
        without_decision=tuple(sorted(right.keys() - left.keys())),
        more_than_one=tuple(sorted(key for key, n in count.items() if n > 1)),
        different_money=tuple(sorted(key for key in left.keys() & right.keys() if left[key] != right[key])),
    )
