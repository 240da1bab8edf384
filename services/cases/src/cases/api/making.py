"""Turns what callers sent into the domain's values."""

from typing import Any

from cases.domain.sanction import NONE, Sanction
from cases.domain.values import Party, PartyKind, SanctionKind
from gongzheng.ids import new_id


def party(given: dict[str, Any] | None) -> Party | None:
    """The party that was sent; a new one gets an identifier."""
    if given is None:
        return None
    fields = {**given, "party_id": given["party_id"] or new_id(), "kind": PartyKind(given["kind"])}
    return Party(**fields)


def sanction(given: dict[str, Any] | None) -> Sanction:
    """The sanction that was sent; none sent is no sanction."""
    if given is None:
        return NONE
    return Sanction(**{**given, "kinds": tuple(SanctionKind(kind) for kind in dict.fromkeys(given["kinds"]))})
