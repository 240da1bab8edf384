"""The repository of organisations, officers, legal bases and matters, all looked up as of a day."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from peewee import EXCLUDED

from cases.adapters.codec import from_json, to_json
from cases.adapters.tables import LegalBasisRow, MatterRow, OfficerRow, OrganisationRow
from cases.domain.errors import Unknown
from cases.domain.register import LegalBasis, Matter, MatterOnDay, Officer, Organisation
from gongzheng.db.mechanism import Mechanism

T = TypeVar("T")
BATCH_ROWS = 200
"""SQLite takes at most 32,766 parameters in one statement."""


class RegisterRepository:
    """The registers in the database.

    What every act looks up is asked in plain SQL: building the same statement anew costs more than running it.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        self._execute = mechanism.execute

    def organisation(self, organisation_id: str) -> Organisation:
        """An organisation.

        Raises:
            Unknown: 404, when the register does not hold it.
        """
        row = self._execute("SELECT body FROM organisation WHERE id = ?", (organisation_id,)).fetchone()
        if row is None:
            raise Unknown.thing("机关", "organisation")
        return _record(Organisation, row[0])

    def who_acts(
        self, organisation_id: str, officer_ids: Iterable[str], subject: str, day: date
    ) -> tuple[Organisation, dict[str, Officer], Officer | None]:
        """An organisation, those of these officers that the register holds, by id, and the officer behind a login.

        Of several credentials of one login it is the one that covers the day, else the newest. Every act asks for all
        three, so they are one question.

        Raises:
            Unknown: 404, when the register does not hold the organisation.
        """
        wanted = sorted(set(officer_ids))
        named = f"UNION ALL SELECT 'n', body FROM officer WHERE id IN ({', '.join(['?'] * len(wanted))})"  # noqa: S608 only marks are joined in
        rows = self._execute(
            "SELECT 'o', body FROM organisation WHERE id = ?"  # noqa: S608 as above
            f" UNION ALL SELECT 's', body FROM officer WHERE subject = ? {named if wanted else ''}",
            (organisation_id, subject, *wanted),
        ).fetchall()
        organisation = next((body for kind, body in rows if kind == "o"), None)
        if organisation is None:
            raise Unknown.thing("机关", "organisation")
        officers = [_record(Officer, body) for kind, body in rows if kind == "n"]
        behind = [_record(Officer, body) for kind, body in rows if kind == "s"]
        behind.sort(key=lambda officer: (officer.credential_fault(day) is None, officer.credential.since))
        by_id = {officer.id: officer for officer in officers}
        return _record(Organisation, organisation), by_id, behind[-1] if behind else None

    def matter_on(self, matter_id: str, day: date) -> MatterOnDay:
        """A matter and its basis as of a day; of each the version that covers the day, else the nearest.

        Raises:
            Unknown: 404, when the catalogue does not hold it.
        """
        matter = self._as_of("matter", Matter, matter_id, day)
        basis = None if matter is None else self._as_of("legal_basis", LegalBasis, matter.basis_id, day)
        if matter is None or basis is None:
            raise Unknown.thing("执法事项", "matter")
        return MatterOnDay(matter=matter, basis=basis, day=day)

    def _as_of(self, table: str, kind: type[T], item_id: str, day: date) -> T | None:
        """The version that covers the day; else the last that began before it, or the first of all."""
        text = day.isoformat()
        rows = self._execute(
            f"SELECT in_force_from, in_force_to, body FROM {table} WHERE id = ? ORDER BY in_force_from",  # noqa: S608 one of two constants
            (item_id,),
        ).fetchall()
        covering = [row for row in rows if row[0] <= text and (row[1] is None or text <= row[1])]
        begun = [row for row in rows if row[0] <= text]
        chosen = covering[-1:] or begun[-1:] or rows[:1]
        return _record(kind, chosen[0][2]) if chosen else None

    def known_bases(self) -> set[str]:
        """The ids of all bases."""
        return {row.id for row in LegalBasisRow.select(LegalBasisRow.id).distinct()}

    def known_organisations(self) -> set[str]:
        """The ids of all organisations."""
        return {row.id for row in OrganisationRow.select(OrganisationRow.id)}

    def put_organisations(self, items: Sequence[Organisation]) -> None:
        """Enter or replace organisations."""
        _put(OrganisationRow, ["id"], [{"id": i.id, "region_code": i.region_code, "body": _body(i)} for i in items])

    def put_officers(self, items: Sequence[Officer]) -> None:
        """Enter or replace officers."""
        rows = [
            {"id": i.id, "subject": i.subject, "organisation_id": i.organisation_id, "body": _body(i)} for i in items
        ]
        _put(OfficerRow, ["id"], rows)

    def put_bases(self, items: Sequence[LegalBasis]) -> None:
        """Enter or replace versions of legal bases."""
        _put(LegalBasisRow, ["id", "in_force_from"], [_dated(i) for i in items])

    def put_matters(self, items: Sequence[Matter]) -> None:
        """Enter or replace versions of matters."""
        rows = [_dated(i) | {"field": i.field, "basis_id": i.basis_id} for i in items]
        _put(MatterRow, ["id", "in_force_from"], rows)

    def list_organisations(self, after: str | None, limit: int) -> list[Organisation]:
        """Organisations by id; one more than ``limit`` when there are more."""
        return [_read(Organisation, row) for row in _after(OrganisationRow, after, limit)]

    def list_officers(self, organisation_id: str | None, after: str | None, limit: int) -> list[Officer]:
        """Officers by id, of one organisation or of all."""
        query = OfficerRow.select().order_by(OfficerRow.id).limit(limit + 1)
        if organisation_id is not None:
            query = query.where(OfficerRow.organisation_id == organisation_id)
        if after is not None:
            query = query.where(OfficerRow.id > after)
        return [_read(Officer, row) for row in query]

    def list_bases(self, after: list[str] | None, limit: int) -> list[LegalBasis]:
        """Versions of legal bases by id and first day in force."""
        return [_read(LegalBasis, row) for row in _after_dated(LegalBasisRow, after, limit)]

    def list_matters(self, field: str | None, after: list[str] | None, limit: int) -> list[Matter]:
        """Versions of matters by id and first day in force, of one field or of all."""
        condition = None if field is None else (MatterRow.field == field)
        return [_read(Matter, row) for row in _after_dated(MatterRow, after, limit, condition)]


def _body(item: object) -> str:
    return json.dumps(to_json(item), ensure_ascii=False)


def _read(kind: type[T], row: Any) -> T:
    return _record(kind, row.body)


def _record(kind: type[T], body: str) -> T:
    hashable: Any = kind
    record: T = _parsed(hashable, body)
    return record


@lru_cache(maxsize=4096)
def _parsed(kind: Any, body: str) -> Any:
    """A record of its text; the same text gives the same record, which nobody can change."""
    return from_json(kind, json.loads(body))


def _dated(item: LegalBasis | Matter) -> dict[str, Any]:
    until = item.period.until
    return {
        "id": item.id,
        "in_force_from": item.period.since.isoformat(),
        "in_force_to": None if until is None else until.isoformat(),
        "body": _body(item),
    }


def _put(table: Any, key: list[str], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS]
        targets = [getattr(table, name) for name in key]
        changes = {getattr(table, name): getattr(EXCLUDED, name) for name in batch[0] if name not in key}
        table.insert_many(batch).on_conflict(conflict_target=targets, update=changes).execute()


def _after(table: Any, after: str | None, limit: int) -> list[Any]:
    query = table.select().order_by(table.id).limit(limit + 1)
    return list(query if after is None else query.where(table.id > after))


def _after_dated(table: Any, after: list[str] | None, limit: int, condition: Any = None) -> list[Any]:
    query = table.select().order_by(table.id, table.in_force_from).limit(limit + 1)
    if condition is not None:
        query = query.where(condition)
    if after is not None:
        item_id, since = after
        query = query.where((table.id > item_id) | ((table.id == item_id) & (table.in_force_from > since)))
    return list(query)
