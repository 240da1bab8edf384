"""The repository of cases: one row each, with evidence, timeline and clocks in tables of their own."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from cases.adapters import sql
from cases.adapters.codec import from_json, to_json
from cases.adapters.tables import CaseRow, ClockRow, EntryRow, EvidenceRow
from cases.domain.case import Case
from cases.domain.errors import Unknown
from cases.domain.records import ClockExtension, ClockPause, ClockRecord, Entry, Evidence, File
from cases.domain.values import Party, Procedure, Source, State
from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.errors import Conflict, PreconditionFailed

_BODY: dict[str, Any] = {
    "summary": str,
    "region_code": str,
    "conduct_on": date | None,
    "conduct_until": date | None,
    "harm": bool,
    "procedure": Procedure,
    "party": Party | None,
    "days": dict[str, date],
    "file": File,
}
"""Parts of a case that stand in ``body``, with their types."""


class CaseRepository:
    """Cases in the database. A case is loaded and saved whole; only the unit of work commits."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._loaded: dict[str, Case] = {}

    def get(self, case_id: str, expected_version: int | None = None, *, lock: bool = False) -> Case:
        """A case with all its parts.

        Raises:
            Unknown: 404, when there is none.
            PreconditionFailed: 412, when it has another version than expected.
        """
        row = next(iter(sql.select(self._mechanism, CaseRow, lock=lock, id=case_id)), None)
        if row is None:
            raise Unknown.thing("案件", "case")
        if expected_version is not None and row.version != expected_version:
            raise PreconditionFailed("Read the case again and send its current ETag.")
        case = self._case(row, lock=lock)
        self._loaded[case_id] = replace(
            case, evidence=list(case.evidence), timeline=list(case.timeline), clocks=list(case.clocks)
        )
        return case

    def add(self, case: Case) -> None:
        """Enter a new case with version 1.

        Raises:
            Conflict: when the complaint has led to a case already.
        """
        case.version = 1
        record = {"id": case.id, **self._columns(case)}
        self._loaded[case.id] = Case(id=case.id, organisation_id=case.organisation_id)
        if case.complaint_id is None:
            self._write_parts(case, sql.inserting("case_record", record))
            return
        # DO NOTHING instead of an error, which would end the whole transaction on PostgreSQL.
        if not sql.insert(self._mechanism, "case_record", record, or_nothing=True):
            raise Conflict("This complaint has already led to a case.")
        self._write_parts(case)

    def save(self, case: Case) -> None:
        """Write a changed case; its version grows by one.

        Raises:
            Conflict: 409, when somebody else has saved it since it was loaded.
        """
        seen, case.version = case.version, case.version + 1
        if not sql.update(self._mechanism, "case_record", self._columns(case), id=case.id, version=seen):
            raise Conflict("Read the case again; somebody else has changed it.")
        self._write_parts(case)

    def has(self, case_id: str) -> bool:
        """Whether there is such a case."""
        return bool(self._mechanism.execute("SELECT 1 FROM case_record WHERE id = ?", (case_id,)).fetchone())

    def of_complaint(self, complaint_id: str) -> str | None:
        """The id of the case that a complaint has led to."""
        row = self._mechanism.execute("SELECT id FROM case_record WHERE complaint_id = ?", (complaint_id,)).fetchone()
        return None if row is None else str(row[0])

    def page(self, *, organisation_id: str | None, state: str | None, after: str | None, limit: int) -> list[CaseRow]:
        """Rows for a list, newest first; one more than ``limit`` when there are more."""
        query = CaseRow.select(*(field for field in CaseRow._meta.sorted_fields if field.name != "body"))  # noqa: SLF001 peewee keeps them there; the body is large and not listed
        if organisation_id is not None:
            query = query.where(CaseRow.organisation_id == organisation_id)
        if state is not None:
            query = query.where(CaseRow.state == state)
        if after is not None:
            query = query.where(CaseRow.id < after)
        return list(query.order_by(CaseRow.id.desc()).limit(limit + 1))

    def _columns(self, case: Case) -> dict[str, Any]:
        decision = case.file.decision
        return {
            "version": case.version,
            "organisation_id": case.organisation_id,
            "state": str(case.state),
            "source": case.source.value,
            "case_number": case.case_number,
            "matter_id": case.matter_id,
            "complaint_id": case.complaint_id,
            "party_id": case.party.party_id if case.party is not None else None,
            "party_name": case.party.name if case.party is not None else None,
            "received_on": case.received_on.isoformat(),
            "document_number": decision.document_number if decision is not None else None,
            "body": json.dumps({name: to_json(getattr(case, name)) for name in _BODY}, ensure_ascii=False),
            "updated_at": iso(self._mechanism.clock.now()),
        }

    def _write_parts(self, case: Case, *statements: sql.Statement) -> None:
        """Evidence, timeline and clocks: what is new is added, and only what may change is changed, all at once."""
        before = self._loaded[case.id]
        changes = [*statements, *_evidence_changes(case, before.evidence)]
        for position, entry in enumerate(case.timeline[len(before.timeline) :], start=len(before.timeline)):
            line = {"case_id": case.id, "position": position, **_entry_columns(entry)}
            changes.append(sql.inserting("timeline", line))
        known = {clock.clock_id: clock for clock in before.clocks}
        for position, clock in enumerate(case.clocks):
            if clock.clock_id not in known:
                made = {"id": clock.clock_id, "case_id": case.id, "position": position, **_clock_columns(clock)}
                changes.append(sql.inserting("clock", made))
            elif clock != known[clock.clock_id]:
                changes.append(sql.updating("clock", _clock_columns(clock), id=clock.clock_id))
        self._mechanism.execute_together(changes)
        self._loaded[case.id] = replace(
            case, evidence=list(case.evidence), timeline=list(case.timeline), clocks=list(case.clocks)
        )

    def _parts(self, table: Any, case_id: str, *, lock: bool = False) -> list[Any]:
        return sql.select(self._mechanism, table, "position", lock=lock, case_id=case_id)

    def _case(self, row: Any, *, lock: bool) -> Case:
        body = json.loads(row.body)
        return Case(
            id=row.id,
            organisation_id=row.organisation_id,
            version=row.version,
            state=State(row.state),
            source=Source(row.source),
            case_number=row.case_number,
            matter_id=row.matter_id,
            complaint_id=row.complaint_id,
            received_on=date.fromisoformat(row.received_on),
            evidence=[_evidence(r) for r in self._parts(EvidenceRow, row.id)],
            timeline=[_entry(r) for r in self._parts(EntryRow, row.id)],
            # With the case: otherwise the timer could mark a clock that this act is just ending or moving.
            clocks=[clock_record(r) for r in self._parts(ClockRow, row.id, lock=lock)],
            **{name: from_json(kind, body[name]) for name, kind in _BODY.items() if name in body},
        )


def _evidence_changes(case: Case, before: list[Evidence]) -> Iterator[sql.Statement]:
    known = {piece.evidence_id: piece for piece in before}
    for position, piece in enumerate(case.evidence):
        if piece.evidence_id not in known:
            made = {"id": piece.evidence_id, "case_id": case.id, "position": position, "sha256": piece.sha256}
            yield sql.inserting("evidence", {**made, "body": json.dumps(to_json(piece), ensure_ascii=False)})
        elif piece != known[piece.evidence_id]:
            excluded = {
                "excluded_on": _text(piece.excluded_on),
                "excluded_by": piece.excluded_by,
                "exclusion_reason": piece.exclusion_reason,
            }
            yield sql.updating("evidence", excluded, id=piece.evidence_id)


def _evidence(row: Any) -> Evidence:
    return replace(
        from_json(Evidence, json.loads(row.body)),
        excluded_on=_day(row.excluded_on),
        excluded_by=row.excluded_by,
        exclusion_reason=row.exclusion_reason or "",
    )


def _entry_columns(entry: Entry) -> dict[str, Any]:
    return {
        "act": entry.act,
        "done_on": entry.done_on.isoformat(),
        "recorded_at": iso(entry.recorded_at),
        "actor_subject": entry.actor_subject,
        "actor_name": entry.actor_name,
        "state": entry.state,
        "officer_ids": json.dumps(entry.officer_ids),
    }


def _entry(row: Any) -> Entry:
    return Entry(
        act=row.act,
        done_on=date.fromisoformat(row.done_on),
        recorded_at=datetime.fromisoformat(row.recorded_at),
        actor_subject=row.actor_subject,
        actor_name=row.actor_name,
        state=row.state,
        officer_ids=tuple(json.loads(row.officer_ids)),
    )


_CLOCK_DAYS = ("started_on", "due_on", "ended_on", "warned_on", "breached_on")
_CLOCK_MOVES: dict[str, Any] = {"extensions": tuple[ClockExtension, ...], "pauses": tuple[ClockPause, ...]}
_CLOCK_PLAIN = tuple(f.name for f in fields(ClockRecord) if f.name not in {"clock_id", *_CLOCK_DAYS, *_CLOCK_MOVES})


def _clock_columns(clock: ClockRecord) -> dict[str, Any]:
    plain = {name: getattr(clock, name) for name in _CLOCK_PLAIN}
    moves = {name: json.dumps(to_json(getattr(clock, name)), ensure_ascii=False) for name in _CLOCK_MOVES}
    days = {name: _text(getattr(clock, name)) for name in _CLOCK_DAYS}
    return plain | moves | days | {"paused": clock.paused}


def clock_record(row: Any) -> ClockRecord:
    """A clock of its row."""
    plain = {name: getattr(row, name) for name in _CLOCK_PLAIN}
    days: dict[str, Any] = {name: _day(getattr(row, name)) for name in _CLOCK_DAYS}
    moves: dict[str, Any] = {
        name: () if getattr(row, name) == "[]" else from_json(kind, json.loads(getattr(row, name)))
        for name, kind in _CLOCK_MOVES.items()
    }
    plain["provisional"] = bool(row.provisional)  # SQLite keeps truth as a number
    return ClockRecord(clock_id=row.id, **plain, **days, **moves)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


__all__ = ["CaseRepository", "clock_record"]
