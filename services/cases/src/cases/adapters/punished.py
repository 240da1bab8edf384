"""The acts that have been punished, by party, across the organisations of this installation (APL 29, 33)."""

import hashlib
from datetime import date

from cases.adapters import sql
from cases.domain.case import Case
from cases.domain.register import PunishedAct
from cases.domain.values import Outcome, Party
from gongzheng.db.mechanism import Mechanism


class PunishedRepository:
    """One row per decision that punishes. The number of an identity document is kept as a digest only."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism

    def of_party(self, party: Party, but_case: str) -> tuple[PunishedAct, ...]:
        """What the party was punished for in other cases, oldest decision first.

        The party is locked until this unit of work ends, so that two decisions at once cannot both be the first.
        """
        digest = _digest(party)
        if self._mechanism.postgresql:
            self._mechanism.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(?, 29))", (digest or party.party_id,)
            )
        rows = self._mechanism.execute(
            "SELECT organisation_id, matter_id, conduct_on, conduct_until, decided_on, document_number, fine_fen"
            " FROM punished_act WHERE (party_id = ? OR (id_digest = ? AND id_digest <> '')) AND case_id <> ?"
            " ORDER BY decided_on, document_number",
            (party.party_id, digest, but_case),
        ).fetchall()
        return tuple(
            PunishedAct(
                organisation_id=row[0],
                matter_id=row[1],
                conduct_on=date.fromisoformat(row[2]),
                conduct_until=date.fromisoformat(row[3]),
                decided_on=date.fromisoformat(row[4]),
                document_number=row[5],
                fine_fen=int(row[6]),
            )
            for row in rows
        )

    def add(self, case: Case) -> None:
        """Enter the decision of a case; one that punishes nothing leaves no trace here."""
        decision, party, conduct_on = case.file.decision, case.party, case.conduct_on
        if decision is None or decision.outcome is not Outcome.PENALTY or party is None or conduct_on is None:
            return
        row = {
            "case_id": case.id,
            "party_id": party.party_id,
            "id_digest": _digest(party),
            "organisation_id": case.organisation_id,
            "matter_id": case.matter_id or "",
            "conduct_on": conduct_on.isoformat(),
            "conduct_until": (case.conduct_until or conduct_on).isoformat(),
            "decided_on": decision.done_on.isoformat(),
            "document_number": decision.document_number,
            "fine_fen": decision.sanction.fine_fen,
        }
        sql.insert(self._mechanism, "punished_act", row)


def _digest(party: Party) -> str:
    number = "".join((party.id_number or "").split()).upper()
    return hashlib.sha256(number.encode()).hexdigest() if number else ""
