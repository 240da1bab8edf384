"""Prior notices, the party's answers, hearings."""

from dataclasses import dataclass
from datetime import date

from cases.domain.records.deciding import Service
from cases.domain.sanction import Sanction
from cases.domain.values import HeardKind


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A prior notice: what the party is told before anything is decided (APL 44)."""

    notice_id: str
    document_number: str
    issued_on: date
    facts: str
    reasons: str
    sanction: Sanction
    basis: tuple[str, ...]
    hearing_law: tuple[str, ...] = ()
    service: Service | None = None


@dataclass(frozen=True, kw_only=True)
class Heard:
    """How the party used the right to be heard on one notice (APL 45, 62, 63)."""

    notice_id: str
    kind: HeardKind
    done_on: date
    content: str = ""
    hearing_requested: bool = False
    hearing_waived: bool = False


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """A hearing that was held on one notice (APL 64)."""

    notice_id: str
    done_on: date
    announced_on: date
    chair_subject: str
    record: str
    place: str = ""
