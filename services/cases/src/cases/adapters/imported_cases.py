"""The register of old cases, in the database."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.adapters.tables import ImportedCaseRow
from cases.domain.imported_case import ImportedCase
from gongzheng.db.mechanism import Mechanism
from gongzheng.ids import new_id

_CHUNK = 100  # SQLite takes a limited number of parameters in one statement


class ImportedCaseRepository:
    """What was taken over, by source and reference; rows are only ever added."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism

    def fingerprints(self, source: str, references: list[str]) -> Mapping[str, str]:
        """The fingerprint of each of these references that the register already holds."""
        row = ImportedCaseRow
        found: dict[str, str] = {}
        for start in range(0, len(references), _CHUNK):
            chunk = references[start : start + _CHUNK]
            query = row.select(row.reference, row.fingerprint).where((row.source == source) & (row.reference << chunk))
            found |= {held.reference: held.fingerprint for held in query}
        return found

    def add(self, *, source: str, import_id: str, cases: list[ImportedCase]) -> list[str]:
        """Enter cases that are not there yet; their new ids in the same order."""
        rows = [_row(case) | {"id": new_id(), "source": source, "import_id": import_id} for case in cases]
        for start in range(0, len(rows), _CHUNK):
            ImportedCaseRow.insert_many(rows[start : start + _CHUNK]).execute()
        return [row["id"] for row in rows]

    def page(self, *, after: str | None, limit: int, source: str | None, party_key: str | None) -> list[Any]:
        """Rows in the order of their ids, at most ``limit``, beyond the id ``after``."""
        row = ImportedCaseRow
        query = row.select().order_by(row.id).limit(limit)
        for column, value in ((row.source, source), (row.party_key, party_key)):
            if value is not None:
                query = query.where(column == value)
        return list(query if after is None else query.where(row.id > after))


def _row(case: ImportedCase) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "party_key": case.party_key,
        "matter_title": case.matter_title,
        "currency": case.currency,
        "decided_fen": case.decided_fen,
        "surcharge_fen": case.surcharge_fen,
        "interest_fen": case.interest_fen,
        "waived_fen": case.waived_fen,
        "paid_fen": case.paid_fen,
        "balance_fen": case.balance_fen,
        "happened_on": _iso(case.happened_on),
        "title_on": _iso(case.title_on),
        "outcome": case.outcome,
        "flags": json.dumps(case.flags, ensure_ascii=False),
        "fingerprint": case.fingerprint,
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
