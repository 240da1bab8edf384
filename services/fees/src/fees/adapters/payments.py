"""Payment notices, payments, held money and refused charges, in the database."""

from typing import Any

from peewee import fn

from fees.adapters.insert import insert
from fees.adapters.tables import DepositRow, NoticeRow, PaymentRow, RefusedChargeRow
from fees.domain.payment import Deposit, HeldReason, Notice, Payment, RecordedNotice, RefusedCharge
from gongzheng.clock import legal_date

_PAYMENT = tuple(PaymentRow._meta.sorted_field_names)  # noqa: SLF001 peewee's documented place for the names
_DEPOSIT = tuple(DepositRow._meta.sorted_field_names)  # noqa: SLF001 the same


class NoticeRepository:
    """Payment notices as they came."""

    def claim(self, recorded: RecordedNotice) -> bool:
        """Keep a notice; False when the agent's bank reference was used before.

        A second notice with the same reference waits here until the first commits or fails.
        """
        notice = recorded.notice
        row = {
            "id": recorded.id,
            "agent_id": notice.agent_id,
            "bank_reference": notice.bank_reference,
            "payment_code": notice.payment_code,
            "amount_fen": notice.amount_fen,
            "currency": notice.currency,
            "paid_at": notice.paid_at,
            "paid_on": legal_date(notice.paid_at),
            "payer_account": notice.payer_account,
            "obligation_id": recorded.obligation_id,
            "received_at": recorded.received_at,
        }
        return insert(NoticeRow, row, unless_taken=("agent_id", "bank_reference")) == 1

    def find(self, agent_id: str, bank_reference: str) -> RecordedNotice | None:
        """The notice with the agent's bank reference."""
        row = NoticeRow.get_or_none(NoticeRow.agent_id == agent_id, NoticeRow.bank_reference == bank_reference)
        if row is None:
            return None
        notice = Notice(
            agent_id=row.agent_id,
            payment_code=row.payment_code,
            amount_fen=row.amount_fen,
            currency=row.currency,
            paid_at=row.paid_at,
            bank_reference=row.bank_reference,
            payer_account=row.payer_account,
        )
        return RecordedNotice(id=row.id, notice=notice, obligation_id=row.obligation_id, received_at=row.received_at)

    def totals(self) -> dict[str, int]:
        """What all notices tell of, per currency."""
        return _totals(NoticeRow)


class PaymentRepository:
    """Money booked on debts, money held, and charges refused."""

    def add(self, payment: Payment) -> None:
        """Keep a payment."""
        insert(PaymentRow, vars(payment))

    def get(self, payment_id: str) -> Payment:
        """One by its id."""
        return _payment(PaymentRow.get_by_id(payment_id))

    def of_notice(self, notice_id: str) -> Payment | None:
        """What was booked of a notice."""
        row = PaymentRow.get_or_none(PaymentRow.notice_id == notice_id)
        return None if row is None else _payment(row)

    def page(self, *, limit: int, after: str | None, obligation_id: str | None = None) -> list[Payment]:
        """At most ``limit`` payments in the order of their ids."""
        query = _page(PaymentRow, limit, after)
        if obligation_id is not None:
            query = query.where(PaymentRow.obligation_id == obligation_id)
        return [_payment(row) for row in query]

    def hold(self, deposit: Deposit) -> None:
        """Keep a deposit."""
        insert(DepositRow, vars(deposit) | {"reason": deposit.reason.value})

    def held_of_notice(self, notice_id: str) -> Deposit | None:
        """What was held of a notice."""
        row = DepositRow.get_or_none(DepositRow.notice_id == notice_id)
        return None if row is None else _deposit(row)

    def held_page(self, *, limit: int, after: str | None, reason: str | None = None) -> list[Deposit]:
        """At most ``limit`` deposits in the order of their ids: the queue of what must be looked into."""
        query = _page(DepositRow, limit, after)
        if reason is not None:
            query = query.where(DepositRow.reason == reason)
        return [_deposit(row) for row in query]

    def held_totals(self) -> dict[str, int]:
        """What is held, per currency."""
        return _totals(DepositRow)

    def refuse(self, charge: RefusedCharge, bank_reference: str) -> bool:
        """Keep a refused charge; False when the same was refused before."""
        row = vars(charge) | {"bank_reference": bank_reference}
        return insert(RefusedChargeRow, row, unless_taken=("agent_id", "bank_reference", "description_code")) == 1


def _totals(model: Any) -> dict[str, int]:
    rows = model.select(model.currency, fn.SUM(model.amount_fen)).group_by(model.currency).tuples()
    return {currency: int(total) for currency, total in rows}


def _page(model: Any, limit: int, after: str | None) -> Any:
    query = model.select().order_by(model.id).limit(limit)
    return query if after is None else query.where(model.id > after)


def _payment(row: Any) -> Payment:
    return Payment(**{name: getattr(row, name) for name in _PAYMENT})


def _deposit(row: Any) -> Deposit:
    values = {name: getattr(row, name) for name in _DEPOSIT}
    return Deposit(**values | {"reason": HeldReason(row.reason)})
