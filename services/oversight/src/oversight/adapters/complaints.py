"""Keeps complaints, their sealed parts and their tracking codes."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from gongzheng.db.mechanism import iso
from gongzheng.errors import Conflict, PreconditionFailed
from oversight.adapters import tables
from oversight.domain.clocks import ClockState, ComplaintClock, Due
from oversight.domain.complaint import Complaint, Kind, Step
from oversight.domain.errors import NotFound
from oversight.handlers.ports import Sealed

Emit = Callable[[str, object], None]


class Complaints:
    """Complaints without content, reporter and code."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit

    def add(self, complaint: Complaint) -> None:
        """Keep a new complaint and say what happened to it."""
        tables.Complaint.insert(id=complaint.id, version=complaint.version, **_row(complaint)).execute()
        self._save_parts(complaint)

    def get(self, complaint_id: str, expected_version: int | None = None) -> Complaint:
        """The complaint.

        Raises:
            NotFound: there is none.
            PreconditionFailed: its version is another than the caller saw.
        """
        complaint = self.find(complaint_id)
        if complaint is None:
            raise NotFound
        if expected_version is not None and complaint.version != expected_version:
            raise PreconditionFailed("Read the complaint again and send its current ETag.")
        return complaint

    def find(self, complaint_id: str) -> Complaint | None:
        """The complaint, or None; the same queries are run either way, so that time tells nothing."""
        clocks, steps = self._clocks(complaint_id), self.steps(complaint_id)
        row = tables.Complaint.get_or_none(tables.Complaint.id == complaint_id)
        return None if row is None else _complaint(row, clocks, steps)

    def by_case(self, case_id: str) -> Complaint | None:
        """The complaint from which a case came, if oversight knows of one."""
        row = tables.Complaint.get_or_none(tables.Complaint.case_id == case_id)
        return None if row is None else self.get(row.id)

    def save(self, complaint: Complaint) -> None:
        """Keep a change and say what happened.

        Raises:
            Conflict: somebody else changed the complaint meanwhile.
        """
        table = tables.Complaint
        changed = (
            table.update(version=complaint.version + 1, **_row(complaint))
            .where((table.id == complaint.id) & (table.version == complaint.version))
            .execute()
        )
        if changed != 1:
            raise Conflict("Read the complaint again.")
        complaint.version += 1
        self._save_parts(complaint)

    def page(
        self, *, limit: int, after: str | None, hidden_from: str | None, state: str | None, kind: str | None
    ) -> list[Complaint]:
        """Up to ``limit`` complaints by id, none about the organisation ``hidden_from``; no clocks, no steps."""
        table = tables.Complaint
        query = table.select().order_by(table.id).limit(limit)
        if after is not None:
            query = query.where(table.id > after)
        if hidden_from is not None:
            query = query.where(
                table.accused_organisation_id.is_null() | (table.accused_organisation_id != hidden_from)
            )
        if state is not None:
            query = query.where(table.state == state)
        if kind is not None:
            query = query.where(table.kind == kind)
        return [_complaint(row, [], []) for row in query]

    def steps(self, complaint_id: str) -> list[Step]:
        """What happened so far, in order; nothing for a complaint that does not exist."""
        table = tables.ComplaintStep
        query = table.select().where(table.complaint_id == complaint_id).order_by(table.position)
        return [Step(step=row.step, on=row.on, note=row.note) for row in query]

    def overdue(self, today: date, limit: int) -> list[tuple[str, str]]:
        """(complaint id, clock id) of running limits whose last day has passed, the oldest first."""
        table = tables.ComplaintClock
        query = (
            table.select(table.complaint_id, table.id)
            .where((table.state == ClockState.RUNNING.value) & (table.due_on < today) & table.met_on.is_null())
            .order_by(table.due_on, table.id)
            .limit(limit)
        )
        return [(row.complaint_id, row.id) for row in query]

    def provisional(self, limit: int) -> list[str]:
        """Ids of complaints with a running limit whose last day may still move."""
        table = tables.ComplaintClock
        running = (table.state == ClockState.RUNNING.value) & table.met_on.is_null() & table.provisional
        query = table.select(table.complaint_id).where(running).distinct().order_by(table.complaint_id).limit(limit)
        return [row.complaint_id for row in query]

    def _clocks(self, complaint_id: str) -> list[ComplaintClock]:
        table = tables.ComplaintClock
        query = table.select().where(table.complaint_id == complaint_id).order_by(table.id)
        return [_clock(row) for row in query]

    def _save_parts(self, complaint: Complaint) -> None:
        for clock in complaint.clocks:
            row = _clock_row(complaint.id, clock)
            changing = {name: row[name] for name in ("due_on", "provisional", "why_zh", "why_en", "extension_days")}
            changing |= {"state": row["state"], "met_on": row["met_on"]}
            tables.ComplaintClock.insert(**row).on_conflict(
                conflict_target=[tables.ComplaintClock.id], update=changing
            ).execute()
        for position, step in enumerate(complaint.steps):
            tables.ComplaintStep.insert(
                complaint_id=complaint.id, position=position, step=step.step, on=step.on, note=step.note
            ).on_conflict_ignore().execute()
        for event in complaint.events:
            self._emit(complaint.id, event)
        complaint.events.clear()


class SealedParts:
    """The sealed parts of reports."""

    def add(self, complaint_id: str, part: str, sealed: Sealed) -> None:
        """Keep a sealed part."""
        tables.SealedPart.insert(complaint_id=complaint_id, part=part, **vars(sealed)).execute()

    def get(self, complaint_id: str, part: str) -> Sealed | None:
        """A sealed part, or None when there is none."""
        table = tables.SealedPart
        row = table.get_or_none((table.complaint_id == complaint_id) & (table.part == part))
        return None if row is None else _sealed(row)

    def not_wrapped_with(self, key_id: str, limit: int) -> list[tuple[str, str, Sealed]]:
        """(complaint id, part, sealed) of parts wrapped with another master key."""
        query = tables.SealedPart.select().where(tables.SealedPart.key_id != key_id).limit(limit)
        return [(row.complaint_id, row.part, _sealed(row)) for row in query]

    def replace(self, complaint_id: str, part: str, sealed: Sealed) -> None:
        """Keep a part wrapped anew."""
        table = tables.SealedPart
        table.update(**vars(sealed)).where((table.complaint_id == complaint_id) & (table.part == part)).execute()


class Trackings:
    """Tracking codes, hashed."""

    def add(self, complaint_id: str, prefix: str, hashed: str) -> None:
        """Keep the hash of a code under its keyed prefix."""
        tables.Tracking.insert(complaint_id=complaint_id, prefix=prefix, hash=hashed).execute()

    def candidates(self, prefix: str) -> Sequence[tuple[str, str]]:
        """(complaint id, hash) of all reports under a prefix."""
        query = tables.Tracking.select().where(tables.Tracking.prefix == prefix)
        return [(row.complaint_id, row.hash) for row in query]


def _row(complaint: Complaint) -> dict[str, Any]:
    return {
        "kind": complaint.kind.value,
        "anonymous": complaint.anonymous,
        "received_at": iso(complaint.received_at),
        "received_on": complaint.received_on,
        "language": complaint.language,
        "state": complaint.state,
        "accused_organisation_id": complaint.accused_organisation_id,
        "organisation_id": complaint.organisation_id,
        "matter_id": complaint.matter_id,
        "case_id": complaint.case_id,
        "outcome": complaint.outcome,
    }


def _complaint(row: Any, clocks: list[ComplaintClock], steps: list[Step]) -> Complaint:
    return Complaint(
        id=row.id,
        kind=Kind(row.kind),
        anonymous=row.anonymous,
        received_at=datetime.fromisoformat(row.received_at).astimezone(UTC),
        received_on=row.received_on,
        language=row.language,
        state=row.state,
        version=row.version,
        accused_organisation_id=row.accused_organisation_id,
        organisation_id=row.organisation_id,
        matter_id=row.matter_id,
        case_id=row.case_id,
        outcome=row.outcome,
        clocks=clocks,
        steps=steps,
    )


def _clock_row(complaint_id: str, clock: ComplaintClock) -> dict[str, Any]:
    return {
        "id": clock.id,
        "complaint_id": complaint_id,
        "kind": clock.kind,
        "length": clock.length,
        "unit": clock.unit,
        "extension_days": clock.extension_days,
        "law": clock.law,
        "started_on": clock.started_on,
        "due_on": clock.due.due_on,
        "provisional": clock.due.provisional,
        "why_zh": clock.due.why_zh,
        "why_en": clock.due.why_en,
        "state": clock.state.value,
        "met_on": clock.met_on,
    }


def _clock(row: Any) -> ComplaintClock:
    return ComplaintClock(
        id=row.id,
        kind=row.kind,
        length=row.length,
        unit=row.unit,
        extension_days=row.extension_days,
        law=row.law,
        started_on=row.started_on,
        due=Due(due_on=row.due_on, provisional=row.provisional, why_zh=row.why_zh, why_en=row.why_en),
        state=ClockState(row.state),
        met_on=row.met_on,
    )


def _sealed(row: Any) -> Sealed:
    return Sealed(key_id=row.key_id, wrapped_key=row.wrapped_key, ciphertext=row.ciphertext)
