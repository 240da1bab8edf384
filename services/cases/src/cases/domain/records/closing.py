"""The end of a case, and what was published of it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How the case ended."""

    done_on: date
    reason: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Where and when the decision was made public (APL 48)."""

    done_on: date
    place: str
