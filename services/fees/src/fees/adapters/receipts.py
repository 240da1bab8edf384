"""Receipts, their number segments and the payments that wait for a number, in the database."""

from datetime import datetime
from typing import Any

from fees.adapters.insert import insert
from fees.adapters.tables import PaymentRow, PrintingRow, ReceiptRow, SegmentRow, WaitingRow
from fees.domain.errors import SegmentOverlaps
from fees.domain.receipt import Receipt, ReceiptState, Segment
from fees.domain.rules import ReceiptRule
from gongzheng.db.connect import is_postgresql
from gongzheng.errors import Conflict

_RECEIPT = tuple(ReceiptRow._meta.sorted_field_names)  # noqa: SLF001 peewee's documented place for the names
_SEGMENT = tuple(SegmentRow._meta.sorted_field_names)  # noqa: SLF001 the same
# Loading is rare; a lock on the whole table while it happens keeps two loads from overlapping unseen.
_LOAD_LOCK = 0x5245_4349


class ReceiptRepository:
    """Receipts and the numbers they are made of."""

    def __init__(self, rule: ReceiptRule) -> None:
        self._rule = rule

    def load(self, segment: Segment) -> None:
        """Keep a new segment.

        Raises:
            SegmentOverlaps: when one of its numbers was loaded before.
        """
        if _postgresql():
            SegmentRow._meta.database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOAD_LOCK,))  # noqa: SLF001 as above
        row = SegmentRow
        same = (row.code == segment.code) & (row.first <= segment.last) & (row.last >= segment.first)
        if row.select().where(same).exists():
            raise SegmentOverlaps(f"{segment.code}: {segment.first} to {segment.last}")
        insert(SegmentRow, vars(segment))

    def next_segment(self) -> Segment | None:
        """The segment to take the next number from, locked to the end of the transaction; None when all are used up.

        Who waited for the lock sees the row as it was left, which may be used up by then; hence the second look.
        """
        while True:
            row = self._open_segment(lock=_postgresql())
            if row is not None or self._open_segment(lock=False) is None:
                return None if row is None else Segment(**{name: getattr(row, name) for name in _SEGMENT})

    def _open_segment(self, *, lock: bool) -> Any:
        row = SegmentRow
        query = row.select().where(row.next <= row.last).order_by(row.code, row.first).limit(1)
        return (query.for_update() if lock else query).first()

    def save_segment(self, segment: Segment) -> None:
        """Keep how far a segment is used."""
        SegmentRow.update(next=segment.next).where(SegmentRow.id == segment.id).execute()

    def segments(self, *, limit: int, after: str | None) -> list[Segment]:
        """At most ``limit`` segments in the order of their ids."""
        query = SegmentRow.select().order_by(SegmentRow.id).limit(limit)
        if after is not None:
            query = query.where(SegmentRow.id > after)
        return [Segment(**{name: getattr(row, name) for name in _SEGMENT}) for row in query]

    def add(self, receipt: Receipt) -> None:
        """Keep a receipt."""
        insert(ReceiptRow, vars(receipt) | {"state": receipt.state.value})

    def save(self, receipt: Receipt) -> None:
        """Keep that a receipt is void.

        Raises:
            Conflict: when somebody else voided it in the meantime.
        """
        changed = (
            ReceiptRow.update(
                state=receipt.state.value,
                void_reason=receipt.void_reason,
                voided_on=receipt.voided_on,
                version=receipt.version + 1,
            )
            .where((ReceiptRow.id == receipt.id) & (ReceiptRow.version == receipt.version))
            .execute()
        )
        if changed != 1:
            raise Conflict

    def find(self, number: str) -> Receipt | None:
        """By code and number together (18 digits), or by the number alone where only one receipt has it."""
        digits = self._rule.number_digits
        condition = ReceiptRow.number == number[-digits:]
        if len(number) != digits:
            condition &= ReceiptRow.code == number[:-digits]
        rows = list(ReceiptRow.select().where(condition).limit(2))
        return _receipt(rows[0]) if len(rows) == 1 else None

    def live(self, payment_id: str) -> Receipt | None:
        """The live receipt of a payment."""
        row = ReceiptRow.get_or_none(ReceiptRow.payment_id == payment_id, ReceiptRow.state == ReceiptState.LIVE.value)
        return None if row is None else _receipt(row)

    def wait(self, payment_id: str) -> None:
        """A payment waits for a number."""
        insert(WaitingRow, {"payment_id": payment_id})

    def waiting(self, limit: int) -> list[str]:
        """Ids of payments that wait, the oldest first; locked, and without those that another worker serves."""
        query = WaitingRow.select(WaitingRow.payment_id).order_by(WaitingRow.id).limit(limit)
        return [row.payment_id for row in (query.for_update(skip_locked=True) if _postgresql() else query)]

    def done_waiting(self, payment_id: str) -> None:
        """A payment got its receipt."""
        WaitingRow.delete().where(WaitingRow.payment_id == payment_id).execute()

    def without_receipt(self) -> int:
        """How many payments have no live receipt and do not wait for one either."""
        live = ReceiptRow.select(ReceiptRow.payment_id).where(ReceiptRow.state == ReceiptState.LIVE.value)
        waiting = WaitingRow.select(WaitingRow.payment_id)
        missing = PaymentRow.select().where(PaymentRow.id.not_in(live), PaymentRow.id.not_in(waiting))
        return int(missing.count())

    def print_(self, receipt_id: str, at: datetime) -> int:
        """Record a printing; the number of printings with this one."""
        if _postgresql():
            # Two readers at once must not both hold the original.
            ReceiptRow.select(ReceiptRow.id).where(ReceiptRow.id == receipt_id).for_update().execute()
        insert(PrintingRow, {"receipt_id": receipt_id, "printed_at": at})
        return int(PrintingRow.select().where(PrintingRow.receipt_id == receipt_id).count())


def _postgresql() -> bool:
    return is_postgresql(SegmentRow._meta.database.obj)  # noqa: SLF001 peewee's documented way to the proxied database


def _receipt(row: Any) -> Receipt:
    values = {name: getattr(row, name) for name in _RECEIPT}
    return Receipt(**values | {"state": ReceiptState(row.state)})
