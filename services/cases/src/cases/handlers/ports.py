"""What the operations need of the outside, as protocols; ``adapters`` provides it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from cases.domain.case import Case
from cases.domain.records import Document
from cases.domain.register import LegalBasis, Matter, MatterOnDay, Officer, Organisation, PunishedAct
from cases.domain.values import Party
from gongzheng.legaltime import WorkCalendar


class ActorLike(Protocol):
    """Who acts, as the mechanism knows it."""

    @property
    def subject(self) -> str:
        """The token's ``sub``."""
        ...

    @property
    def name(self) -> str:
        """The name for the record."""
        ...

    @property
    def roles(self) -> frozenset[str]:
        """The roles."""
        ...

    @property
    def organisation_id(self) -> str | None:
        """The organisation acted for."""
        ...

    @property
    def agent(self) -> bool:
        """Whether it is a machine."""
        ...


class Cases(Protocol):
    """The cases."""

    def get(self, case_id: str, expected_version: int | None = None, *, lock: bool = False) -> Case:
        """A case with all its parts; ``lock`` keeps others from changing it until this unit of work ends."""
        ...

    def add(self, case: Case) -> None:
        """Enter a new case."""
        ...

    def save(self, case: Case) -> None:
        """Write a changed case; its version grows by one."""
        ...

    def has(self, case_id: str) -> bool:
        """Whether there is such a case."""
        ...

    def of_complaint(self, complaint_id: str) -> str | None:
        """The id of the case that a complaint has led to."""
        ...


class Registers(Protocol):
    """Organisations, officers, bases and matters."""

    def organisation(self, organisation_id: str) -> Organisation:
        """An organisation."""
        ...

    def who_acts(
        self, organisation_id: str, officer_ids: Iterable[str], subject: str, day: date
    ) -> tuple[Organisation, dict[str, Officer], Officer | None]:
        """An organisation, those of these officers that are known, and the officer behind a login on a day."""
        ...

    def matter_on(self, matter_id: str, day: date) -> MatterOnDay:
        """A matter and its basis as of a day; the nearest versions when none covers it."""
        ...

    def put_organisations(self, items: Sequence[Organisation]) -> None:
        """Enter or replace."""
        ...

    def put_officers(self, items: Sequence[Officer]) -> None:
        """Enter or replace."""
        ...

    def put_bases(self, items: Sequence[LegalBasis]) -> None:
        """Enter or replace."""
        ...

    def put_matters(self, items: Sequence[Matter]) -> None:
        """Enter or replace."""
        ...

    def known_bases(self) -> set[str]:
        """The ids of all bases."""
        ...

    def known_organisations(self) -> set[str]:
        """The ids of all organisations."""
        ...


class Numbers(Protocol):
    """Gap-free numbers."""

    def draw(self, organisation_id: str, word: str, year: int) -> int:
        """The next number; the row stays locked to the end of the unit of work, so that none is lost or doubled."""
        ...


class Documents(Protocol):
    """Issued documents."""

    def add(self, case_id: str, document: Document, data: dict[str, Any]) -> None:
        """Enter a document whose bytes are stored."""
        ...

    def of_case(self, case_id: str) -> list[Document]:
        """All documents of a case, oldest first."""
        ...


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file in the store."""

    sha256: str
    size_bytes: int


class Files(Protocol):
    """Files by their SHA-256; nothing is ever altered or removed."""

    def store(self, stream: BinaryIO) -> StoredFile:
        """Take in a stream of bytes."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The bytes of a stored file."""
        ...

    def path(self, sha256: str) -> Path:
        """Where a stored file lies, for reading only."""
        ...


class Renderer(Protocol):
    """Sets documents."""

    def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """A document from a template and data."""
        ...


class Sealer(Protocol):
    """Makes the signed bundle of a dossier."""

    def seal(self, files: dict[str, bytes | Path], manifest: dict[str, Any]) -> BinaryIO:
        """The bundle, open for reading."""
        ...


@dataclass(frozen=True, kw_only=True)
class DueClock:
    """A clock of the department that is to be warned of or has been breached."""

    clock_id: str
    case_id: str
    kind: str
    law: str
    started_on: date
    due_on: date
    organisation_id: str
    matter_id: str | None


class Clocks(Protocol):
    """The clocks of all cases, for the timer."""

    def mark_warned(self, due_by: date, today: date, limit: int) -> list[DueClock]:
        """Mark the running clocks that end on or before a day; each clock comes back from exactly one call, ever."""
        ...

    def to_recompute(self, calendar: str, limit: int) -> list[str]:
        """Cases with running clocks that waited for another calendar than the one with this fingerprint."""
        ...

    def mark_breached(self, today: date, limit: int) -> list[DueClock]:
        """Mark the running clocks whose last day has passed; each clock comes back from exactly one call, ever."""
        ...


class Punished(Protocol):
    """The acts that have been punished, across organisations."""

    def of_party(self, party: Party, but_case: str) -> tuple[PunishedAct, ...]:
        """What the party was punished for in other cases; nobody else decides on it until this unit of work ends."""
        ...

    def add(self, case: Case) -> None:
        """Enter the decision of a case when it punishes."""
        ...


class CasesWork(Protocol):
    """The unit of work of this service."""

    @property
    def actor(self) -> ActorLike:
        """Who acts."""
        ...

    @property
    def cases(self) -> Cases:
        """The cases."""
        ...

    @property
    def registers(self) -> Registers:
        """The registers."""
        ...

    @property
    def numbers(self) -> Numbers:
        """The numbers."""
        ...

    @property
    def documents(self) -> Documents:
        """The issued documents."""
        ...

    @property
    def clocks(self) -> Clocks:
        """The clocks of all cases."""
        ...

    @property
    def punished(self) -> Punished:
        """The acts that have been punished."""
        ...

    @property
    def files(self) -> Files:
        """The file store."""
        ...

    @property
    def renderer(self) -> Renderer:
        """Sets documents."""
        ...

    @property
    def sealer(self) -> Sealer:
        """Seals dossiers."""
        ...

    @property
    def calendar(self) -> WorkCalendar:
        """The working days."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of this unit of work."""
        ...

    @property
    def today(self) -> date:
        """The legal date."""
        ...

    def __enter__(self) -> Self:
        """Open it."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Commit, or roll back."""
        ...

    def emit(self, subject: str, event: object, *, first: bool = False) -> None:
        """Say what happened."""
        ...

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put it on record."""
        ...
