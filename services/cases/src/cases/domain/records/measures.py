"""Preservation, seizure and custody."""

from dataclasses import dataclass
from datetime import date

from cases.domain.values import Disposal, InventoryItem, MeasureKind


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A preservation or seizure from its approval to its end (APL 56, AEL 22 to 28)."""

    measure_id: str
    kind: MeasureKind
    approved_on: date
    approved_by: str
    reason: str
    basis: tuple[str, ...]
    carried_out_on: date | None = None
    officer_ids: tuple[str, ...] = ()
    place: str = ""
    items: tuple[InventoryItem, ...] = ()
    party_present: bool = False
    party_signed: bool = False
    note: str = ""
    disposed_on: date | None = None
    disposed_by: str | None = None
    disposal: Disposal | None = None
    disposal_reason: str = ""

    @property
    def held(self) -> bool:
        """Whether something is preserved or seized now."""
        return self.carried_out_on is not None and self.disposed_on is None


@dataclass(frozen=True, kw_only=True)
class Custody:
    """One passing of a piece of evidence from hand to hand."""

    evidence_id: str
    done_on: date
    handed_by: str
    received_by: str
    place: str
    purpose: str
