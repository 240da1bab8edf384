"""Load a data file into a register: entries are entered or replaced by their key, all of them or none."""

from collections.abc import Sequence

from cases.domain.errors import FileNotLoadable
from cases.domain.register import LegalBasis, Matter, Officer, Organisation
from cases.handlers.ports import CasesWork


def load_organisations(uow: CasesWork, items: Sequence[Organisation]) -> int:
    """How many organisations were entered or replaced."""
    with uow:
        uow.registers.put_organisations(items)
        uow.audit("organisation.load", "organisation", count=len(items))
        return len(items)


def load_officers(uow: CasesWork, items: Sequence[Officer]) -> int:
    """How many officers were entered or replaced.

    Raises:
        FileNotLoadable: when an officer's organisation is not in the register.
    """
    with uow:
        known = uow.registers.known_organisations()
        errors = {
            f"officer.{item.id}.organisation": ["is not in the register"]
            for item in items
            if item.organisation_id not in known
        }
        if errors:
            raise FileNotLoadable("先载入所属机关。", "Load the organisations first.", errors=errors)
        uow.registers.put_officers(items)
        uow.audit("officer.load", "officer", count=len(items))
        return len(items)


def load_catalogue(uow: CasesWork, bases: Sequence[LegalBasis], matters: Sequence[Matter]) -> tuple[int, int]:
    """How many versions of bases and of matters were entered or replaced.

    Raises:
        FileNotLoadable: when a matter names a basis that neither the file nor the register holds.
    """
    with uow:
        known = uow.registers.known_bases() | {basis.id for basis in bases}
        errors = {f"matter.{item.id}.basis": ["is not known"] for item in matters if item.basis_id not in known}
        if errors:
            raise FileNotLoadable("先载入法律依据。", "Load the legal bases first.", errors=errors)
        uow.registers.put_bases(bases)
        uow.registers.put_matters(matters)
        uow.audit("catalogue.load", "catalogue", bases=len(bases), matters=len(matters))
        return len(bases), len(matters)
