"""The ledger in the database: written once, in two statements per transaction, and read in streams."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from peewee import fn

from fees.adapters.insert import insert
from fees.adapters.tables import PostingRow, TransactionRow
from fees.domain.ledger import Posting, References, Transaction


class LedgerRepository:
    """The books."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def add(self, transaction: Transaction) -> None:
        """Write a transaction: its postings first, then the row that closes them."""
        belongs = {"transaction_id": transaction.id, "currency": transaction.currency}
        insert(PostingRow, *(vars(posting) | belongs for posting in transaction.postings))
        refers = transaction.refers
        row = {
            "id": transaction.id,
            "kind": transaction.kind,
            "occurred_on": transaction.occurred_on,
            "currency": transaction.currency,
            "obligation_id": refers.obligation_id,
            "payment_id": refers.payment_id,
            "deposit_id": refers.deposit_id,
            "cause_event_id": refers.cause_id,
            "recorded_at": self._now(),
        }
        insert(TransactionRow, row)

    def receivables(self, obligation_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """The balances of the receivable accounts of some debts, by debt."""
        head, line = TransactionRow, PostingRow
        query = (
            line.select(head.obligation_id, line.account, fn.SUM(line.amount_fen))
            .join(head, on=(head.id == line.transaction_id))
            .where(head.obligation_id.in_(obligation_ids), line.account.startswith("receivable."))
            .group_by(head.obligation_id, line.account)
        )
        rows: Any = query.tuples()
        found: dict[str, dict[str, int]] = {}
        for obligation_id, account, total in rows:
            found.setdefault(obligation_id, {})[account] = int(total)
        return found

    def page(self, *, limit: int, after: str | None, obligation_id: str | None = None) -> list[Transaction]:
        """At most ``limit`` transactions in the order of their ids."""
        ids = TransactionRow.select(TransactionRow.id).order_by(TransactionRow.id).limit(limit)
        if after is not None:
            ids = ids.where(TransactionRow.id > after)
        if obligation_id is not None:
            ids = ids.where(TransactionRow.obligation_id == obligation_id)
        chosen = [row.id for row in ids]
        return list(_read(_joined().where(TransactionRow.id.in_(chosen)))) if chosen else []

    def all(self) -> Iterator[Transaction]:
        """Every transaction, in the order written; read as a stream."""
        return _read(_joined())

    def balances(self) -> Mapping[tuple[str, str], int]:
        """The balance of each (currency, account), debit positive."""
        row = PostingRow
        query = row.select(row.currency, row.account, fn.SUM(row.amount_fen)).group_by(row.currency, row.account)
        rows: Any = query.tuples()
        return {(currency, account): int(total) for currency, account, total in rows}


def _joined() -> Any:
    header, line = TransactionRow, PostingRow
    return (
        header.select(
            header.id,
            header.kind,
            header.occurred_on,
            header.currency,
            header.obligation_id,
            header.payment_id,
            header.deposit_id,
            header.cause_event_id,
            line.line,
            line.fact,
            line.account,
            line.amount_fen,
        )
        .join(line, on=(line.transaction_id == header.id))
        .order_by(header.id, line.line)
        .tuples()
    )


def _read(query: Any) -> Iterator[Transaction]:
    rows: Iterable[tuple[Any, ...]] = query.iterator()
    for head, lines in groupby(rows, key=lambda row: row[:8]):
        id_, kind, occurred_on, currency, obligation_id, payment_id, deposit_id, cause_id = head
        yield Transaction(
            id=id_,
            kind=kind,
            occurred_on=occurred_on,
            currency=currency,
            refers=References(
                obligation_id=obligation_id, payment_id=payment_id, deposit_id=deposit_id, cause_id=cause_id
            ),
            postings=tuple(
                Posting(line=line, fact=fact, account=account, amount_fen=amount)
                for *_, line, fact, account, amount in lines
            ),
        )
