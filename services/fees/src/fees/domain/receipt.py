"""Receipts of the finance department: number segments, one live receipt per payment, voids kept (APL 70).

A receipt code is region 2 + category 2 + kind 2 + year 2 digits; a number counts up within its code.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from fees.domain.errors import ReceiptNotLive, SegmentInvalid
from fees.domain.rules import ReceiptRule


class ReceiptState(StrEnum):
    """Whether a receipt counts."""

    LIVE = "live"
    VOID = "void"


@dataclass(kw_only=True)
class Segment:
    """Numbers ``first`` to ``last`` of one receipt code; ``next`` is the one to use."""

    id: str
    code: str
    first: int
    last: int
    next: int
    loaded_on: date

    def check(self, rule: ReceiptRule) -> None:
        """A segment is a range of numbers that fit the form.

        Raises:
            SegmentInvalid: when it is not.
        """
        fits = len(self.code) == rule.code_digits and self.code.isascii() and self.code.isdecimal()
        if not fits or not 0 < self.first <= self.last < 10**rule.number_digits:
            raise SegmentInvalid(f"{rule.code_digits} digits of code; numbers from 1 to {10**rule.number_digits - 1}")

    @property
    def left(self) -> int:
        """How many numbers are still unused."""
        return self.last - self.next + 1

    def take(self, rule: ReceiptRule) -> str:
        """The next number, in its printed form.

        Raises:
            SegmentInvalid: when none is left.
        """
        if self.left < 1:
            raise SegmentInvalid("the segment is used up")
        number, self.next = self.next, self.next + 1
        return f"{number:0{rule.number_digits}d}"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One receipt. Exactly one live receipt stands for a payment; a void one stays, with its reason."""

    id: str
    payment_id: str
    obligation_id: str
    segment_id: str
    code: str
    number: str
    check_code: str
    currency: str
    amount_fen: int
    issued_on: date
    state: ReceiptState = ReceiptState.LIVE
    void_reason: str | None = None
    voided_on: date | None = None
    version: int = 1

    def void(self, reason: str, on: date) -> "Receipt":
        """The same receipt, void.

        Raises:
            ReceiptNotLive: when it is void already.
        """
        if self.state is not ReceiptState.LIVE:
            raise ReceiptNotLive(f"{self.code} {self.number}")
        return replace(self, state=ReceiptState.VOID, void_reason=reason, voided_on=on)

    def matches(self, check_code: str) -> bool:
        """Whether the check code is the printed one, compared in constant time."""
        return hmac.compare_digest(self.check_code.encode(), check_code.strip().upper().encode())


def make_check_code(rule: ReceiptRule, choose: Callable[[str], str]) -> str:
    """A check code that cannot be guessed from the number; ``choose(alphabet)`` picks one letter at random."""
    return "".join(choose(rule.check_alphabet) for _ in range(rule.check_length))
