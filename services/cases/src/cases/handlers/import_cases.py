"""Take over a batch of old cases: each once, and each opens its account in fees by its event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cases.domain.imported_case import CaseImported, ImportedCase


class ImportedCases(Protocol):
    """The register of cases taken over."""

    def fingerprints(self, source: str, references: list[str]) -> Mapping[str, str]:
        """The fingerprint of each of these references that the register already holds."""
        ...

    def add(self, *, source: str, import_id: str, cases: list[ImportedCase]) -> list[str]:
        """Enter cases that are not there yet; their new ids in the same order."""
        ...


class ImportUnitOfWork(Protocol):
    """What the operation needs of the unit of work."""

    @property
    def imported_cases(self) -> ImportedCases:
        """The register."""
        ...

    def emit(self, subject: str, event: object) -> None:
        """Say what happened."""
        ...

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put it on record."""
        ...


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a batch: references taken over now, there already and equal, there already and different."""

    imported: list[str]
    unchanged: list[str]
    changed: list[str]


def import_cases(uow: ImportUnitOfWork, *, source: str, import_id: str, cases: Iterable[ImportedCase]) -> Taken:
    """Take over the cases that the register does not hold yet, inside the caller's unit of work.

    A case that is there with the same content counts as unchanged; with another content it is left as it stands and
    reported as changed, because what was taken over is never overwritten.
    """
    batch = list(cases)
    known = uow.imported_cases.fingerprints(source, [case.reference for case in batch])
    fresh = [case for case in batch if case.reference not in known]
    ids = uow.imported_cases.add(source=source, import_id=import_id, cases=fresh)
    for case_id, case in zip(ids, fresh, strict=True):
        uow.emit(case_id, _event(case_id, import_id, source, case))
    if fresh:
        uow.audit("cases.import", f"import/{import_id}", rows=len(fresh))
    there = [case for case in batch if case.reference in known]
    return Taken(
        imported=[case.reference for case in fresh],
        unchanged=[case.reference for case in there if known[case.reference] == case.fingerprint],
        changed=[case.reference for case in there if known[case.reference] != case.fingerprint],
    )


def _event(case_id: str, import_id: str, source: str, case: ImportedCase) -> CaseImported:
    return CaseImported(
        case_id=case_id,
        import_id=import_id,
        source_reference=case.reference,
        party_id=f"{source}:{case.party_key}",
        matter_title=case.matter_title,
        currency=case.currency,
        decided_fen=case.decided_fen,
        surcharge_fen=case.surcharge_fen,
        interest_fen=case.interest_fen,
        waived_fen=case.waived_fen,
        paid_fen=case.paid_fen,
        balance_fen=case.balance_fen,
        decided_on=case.title_on or case.happened_on,
    )
