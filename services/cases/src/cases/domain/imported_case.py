"""Old cases (历史案件) taken over from another system: what they are, and what a row must hold to become one.

An imported case never went through this suite's procedure, so it stands in a register of its own and opens an account
in fees; nothing about it is decided here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date
from typing import Final

ACCOUNTS: Final = ("decided", "surcharge", "interest", "waived", "paid")
"""What a money column of the source may be: owed are the first three, taken off are the last two."""


class RowRefused(ValueError):
    """A row that cannot be taken over; ``code`` is counted in the report, ``column`` names the place."""

    def __init__(self, code: str, column: str | None = None) -> None:
        super().__init__(code if column is None else f"{code}: {column}")
        self.code, self.column = code, column


@dataclass(frozen=True, kw_only=True)
class ImportedCase:
    """One old case. Amounts in minor units of ``currency``, never negative; dates as the source gives them or None."""

    reference: str
    party_key: str
    matter_title: str
    currency: str
    decided_fen: int
    surcharge_fen: int
    interest_fen: int
    waived_fen: int
    paid_fen: int
    happened_on: date | None
    title_on: date | None
    outcome: str | None
    flags: tuple[str, ...] = ()

    @property
    def balance_fen(self) -> int:
        """What is still owed: decided + surcharge + interest − waived − paid, computed and never read."""
        return self.decided_fen + self.surcharge_fen + self.interest_fen - self.waived_fen - self.paid_fen

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all fields: the same row gives the same fingerprint, so a second import is seen."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()


def imported_case(
    *,
    texts: Mapping[str, str],
    amounts: Mapping[str, int],
    dates: Mapping[str, date | None],
    currency: str,
    flags: tuple[str, ...],
    expected_balance_fen: int | None,
) -> ImportedCase:
    """Make a case of a row's parts.

    Raises:
        RowRefused: without a reference or party, with a negative amount, with more taken off than was owed, or when
            the balance computed is not the one the source states.
    """
    for name in ("reference", "party_key", "matter_title"):
        if not texts.get(name):
            raise RowRefused(f"{name.replace('_', '-')}-missing")
    for account in ACCOUNTS:
        if amounts.get(account, 0) < 0:
            raise RowRefused("amount-negative", account)
    case = ImportedCase(
        reference=texts["reference"],
        party_key=texts["party_key"],
        matter_title=texts["matter_title"],
        currency=currency,
        happened_on=dates.get("happened_on"),
        title_on=dates.get("title_on"),
        outcome=texts.get("outcome") or None,
        flags=flags,
        **{f"{account}_fen": amounts.get(account, 0) for account in ACCOUNTS},
    )
    if case.balance_fen < 0:
        raise RowRefused("balance-negative")
    if expected_balance_fen is not None and expected_balance_fen != case.balance_fen:
        raise RowRefused("balance-differs")
    return case


@dataclass(frozen=True, kw_only=True)
class CaseImported:
    """An old case was taken over with its account; amounts in minor units of ``currency``."""

    case_id: str
    import_id: str
    source_reference: str
    party_id: str
    matter_title: str
    currency: str
    decided_fen: int
    surcharge_fen: int
    interest_fen: int
    waived_fen: int
    paid_fen: int
    balance_fen: int
    decided_on: date | None
