"""Take an act that needs nothing but the case: file, assign, interview, review, serve, hear, publish or close it."""

from cases.domain.acts import Act
from cases.domain.case import Case
from cases.handlers.acting import take
from cases.handlers.ports import CasesWork


def take_act(uow: CasesWork, case_id: str, act: Act, version: int) -> Case:
    """Take the act on the case that the caller saw at ``version``.

    Raises:
        CasesError: what stands against the act, with its article.
        PreconditionFailed: 412, when the case has changed since.
    """
    with uow:
        return take(uow, case_id, act, version)
