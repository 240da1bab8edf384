"""Keeps filings, items, plans, and what is known of cases."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Generic, Protocol, TypeVar

from gongzheng.db.connect import is_postgresql
from gongzheng.errors import Conflict, PreconditionFailed
from oversight.adapters import tables
from oversight.domain.amount_targets import Measure
from oversight.domain.errors import NotFound
from oversight.domain.filing import Filing, ServedDecision
from oversight.domain.items import BreachedClock, ConductItem, InactionItem, RefusedCharge
from oversight.domain.plans import Draft, Plan, PlanKind
from oversight.handlers.ports import CaseKnown

_INACTION = (
    "omission", "opened_on", "state", "version", "taken_up_by", "taken_up_on", "withdrawn_on", "withdrawn_because",
)  # fmt: skip


class _Aggregate(Protocol):
    id: str
    events: list[object]


Kept = TypeVar("Kept", bound=_Aggregate)


class Records(Generic[Kept]):
    """Aggregates of one table that open once; those that can change have a store of their own below."""

    def __init__(
        self,
        emit: Callable[[str, object], None],
        table: Any,
        to_row: Callable[[Kept], dict[str, Any]],
        from_row: Callable[[Any], Kept],
    ) -> None:
        self._emit, self._table, self._to_row, self._from_row = emit, table, to_row, from_row

    def add(self, record: Kept) -> None:
        """Keep a new record and say what happened to it."""
        self._table.insert(**self._to_row(record)).execute()
        for event in record.events:
            self._emit(record.id, event)
        record.events.clear()

    def get(self, record_id: str) -> Kept:
        """The record.

        Raises:
            NotFound: there is none.
        """
        row = self._table.get_or_none(self._table.id == record_id)
        if row is None:
            raise NotFound
        return self._from_row(row)

    def knows(self, **fields: str) -> bool:
        """Whether a record with these fields exists."""
        return self._table.get_or_none(**fields) is not None

    def page(self, *, limit: int, after: str | None, **fields: str | None) -> list[Kept]:
        """Up to ``limit`` records by id that have these fields; a field that is None is not asked for."""
        query = self._table.select().order_by(self._table.id).limit(limit)
        if after is not None:
            query = query.where(self._table.id > after)
        for name, value in fields.items():
            if value is not None:
                query = query.where(getattr(self._table, name) == value)
        return [self._from_row(row) for row in query]


class InactionItems(Records[InactionItem]):
    """Duties not done in time: taken up by people, and withdrawn when the clock turns out not to have been missed."""

    def __init__(self, emit: Callable[[str, object], None]) -> None:
        super().__init__(emit, tables.InactionItem, inaction_row, inaction_from)

    def standing(self, clock_id: str) -> InactionItem | None:
        """The item of a clock that was not withdrawn, kept from others until the transaction ends; None without one."""
        table = tables.InactionItem
        query = table.select().where((table.clock_id == clock_id) & (table.state != "withdrawn"))
        if is_postgresql(table._meta.database.obj):  # noqa: SLF001 peewee's documented way to the proxy
            query = query.for_update()
        row = query.first()
        return None if row is None else inaction_from(row)

    def at(self, item_id: str, expected_version: int) -> InactionItem:
        """The item as the caller saw it.

        Raises:
            NotFound: there is none.
            PreconditionFailed: its version is another than the caller saw.
        """
        item = self.get(item_id)
        if item.version != expected_version:
            raise PreconditionFailed("Read the item again and send its current ETag.")
        return item

    def save(self, item: InactionItem) -> None:
        """Keep a change.

        Raises:
            Conflict: somebody else changed it in the meantime.
        """
        table = tables.InactionItem
        row = inaction_row(item) | {"version": item.version + 1}
        if table.update(**row).where((table.id == item.id) & (table.version == item.version)).execute() != 1:
            raise Conflict("Read the item again.")
        item.version += 1


class CasesKnown:
    """The cases oversight has heard of."""

    def put(self, case: CaseKnown) -> None:
        """Keep what an event said; what it does not say stays as it was."""
        said = {name: value for name, value in vars(case).items() if value is not None}
        changing = {name: value for name, value in said.items() if name != "case_id"}
        tables.CaseKnown.insert(**said).on_conflict(
            conflict_target=[tables.CaseKnown.case_id], update=changing
        ).execute()

    def get(self, case_id: str) -> CaseKnown | None:
        """What is known, or None when no event spoke of the case."""
        row = tables.CaseKnown.get_or_none(tables.CaseKnown.case_id == case_id)
        return None if row is None else CaseKnown(**{name: getattr(row, name) for name in CaseKnown.__annotations__})


def filing_row(filing: Filing) -> dict[str, Any]:
    """A filing as its row."""
    return {
        "id": filing.id,
        "threshold_law": filing.threshold_law,
        "recorded_on": filing.recorded_on,
        "state": filing.state,
        "version": filing.version,
        **asdict(filing.decision),
        "sanction_kinds": " ".join(filing.decision.sanction_kinds),
    }


def filing_from(row: Any) -> Filing:
    """A filing from its row."""
    said = {name: getattr(row, name) for name in ServedDecision.__annotations__}
    decision = ServedDecision(**(said | {"sanction_kinds": tuple(row.sanction_kinds.split())}))
    return Filing(
        id=row.id,
        decision=decision,
        threshold_law=row.threshold_law,
        recorded_on=row.recorded_on,
        state=row.state,
        version=row.version,
    )


def inaction_row(item: InactionItem) -> dict[str, Any]:
    """An inaction item as its row."""
    return {name: getattr(item, name) for name in ("id", *_INACTION)} | asdict(item.clock)


def inaction_from(row: Any) -> InactionItem:
    """An inaction item from its row."""
    clock = BreachedClock(**{name: getattr(row, name) for name in BreachedClock.__annotations__})
    return InactionItem(id=row.id, clock=clock, **{name: getattr(row, name) for name in _INACTION})


def conduct_row(item: ConductItem) -> dict[str, Any]:
    """A conduct item as its row."""
    own = ("id", "kind", "case_id", "organisation_id", "opened_on", "state", "version")
    charge = asdict(item.charge) | {"law": "\n".join(item.charge.law)}
    return {name: getattr(item, name) for name in own} | charge


def conduct_from(row: Any) -> ConductItem:
    """A conduct item from its row."""
    said = {name: getattr(row, name) for name in RefusedCharge.__annotations__} | {"law": tuple(row.law.split("\n"))}
    return ConductItem(
        id=row.id,
        kind=row.kind,
        charge=RefusedCharge(**said),
        case_id=row.case_id,
        organisation_id=row.organisation_id,
        opened_on=row.opened_on,
        state=row.state,
        version=row.version,
    )


def plan_row(plan: Plan) -> dict[str, Any]:
    """A plan as its row."""
    draft = asdict(plan.draft) | {"metrics": json.dumps([vars(m) for m in plan.draft.metrics], ensure_ascii=False)}
    own = ("id", "author", "entered_on", "state", "version")
    return {name: getattr(plan, name) for name in own} | {"kind": plan.kind.value} | draft


def plan_from(row: Any) -> Plan:
    """A plan from its row."""
    said = {name: getattr(row, name) for name in Draft.__annotations__}
    said["metrics"] = tuple(Measure(**m) for m in json.loads(row.metrics))
    return Plan(
        id=row.id,
        kind=PlanKind(row.kind),
        draft=Draft(**said),
        author=row.author,
        entered_on=row.entered_on,
        state=row.state,
        version=row.version,
    )
