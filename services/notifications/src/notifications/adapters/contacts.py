"""Contact points in the database; addresses are sealed at rest."""

from dataclasses import fields
from datetime import datetime, timedelta

from peewee import EXCLUDED

from gongzheng.errors import Conflict
from notifications.adapters import tables
from notifications.adapters.sealing import Sealer
from notifications.domain.contact import ContactPoint

_COLUMNS = [f.name for f in fields(ContactPoint)]


class PeeweeContacts:
    """Contact points and the parties of cases."""

    def __init__(self, sealer: Sealer, kept: timedelta) -> None:
        self._sealer, self._kept = sealer, kept
        self._known: dict[tuple[str, str], ContactPoint] = {}

    def of_party(self, party_id: str, channel: str) -> ContactPoint | None:
        """The party's point in a channel; read once per unit of work."""
        if (party_id, channel) not in self._known:
            row = tables.ContactPoint
            found = row.get_or_none((row.party_id == party_id) & (row.channel == channel))
            if found is None:
                return None
            self._known[party_id, channel] = self._point(found)
        return self._known[party_id, channel]

    def forget(self) -> None:
        """The unit of work is over: read again at the next question."""
        self._known.clear()

    def list_of_party(self, party_id: str) -> list[ContactPoint]:
        """Every point of a party."""
        row = tables.ContactPoint
        return [self._point(r) for r in row.select().where(row.party_id == party_id).order_by(row.channel)]

    def add(self, point: ContactPoint) -> None:
        """Keep a new point."""
        tables.ContactPoint.insert(self._values(point)).execute()
        self._known[point.party_id, point.channel] = point

    def save(self, point: ContactPoint) -> None:
        """Keep a changed point.

        Raises:
            Conflict: when somebody else changed it meanwhile.
        """
        row, values = tables.ContactPoint, self._values(point)
        values["version"] = point.version + 1
        if not row.update(values).where((row.id == point.id) & (row.version == point.version)).execute():
            raise Conflict
        point.version += 1

    def party_of_case(self, case_id: str) -> str | None:
        """The party that a case is about."""
        found = tables.CaseParty.get_or_none(tables.CaseParty.case_id == case_id)
        return found.party_id if found else None

    def note_case(self, case_id: str, party_id: str, as_of: datetime) -> bool:
        """Remember which party a case is about; True when that is news. An older event changes nothing."""
        row = tables.CaseParty
        insert = row.insert(case_id=case_id, party_id=party_id, as_of=as_of).on_conflict(
            conflict_target=[row.case_id],
            preserve=[row.party_id, row.as_of],
            where=(row.as_of < EXCLUDED.as_of) & (row.party_id != EXCLUDED.party_id),
        )
        return bool(insert.as_rowcount().execute())

    def forget_before(self, moment: datetime) -> int:
        """Forget the points whose time of keeping is over; how many."""
        row = tables.ContactPoint
        return int(row.delete().where(row.keep_until < moment).execute())

    def _values(self, point: ContactPoint) -> dict[str, object]:
        values = {name: getattr(point, name) for name in _COLUMNS}
        values["address"] = self._sealer.seal(point.address, _place(point.id)) if point.address else None
        values["keep_until"] = point.as_of + self._kept
        return values

    def _point(self, row: tables.ContactPoint) -> ContactPoint:
        values = {name: getattr(row, name) for name in _COLUMNS}
        values["address"] = self._sealer.open(row.address, _place(row.id)) if row.address else None
        return ContactPoint(**values)


def _place(point_id: str) -> str:
    return f"contact_point/{point_id}"
