"""What the operations need of the outside, as they see it; the adapters provide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from oversight.domain.clocks import Due
from oversight.domain.complaint import Complaint, Step
from oversight.domain.filing import Filing, Thresholds
from oversight.domain.items import ConductItem, InactionItem
from oversight.domain.plans import Plan

CONTENT, IDENTITY = "content", "identity"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One sealed part of one report; bytes as base64url text."""

    key_id: str
    wrapped_key: str
    ciphertext: str


@dataclass(frozen=True, kw_only=True)
class CaseKnown:
    """What oversight knows of a case from the department's events."""

    case_id: str
    organisation_id: str
    complaint_id: str | None = None
    organisation_name_zh: str | None = None
    organisation_name_en: str | None = None
    region_code: str | None = None
    case_number: str | None = None
    matter_id: str | None = None


class Caller(Protocol):
    """Who acts."""

    @property
    def subject(self) -> str:
        """The token's subject."""
        ...

    @property
    def organisation_id(self) -> str | None:
        """Whom the person works for."""
        ...


class ComplaintStore(Protocol):
    """Complaints without content, reporter and code."""

    def add(self, complaint: Complaint) -> None:
        """Keep a new one."""
        ...

    def get(self, complaint_id: str, expected_version: int | None = None) -> Complaint:
        """One that must be there."""
        ...

    def find(self, complaint_id: str) -> Complaint | None:
        """One that may be there, after the same queries either way."""
        ...

    def by_case(self, case_id: str) -> Complaint | None:
        """The one from which a case came."""
        ...

    def save(self, complaint: Complaint) -> None:
        """Keep a change."""
        ...

    def steps(self, complaint_id: str) -> list[Step]:
        """What happened so far."""
        ...

    def overdue(self, today: date, limit: int) -> list[tuple[str, str]]:
        """(complaint id, clock id) of running limits whose last day has passed."""
        ...

    def provisional(self, limit: int) -> list[str]:
        """Complaints with a running limit whose last day may still move."""
        ...


class SealedStore(Protocol):
    """Sealed parts of reports."""

    def add(self, complaint_id: str, part: str, sealed: Sealed) -> None:
        """Keep one."""
        ...

    def get(self, complaint_id: str, part: str) -> Sealed | None:
        """One, or None."""
        ...

    def not_wrapped_with(self, key_id: str, limit: int) -> list[tuple[str, str, Sealed]]:
        """Those that another master key wraps."""
        ...

    def replace(self, complaint_id: str, part: str, sealed: Sealed) -> None:
        """Keep one wrapped anew."""
        ...


class TrackingStore(Protocol):
    """Tracking codes, hashed."""

    def add(self, complaint_id: str, prefix: str, hashed: str) -> None:
        """Keep one."""
        ...

    def candidates(self, prefix: str) -> Sequence[tuple[str, str]]:
        """(complaint id, hash) under a prefix."""
        ...


class Sealer(Protocol):
    """Seals and opens the parts of reports."""

    @property
    def current_key_id(self) -> str:
        """The master key that wraps what is new."""
        ...

    def seal(self, complaint_id: str, part: str, content: Mapping[str, Any]) -> Sealed:
        """Seal a part."""
        ...

    def open(self, complaint_id: str, part: str, sealed: Sealed) -> dict[str, Any]:
        """Open a part."""
        ...

    def rewrap(self, complaint_id: str, part: str, sealed: Sealed) -> Sealed:
        """Wrap a part's key anew."""
        ...


class Codes(Protocol):
    """Hashes and proves tracking codes."""

    def prefix(self, code: str) -> str:
        """Under what a code is filed."""
        ...

    def hash(self, code: str) -> str:
        """The slow hash of a code."""
        ...

    def which(self, code: str, hashes: Sequence[str]) -> int | None:
        """Whose code it is, after the same work either way."""
        ...


Kept_contra = TypeVar("Kept_contra", contravariant=True)


class RecordStore(Protocol[Kept_contra]):
    """Aggregates of one kind that open once."""

    def add(self, record: Kept_contra) -> None:
        """Keep a new one."""
        ...

    def knows(self, **fields: str) -> bool:
        """Whether one with these fields exists."""
        ...


class InactionStore(Protocol):
    """Inaction items."""

    def add(self, record: InactionItem) -> None:
        """Keep a new one."""
        ...

    def at(self, item_id: str, expected_version: int) -> InactionItem:
        """One that must be there in the version that the caller saw."""
        ...

    def standing(self, clock_id: str) -> InactionItem | None:
        """The one of a clock that was not withdrawn, locked."""
        ...

    def save(self, item: InactionItem) -> None:
        """Keep a change."""
        ...


class CaseStore(Protocol):
    """The cases oversight has heard of."""

    def put(self, case: CaseKnown) -> None:
        """Keep what an event said."""
        ...

    def get(self, case_id: str) -> CaseKnown | None:
        """What is known."""
        ...


class Work(Protocol):
    """One transaction, with everything an operation may touch."""

    now: datetime
    organisation_id: str

    @property
    def actor(self) -> Caller:
        """Who acts."""
        ...

    @property
    def today(self) -> date:
        """The legal date."""
        ...

    @property
    def complaints(self) -> ComplaintStore:
        """Complaints."""
        ...

    @property
    def sealed(self) -> SealedStore:
        """Sealed parts."""
        ...

    @property
    def trackings(self) -> TrackingStore:
        """Tracking codes."""
        ...

    @property
    def cases(self) -> CaseStore:
        """Cases heard of."""
        ...

    @property
    def filings(self) -> RecordStore[Filing]:
        """Major decisions."""
        ...

    @property
    def inaction(self) -> InactionStore:
        """Duties not done in time."""
        ...

    @property
    def conduct(self) -> RecordStore[ConductItem]:
        """Conduct that the rules forbid."""
        ...

    @property
    def plans(self) -> RecordStore[Plan]:
        """Plans."""
        ...

    @property
    def vault(self) -> Sealer:
        """The cipher."""
        ...

    @property
    def codes(self) -> Codes:
        """The code book."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """Filing thresholds."""
        ...

    def compute_due(self, start: date, length: int, unit: str, law: str, extension_days: int) -> Due:
        """The last day of a limit."""
        ...

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put on record what the actor did or saw."""
        ...

    def __enter__(self) -> Self:
        """Open or join the transaction."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit at the outermost level, or roll back."""
        ...
