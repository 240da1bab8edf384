"""Wrap the data keys of reports with the current master key, so that an old one can be retired."""

from collections.abc import Callable

from oversight.handlers.ports import Work

BATCH = 100


def rewrap_keys(make_uow: Callable[[], Work]) -> int:
    """Wrap one batch anew; returns how many were."""
    with make_uow() as uow:
        stale = uow.sealed.not_wrapped_with(uow.vault.current_key_id, BATCH)
        for complaint_id, part, sealed in stale:
            uow.sealed.replace(complaint_id, part, uow.vault.rewrap(complaint_id, part, sealed))
        if stale:
            uow.audit("complaint.rewrap", "complaint", count=len(stale), key=uow.vault.current_key_id)
    return len(stale)
