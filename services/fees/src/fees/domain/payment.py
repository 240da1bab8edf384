"""Payment notices of collecting agents and what becomes of the money: booked, held, or refused as without basis."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fees.domain import payment_code
from fees.domain.errors import ItemsDoNotAddUp
from fees.domain.obligation import Obligation, State
from fees.domain.rules import Component, Rules


class HeldReason(StrEnum):
    """Why money could not be booked."""

    OVERPAYMENT = "overpayment"
    UNKNOWN_CODE = "unknown_code"
    WRONG_CODE = "wrong_code"
    SETTLED = "settled"
    WRONG_CURRENCY = "wrong_currency"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A charge that the agent names on its notice."""

    code: str
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a collecting agent tells of one payment (DECREE-235 10). Amounts in minor units, ``paid_at`` aware UTC."""

    agent_id: str
    payment_code: str
    amount_fen: int
    currency: str
    paid_at: datetime
    bank_reference: str
    payer_account: str | None = None
    items: tuple[Item, ...] = ()

    def check_items(self) -> None:
        """The items, where there are any, make up the amount.

        Raises:
            ItemsDoNotAddUp: when they do not.
        """
        if self.items and sum(item.amount_fen for item in self.items) != self.amount_fen:
            raise ItemsDoNotAddUp("amount_fen is the sum of the items")

    def same_payment(self, other: "Notice") -> bool:
        """Whether both tell of the same payment, so that the second adds nothing."""
        mine = (self.agent_id, self.bank_reference, self.payment_code, self.amount_fen, self.currency, self.paid_at)
        return mine == (
            other.agent_id,
            other.bank_reference,
            other.payment_code,
            other.amount_fen,
            other.currency,
            other.paid_at,
        )


@dataclass(frozen=True, kw_only=True)
class RecordedNotice:
    """A notice as it is kept; ``obligation_id`` is set where the money counts toward that obligation."""

    id: str
    notice: Notice
    obligation_id: str | None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Money booked on an obligation; never altered."""

    id: str
    notice_id: str
    obligation_id: str
    agent_id: str
    currency: str
    amount_fen: int
    principal_fen: int
    surcharge_fen: int
    remaining_fen: int
    paid_at: datetime
    paid_on: date


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """Money held because no obligation can take it. ``taken_back_fen`` of it had been booked by earlier payments."""

    id: str
    notice_id: str
    agent_id: str
    currency: str
    amount_fen: int
    reason: HeldReason
    obligation_id: str | None
    taken_back_fen: int
    paid_at: datetime
    held_at: datetime
    state: str = "open"


@dataclass(frozen=True, kw_only=True)
class RefusedCharge:
    """A charge without basis that an agent asked for; nothing was collected for it."""

    id: str
    agent_id: str
    obligation_id: str | None
    description_code: str
    amount_fen: int
    currency: str
    refused_at: datetime


def charge_without_basis(rules: Rules, notice: Notice, obligation: Obligation | None) -> Item | None:
    """The first item that cannot stand on the obligation, or None (conduct code 13).

    A name that is no part of any obligation is without basis everywhere; a part that this obligation does not have is
    without basis here. Too much of a part that it has is no charge but an overpayment.
    """
    for item in notice.items:
        charge = rules.charges.get(item.code)
        if charge is None:
            return item
        if obligation is not None and not _stands_on(obligation, charge.component):
            return item
    return None


def _stands_on(obligation: Obligation, component: Component) -> bool:
    terms = obligation.terms
    parts: Mapping[Component, bool] = {
        Component.FINE: terms.fine_fen > 0,
        Component.CONFISCATION: terms.confiscation_fen > 0,
        Component.IMPORTED: terms.imported_fen > 0,
        Component.SURCHARGE: terms.surcharge is not None,
    }
    return parts[component]


def reason_to_hold(rules: Rules, notice: Notice, obligation: Obligation | None) -> HeldReason | None:
    """Why the whole amount must be held, or None when the obligation can take it."""
    if obligation is None:
        known = payment_code.well_formed(rules.payment_code, notice.payment_code)
        return HeldReason.UNKNOWN_CODE if known else HeldReason.WRONG_CODE
    if obligation.currency != notice.currency:
        return HeldReason.WRONG_CURRENCY
    return HeldReason.SETTLED if obligation.state is State.SETTLED else None
