"""The registers that acts are checked against: organisations, officers, legal bases and matters, as of a day."""

from dataclasses import dataclass, field
from datetime import date

from cases.domain.values import Employment, Level, PartyKind, Period, SanctionKind


@dataclass(frozen=True, kw_only=True)
class Qualification:
    """A power to enforce: own (APL 17), authorised (APL 19) or entrusted (APL 20), for fields of matters."""

    kind: str
    law: tuple[str, ...]
    fields: tuple[str, ...]
    period: Period
    granted_by_zh: str = ""
    granted_by_en: str = ""
    entrusted_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """A department. ``id`` is its unified social credit code (GB 32100); ``document_prefix`` leads its numbers."""

    id: str
    name_zh: str
    name_en: str
    level: Level
    region_code: str
    document_prefix: str
    parent: str | None = None
    qualifications: tuple[Qualification, ...] = ()

    def qualified(self, matter_field: str, day: date) -> bool:
        """Whether it has the power for a field of matters on a day (APL 17 to 21)."""
        return any(matter_field in q.fields and q.period.covers(day) for q in self.qualifications)


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """Days on which a credential is suspended."""

    period: Period
    reason_zh: str = ""
    reason_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Officer:
    """A member of an organisation with an enforcement credential; ``id`` is the credential number.

    The same person keeps the same ``subject`` through renewals; separation of duties is checked by subject.
    """

    id: str
    subject: str
    name_zh: str
    name_en: str
    organisation_id: str
    employment: Employment
    credential: Period
    trained_on: date | None = None
    legal_qualification_from: date | None = None
    revoked_on: date | None = None
    suspensions: tuple[Suspension, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def formal(self) -> bool:
        """Formal staff; temporary staff may assist and never count (APL 42)."""
        return self.employment is Employment.FORMAL

    def credential_fault(self, day: date) -> tuple[str, str] | None:
        """Why the credential does not hold on a day (zh, en), or None when it does (APL 42)."""
        if not self.credential.covers(day):
            return "执法证不在有效期内", "the credential does not cover the day"
        if self.revoked_on is not None and self.revoked_on <= day:
            return "执法证已被吊销", "the credential has been revoked"
        if any(s.period.covers(day) for s in self.suspensions):
            return "执法证被暂扣", "the credential is suspended"
        return None

    def may_review(self, day: date) -> bool:
        """Whether the legal qualification was held on a day (APL 58(2))."""
        return self.legal_qualification_from is not None and self.legal_qualification_from <= day


@dataclass(frozen=True, kw_only=True)
class LegalBasis:
    """One version of one statute and the days on which it is in force."""

    id: str
    short: str
    title_zh: str
    title_en: str
    kind: str
    period: Period
    status: str
    version_zh: str = ""
    repealed_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class SanctionLine:
    """One sanction that a matter opens. Fines: an amount range, or thousandths of a base, in fen."""

    kind: SanctionKind
    mandatory: bool = False
    grave_only: bool = False
    party_kinds: tuple[PartyKind, ...] = ()
    min_fen: int | None = None
    max_fen: int | None = None
    base: str | None = None
    min_permille: int | None = None
    max_permille: int | None = None
    base_from_fen: int | None = None
    base_below_fen: int | None = None
    unit: str | None = None
    when_zh: str = ""
    when_en: str = ""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A violation type in one version: who can commit it, what it opens, until when it can be pursued.

    ``closing_only``: on it cases can only be ended. ``reconsideration_first``: the citation by which there is no
    suing before reconsideration, or empty (ARL 23).
    ``fine_level``: fines from ``fine_level_from_fen`` on are left to organisations of this level and above.
    """

    id: str
    field: str
    basis_id: str
    title_zh: str
    title_en: str
    violated: tuple[str, ...]
    sanctioned: tuple[str, ...]
    period: Period
    status: str
    party_kinds: tuple[PartyKind, ...]
    limitation_years: int
    limitation_years_with_harm: int | None = None
    procedures: tuple[str, ...] = ("ordinary",)
    order_to_correct: bool = False
    correct_first: bool = False
    reconsideration_first: str = ""
    closing_only: bool = False
    fine_level: Level | None = None
    fine_level_from_fen: int = 0
    fine_level_law: str = ""
    quote_zh: str = ""
    sanctions: tuple[SanctionLine, ...] = ()

    @property
    def basis_laws(self) -> tuple[str, ...]:
        """The articles a decision names: the duty and the sanction (APL 59)."""
        return tuple(dict.fromkeys((*self.violated, *self.sanctioned)))


@dataclass(frozen=True, kw_only=True)
class MatterOnDay:
    """A matter and its basis as they stand for one day; either is the nearest version when none covers the day."""

    matter: Matter
    basis: LegalBasis
    day: date

    @property
    def in_force(self) -> bool:
        """Whether both cover the day (catalogue format 1)."""
        return self.matter.period.covers(self.day) and self.basis.period.covers(self.day)


@dataclass(frozen=True, kw_only=True)
class PunishedAct:
    """What the party of a case was punished for in another one; fines in fen."""

    organisation_id: str
    matter_id: str
    conduct_on: date
    conduct_until: date
    decided_on: date
    document_number: str
    fine_fen: int


@dataclass(frozen=True, kw_only=True)
class Register:
    """What the registers say for one act: gathered by the handler, so that the domain asks no database."""

    organisation: Organisation
    officers: dict[str, Officer] = field(default_factory=dict)
    actor: Officer | None = None
    matter: MatterOnDay | None = None
    matter_at_conduct: MatterOnDay | None = None
    punished: tuple[PunishedAct, ...] = ()
