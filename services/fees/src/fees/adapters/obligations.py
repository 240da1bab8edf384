"""Debts, the decisions they rest on, and the opening balances of imported cases, in the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from peewee import JOIN, fn

from fees.adapters.insert import insert
from fees.adapters.tables import DecisionRow, NoticeRow, ObligationRow, OpeningRow, PostingRow, TransactionRow
from fees.domain.errors import ObligationNotFound
from fees.domain.obligation import Ground, Obligation, Origin, State
from fees.domain.opening import PARTS, SIGNS, ImportSums, Opening
from fees.domain.parity import Claim
from fees.domain.position import Credit, Terms
from fees.domain.rules import Component, Rules
from gongzheng.db.connect import is_postgresql
from gongzheng.errors import Conflict

_GROUND = (
    "case_id", "decision_id", "document_number", "decided_on", "organisation_id", "organisation_name_zh",
    "organisation_name_en", "region_code", "matter_title_zh", "matter_title_en", "party_id", "party_name",
)  # fmt: skip


class ObligationRepository:
    """Debts with the payments on them."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def add(self, obligation: Obligation) -> None:
        """Keep a new one."""
        ground, terms = obligation.ground, obligation.terms
        row = {
            "id": obligation.id,
            "cause_event_id": ground.cause_id,
            **{name: getattr(ground, name) for name in _GROUND},
            "origin": obligation.origin.value,
            "currency": obligation.currency,
            "fine_fen": terms.fine_fen,
            "confiscation_fen": terms.confiscation_fen,
            "imported_fen": terms.imported_fen,
            "due_on": terms.due_on,
            "surcharge_rate_bp": terms.surcharge.rate_bp if terms.surcharge else None,
            "payment_code": obligation.payment_code,
            "version": obligation.version,
            **_changing(obligation),
        }
        insert(ObligationRow, row)

    def save(self, obligation: Obligation) -> None:
        """Keep what payments and days changed.

        Raises:
            Conflict: when somebody else changed it in the meantime.
        """
        changed = (
            ObligationRow.update(version=obligation.version + 1, **_changing(obligation))
            .where((ObligationRow.id == obligation.id) & (ObligationRow.version == obligation.version))
            .execute()
        )
        if changed != 1:
            raise Conflict
        obligation.version += 1

    def get(self, obligation_id: str, *, lock: bool = False) -> Obligation:
        """One by its id.

        Raises:
            ObligationNotFound: when there is none.
        """
        found = self._one(ObligationRow.id == obligation_id, lock=lock)
        if found is None:
            raise ObligationNotFound(obligation_id)
        return found

    def by_code(self, payment_code: str, *, lock: bool = False) -> Obligation | None:
        """One by its payment code."""
        return self._one(ObligationRow.payment_code == payment_code, lock=lock)

    def by_decision(self, decision_id: str) -> Obligation | None:
        """The one that rests on a decision."""
        return self._one(ObligationRow.decision_id == decision_id)

    def page(self, *, limit: int, after: str | None, where: Mapping[str, str]) -> list[Obligation]:
        """At most ``limit`` of them in the order of their ids, without their payments."""
        query = ObligationRow.select().order_by(ObligationRow.id).limit(limit)
        if after is not None:
            query = query.where(ObligationRow.id > after)
        for name, value in where.items():
            query = query.where(getattr(ObligationRow, name) == value)
        return [self._read(row, ()) for row in query]

    def newly_overdue(self, today: date, limit: int) -> list[str]:
        """Ids of open debts whose period ended and of which that was not said yet."""
        row = ObligationRow
        query = row.select(row.id).where(row.state == State.OPEN.value, row.due_on < today, row.overdue_on.is_null())
        return [found.id for found in query.order_by(row.id).limit(limit)]

    def to_accrue(self, today: date, limit: int) -> list[str]:
        """Ids of open, overdue debts with a surcharge that still grows and is not booked up to today."""
        row = ObligationRow
        query = row.select(row.id).where(
            row.state == State.OPEN.value,
            row.due_on < today,
            row.surcharge_rate_bp.is_null(False),
            row.capped_on.is_null(),
            row.accrued_through.is_null() | (row.accrued_through < today),
        )
        return [found.id for found in query.order_by(row.id).limit(limit)]

    def batches(self, size: int) -> Iterator[list[Obligation]]:
        """All of them, with their payments, so many at a time, in the order of their ids."""
        after = ""
        while True:
            rows = list(ObligationRow.select().where(ObligationRow.id > after).order_by(ObligationRow.id).limit(size))
            if not rows:
                return
            after = rows[-1].id
            paid = _credits(NoticeRow.obligation_id.in_([row.id for row in rows]))
            yield [self._read(row, tuple(paid.get(row.id, ()))) for row in rows]

    def claims(self) -> Iterable[Claim]:
        """The money of each debt that rests on a decision."""
        row = ObligationRow
        query = row.select(row.decision_id, row.fine_fen, row.confiscation_fen).where(row.origin == "decision")
        for decision_id, fine, confiscation in query.tuples().iterator():
            yield Claim(decision_id=decision_id, fine_fen=fine, confiscation_fen=confiscation)

    def _one(self, condition: Any, *, lock: bool = False) -> Obligation | None:
        query = ObligationRow.select().where(condition)
        if lock and is_postgresql(ObligationRow._meta.database.obj):  # noqa: SLF001 peewee's documented way to the proxy
            query = query.for_update()
        row = query.first()
        # Asked for also where there is no row, so that a wrong payment code costs the same work as a right one.
        paid = _credits(NoticeRow.obligation_id == (row.id if row else ""))
        return self._read(row, tuple(paid.get(row.id, ()))) if row else None

    def _read(self, row: ObligationRow, credits_: tuple[Credit, ...]) -> Obligation:
        rate = row.surcharge_rate_bp
        return Obligation(
            id=row.id,
            ground=Ground(cause_id=row.cause_event_id, **{name: getattr(row, name) for name in _GROUND}),
            origin=Origin(row.origin),
            currency=row.currency,
            terms=Terms(
                fine_fen=row.fine_fen,
                confiscation_fen=row.confiscation_fen,
                imported_fen=row.imported_fen,
                due_on=row.due_on,
                surcharge=None if rate is None else replace(self._rules.surcharge, rate_bp=rate),
            ),
            payment_code=row.payment_code,
            surcharge_fen=row.surcharge_fen,
            paid={component: getattr(row, f"paid_{component.value}_fen") for component in Component},
            credits=credits_,
            state=State(row.state),
            accrued_through=row.accrued_through,
            overdue_on=row.overdue_on,
            capped_on=row.capped_on,
            settled_on=row.settled_on,
            version=row.version,
        )


def _credits(condition: Any) -> dict[str, list[Credit]]:
    """The notices that count toward debts, in the order in which they came, by debt."""
    row = NoticeRow
    rows: Any = row.select(row.obligation_id, row.paid_on, row.amount_fen).where(condition).order_by(row.id).tuples()
    found: dict[str, list[Credit]] = {}
    for obligation_id, paid_on, amount_fen in rows:
        found.setdefault(obligation_id, []).append(Credit(paid_on=paid_on, amount_fen=amount_fen))
    return found


def _changing(obligation: Obligation) -> dict[str, Any]:
    return {
        "surcharge_fen": obligation.surcharge_fen,
        **{f"paid_{component.value}_fen": obligation.paid[component] for component in Component},
        "state": obligation.state.value,
        "accrued_through": obligation.accrued_through,
        "overdue_on": obligation.overdue_on,
        "capped_on": obligation.capped_on,
        "settled_on": obligation.settled_on,
    }


class DecisionRepository:
    """The served decisions with money, as their events told them."""

    def remember(self, claim: Claim, *, case_id: str, event_id: str) -> None:
        """Keep one."""
        row = vars(claim) | {"case_id": case_id, "event_id": event_id}
        insert(DecisionRow, row, unless_taken=("decision_id",))

    def claims(self) -> Iterable[Claim]:
        """All of them."""
        row = DecisionRow
        query = row.select(row.decision_id, row.fine_fen, row.confiscation_fen)
        for decision_id, fine, confiscation in query.tuples().iterator():
            yield Claim(decision_id=decision_id, fine_fen=fine, confiscation_fen=confiscation)


class OpeningRepository:
    """Opening balances of imported cases."""

    def add(self, obligation_id: str, opening: Opening) -> None:
        """Keep one."""
        insert(OpeningRow, vars(opening) | {"obligation_id": obligation_id})

    def sums(self, import_id: str | None = None) -> list[ImportSums]:
        """The sums per import and currency, as the cases state them and as the ledger's accounts hold them."""
        row = OpeningRow
        parts = [fn.SUM(getattr(row, f"{name}_fen")) for name in PARTS]
        query = row.select(row.import_id, row.currency, fn.COUNT(row.obligation_id), *parts)
        query = query.group_by(row.import_id, row.currency).order_by(row.import_id, row.currency)
        if import_id is not None:
            query = query.where(row.import_id == import_id)
        booked = self._booked(import_id)
        rows: Any = query.tuples()
        return [
            ImportSums(
                import_id=import_,
                currency=currency,
                cases=cases,
                stated=dict(zip(PARTS, map(int, stated), strict=True)),
                booked=booked.get((import_, currency), {}),
            )
            for import_, currency, cases, *stated in rows
        ]

    def _booked(self, import_id: str | None) -> dict[tuple[str, str], dict[str, int]]:
        query = (
            PostingRow.select(
                OpeningRow.import_id, PostingRow.currency, PostingRow.account, fn.SUM(PostingRow.amount_fen)
            )
            .join(TransactionRow, JOIN.INNER, on=(TransactionRow.id == PostingRow.transaction_id))
            .join(OpeningRow, JOIN.INNER, on=(OpeningRow.obligation_id == TransactionRow.obligation_id))
            .where(PostingRow.account.in_([f"opening.{name}" for name in PARTS]))
            .group_by(OpeningRow.import_id, PostingRow.currency, PostingRow.account)
        )
        if import_id is not None:
            query = query.where(OpeningRow.import_id == import_id)
        booked: dict[tuple[str, str], dict[str, int]] = {}
        rows: Any = query.tuples()
        for import_, currency, account, total in rows:
            name = account.removeprefix("opening.")
            # What raises the debt stands as a credit on its opening account, what lowers it as a debit.
            booked.setdefault((import_, currency), {})[name] = -SIGNS[name] * int(total)
        return booked
