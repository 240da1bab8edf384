"""Archive a case: the dossier is built of the closed case, stored by its digest, and the digest put on the case."""

from dataclasses import replace

from cases.domain.acts import Archive
from cases.domain.case import Case
from cases.handlers.acting import keep, perform
from cases.handlers.build_dossier import build_dossier
from cases.handlers.ports import CasesWork


def archive_case(uow: CasesWork, case_id: str, act: Archive, version: int) -> Case:
    """The archived case.

    Raises:
        CasesError: what stands against archiving.
    """
    with uow:
        case = uow.cases.get(case_id, version, lock=True)
        with build_dossier(uow, case) as bundle:
            stored = uow.files.store(bundle)
        perform(uow, case, replace(act, dossier_sha256=stored.sha256))
        keep(uow, case)
        return case
