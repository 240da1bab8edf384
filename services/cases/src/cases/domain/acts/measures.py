"""Preservation and seizure, and the hands through which evidence goes."""

from dataclasses import dataclass

from cases.domain.acts.base import Act
from cases.domain.values import Disposal, InventoryItem, MeasureKind


@dataclass(frozen=True, kw_only=True)
class ApproveMeasure(Act):
    """The head approves a preservation or seizure; ``basis`` are the articles that allow a seizure."""

    name = "approve_measure"
    measure_id: str
    kind: MeasureKind
    reason: str
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CarryOutMeasure(Act):
    """Carry out what was approved: on the spot, with an inventory that the party signs or refuses to sign."""

    measure_id: str
    kind: MeasureKind
    items: tuple[InventoryItem, ...]
    place: str
    party_present: bool
    party_signed: bool
    papers_handed_over: bool
    note: str = ""

    @property
    def row(self) -> str:
        """Each kind is a row of its own, because each has a clock of its own."""
        return {"preservation": "preserve", "seizure": "seize"}[self.kind.value]


@dataclass(frozen=True, kw_only=True)
class DisposeMeasure(Act):
    """Decide what becomes of what was preserved or seized."""

    name = "dispose_measure"
    measure_id: str
    disposal: Disposal
    reason: str


@dataclass(frozen=True, kw_only=True)
class HandOverEvidence(Act):
    """A piece of evidence passes from one hand to another."""

    name = "hand_over_evidence"
    evidence_id: str
    handed_by: str
    received_by: str
    place: str
    purpose: str
