"""Officers on the case, functions held, recusals."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """An officer on the case. ``until`` is the day a recusal took effect."""

    officer_id: str
    subject: str
    name_zh: str
    since: date
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Function:
    """Somebody held a function in the case (see ``rules/separation.toml``)."""

    function: str
    subject: str
    since: date


@dataclass(frozen=True, kw_only=True)
class Recusal:
    """An application that somebody keep out of the case, and the head's decision on it (APL 43)."""

    recusal_id: str
    officer_id: str
    subject: str
    ground: str
    own_motion: bool
    applied_on: date
    granted: bool | None = None
    decided_on: date | None = None
    decided_by: str | None = None
