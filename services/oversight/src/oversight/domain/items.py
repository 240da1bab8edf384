"""Items that open by themselves: duties not done in time (RESPONSIBILITY 11) and conduct that the rules forbid."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache

from oversight.domain.events import ConductOpened, InactionOpened
from oversight.domain.rulebook import read_rules


@cache
def _omission_by_clock_kind() -> dict[str, str]:
    omissions = read_rules("omissions")["omission"]
    return {kind: name for name, row in omissions.items() for kind in row["clock_kinds"]}


def omission_of(clock_kind: str) -> str:
    """Which omission of RESPONSIBILITY 11 a breached clock of this kind stands for."""
    return _omission_by_clock_kind().get(clock_kind, str(read_rules("omissions")["otherwise"]))


@cache
def omission_title(omission: str) -> tuple[str, str]:
    """The omission in words, (zh, en)."""
    row = read_rules("omissions")["omission"][omission]
    return row["zh"], row["en"]


@dataclass(frozen=True, kw_only=True)
class BreachedClock:
    """A time limit that passed with the duty undone, on a case or on a complaint."""

    clock_id: str
    kind: str
    law: str
    started_on: date | None
    due_on: date
    organisation_id: str
    case_id: str | None = None
    complaint_id: str | None = None
    matter_id: str | None = None


@dataclass(kw_only=True)
class InactionItem:
    """One duty not done in time. ``state`` is "open" until the organisation has answered for it."""

    id: str
    clock: BreachedClock
    omission: str
    opened_on: date
    state: str = "open"
    version: int = 1
    events: list[object] = field(default_factory=list)

    @classmethod
    def open(cls, item_id: str, clock: BreachedClock, on: date, omission: str | None = None) -> "InactionItem":
        """Open the item that a breached clock stands for."""
        item = cls(id=item_id, clock=clock, omission=omission or omission_of(clock.kind), opened_on=on)
        item.events.append(
            InactionOpened(
                inaction_id=item_id,
                case_id=clock.case_id,
                complaint_id=clock.complaint_id,
                clock_id=clock.clock_id,
                kind=clock.kind,
                omission=item.omission,
                organisation_id=clock.organisation_id,
                due_on=clock.due_on,
                law=clock.law,
            )
        )
        return item


@dataclass(frozen=True, kw_only=True)
class RefusedCharge:
    """A collecting agent tried to take money for something no obligation holds (CONDUCT 13). ``amount_fen`` in fen."""

    charge_id: str
    agent_id: str
    obligation_id: str | None
    description_code: str
    amount_fen: int
    law: tuple[str, ...]
    occurred_on: date


@dataclass(kw_only=True)
class ConductItem:
    """One thing done that the conduct rules forbid. ``case_id`` and ``organisation_id`` where they are known."""

    id: str
    kind: str
    charge: RefusedCharge
    case_id: str | None
    organisation_id: str | None
    opened_on: date
    state: str = "open"
    version: int = 1
    events: list[object] = field(default_factory=list)

    @classmethod
    def open(
        cls, item_id: str, charge: RefusedCharge, *, case_id: str | None, organisation_id: str | None, on: date
    ) -> "ConductItem":
        """Open the item that a refused charge stands for."""
        item = cls(
            id=item_id,
            kind="charge_without_basis",
            charge=charge,
            case_id=case_id,
            organisation_id=organisation_id,
            opened_on=on,
        )
        item.events.append(
            ConductOpened(
                conduct_id=item_id,
                kind=item.kind,
                charge_id=charge.charge_id,
                obligation_id=charge.obligation_id,
                case_id=case_id,
                organisation_id=organisation_id,
                law=charge.law,
                occurred_on=charge.occurred_on,
            )
        )
        return item
