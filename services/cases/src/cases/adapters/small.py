"""Numbers, documents and the timer's view of the clocks."""

import json
from datetime import date
from typing import Any

from cases.adapters.tables import DocumentRow, NumberRow
from cases.domain.records import Document
from cases.handlers.ports import DueClock
from gongzheng.db.mechanism import Mechanism


class NumberRepository:
    """Gap-free numbers per organisation, word and year."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism

    def draw(self, organisation_id: str, word: str, year: int) -> int:
        """The next number, from 1. The row stays locked until the transaction ends, and a rollback gives it back."""
        row = self._mechanism.execute(
            "INSERT INTO number_sequence (organisation_id, word, year, last) VALUES (?, ?, ?, 1)"
            " ON CONFLICT (organisation_id, word, year) DO UPDATE SET last = number_sequence.last + 1 RETURNING last",
            (organisation_id, word, year),
        ).fetchone()
        return int(row[0])

    def last(self, organisation_id: str, word: str, year: int) -> int:
        """The last number drawn; 0 when none was."""
        row = NumberRow.get_or_none(
            (NumberRow.organisation_id == organisation_id) & (NumberRow.word == word) & (NumberRow.year == year)
        )
        return 0 if row is None else int(row.last)


class DocumentRepository:
    """Issued documents; rows are never changed."""

    def add(self, case_id: str, document: Document, data: dict[str, Any]) -> None:
        """Enter a document whose bytes are in the store."""
        DocumentRow.insert(
            id=document.document_id,
            case_id=case_id,
            kind=document.kind,
            number=document.number,
            issued_on=document.issued_on.isoformat(),
            title=document.title,
            sha256=document.sha256,
            data=json.dumps(data, ensure_ascii=False),
        ).execute()

    def of_case(self, case_id: str) -> list[Document]:
        """All documents of a case, oldest first."""
        rows = DocumentRow.select().where(DocumentRow.case_id == case_id).order_by(DocumentRow.id)
        return [
            Document(
                document_id=row.id,
                kind=row.kind,
                number=row.number,
                issued_on=date.fromisoformat(row.issued_on),
                sha256=row.sha256,
                title=row.title,
            )
            for row in rows
        ]


class ClockRepository:
    """The clocks of all cases, for the timer.

    A mark is set by a condition on its own absence, so that of several workers exactly one gets each clock.
    """

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism

    def mark_warned(self, due_by: date, today: date, limit: int) -> list[DueClock]:
        """Mark what ends on or before ``due_by`` and has not been warned of; each clock comes back once, ever."""
        return self._mark("warned_on", "due_on <= ?", due_by, today, limit)

    def mark_breached(self, today: date, limit: int) -> list[DueClock]:
        """Mark what should have ended before today; each clock comes back once, ever."""
        return self._mark("breached_on", "due_on < ?", today, today, limit)

    def to_recompute(self, calendar: str, limit: int) -> list[str]:
        """The cases with running clocks that waited for another calendar than this one, by id."""
        rows = self._mechanism.execute(
            "SELECT DISTINCT case_id FROM clock WHERE provisional AND ended_on IS NULL AND NOT paused"
            " AND calendar <> ? ORDER BY case_id LIMIT ?",
            (calendar, limit),
        ).fetchall()
        return [row[0] for row in rows]

    def _mark(self, mark: str, condition: str, bound: date, today: date, limit: int) -> list[DueClock]:
        # SKIP LOCKED: a clock that a case is just ending, or another worker is marking, is left to the next run.
        skip = " FOR UPDATE SKIP LOCKED" if self._mechanism.postgresql else ""
        rows = self._mechanism.execute(
            f"UPDATE clock SET {mark} = ? WHERE id IN (SELECT id FROM clock WHERE nature = 'duty' AND NOT paused"  # noqa: S608 two constants are joined in
            f" AND ended_on IS NULL AND {mark} IS NULL AND {condition} ORDER BY due_on LIMIT {limit:d}{skip})"
            f" AND ended_on IS NULL AND {mark} IS NULL RETURNING id, case_id, kind, law, started_on, due_on",
            (today.isoformat(), bound.isoformat()),
        ).fetchall()
        if not rows:
            return []
        places = ", ".join(["?"] * len(rows))
        owners = {
            row[0]: (row[1], row[2])
            for row in self._mechanism.execute(
                f"SELECT id, organisation_id, matter_id FROM case_record WHERE id IN ({places})",  # noqa: S608 only marks are joined in
                [row[1] for row in rows],
            ).fetchall()
        }
        return [
            DueClock(
                clock_id=clock_id,
                case_id=case_id,
                kind=kind,
                law=law,
                started_on=date.fromisoformat(started_on),
                due_on=date.fromisoformat(due_on),
                organisation_id=owners[case_id][0],
                matter_id=owners[case_id][1],
            )
            for clock_id, case_id, kind, law, started_on, due_on in rows
        ]
