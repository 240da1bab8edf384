"""Items that open by themselves: duties not done in time (RESPONSIBILITY 11) and conduct that the rules forbid."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from oversight.domain.errors import InactionStateForbids
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
def omission_title(omission: str, clock_kind: str = "") -> tuple[str, str]:
    """The omission in words, (zh, en); a duty done late in the words of its kind of clock, where there are any."""
    rules = read_rules("omissions")
    row = rules["omission"][omission]
    if omission == rules["otherwise"]:
        row = rules["duty"].get(clock_kind, row)
    return row["zh"], row["en"]


@cache
def _inaction_steps() -> dict[tuple[str, str], str]:
    rows = read_rules("inaction_states")["transition"]
    return {(source, row["act"]): row["to"] for row in rows for source in row["from"]}


@cache
def withdrawal_reason(change: str) -> tuple[str, str]:
    """Why an item was withdrawn, (zh, en), by what became of its clock.

    Raises:
        KeyError: no clock can change so.
    """
    row = read_rules("inaction_states")["withdrawal"][change]
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


@dataclass(frozen=True, kw_only=True)
class ChangedClock:
    """What became of a clock on a case. ``change`` is a word of clock.changed; ``due_on`` is None while it stands."""

    clock_id: str
    case_id: str
    change: str
    due_on: date | None
    breach_withdrawn: bool


@dataclass(kw_only=True)
class InactionItem:
    """One duty not done in time. ``state`` goes its way by ``rules/inaction_states.toml``.

    ``withdrawn_because`` is the change of the clock by which the limit turned out not to have been missed.
    """

    id: str
    clock: BreachedClock
    omission: str
    opened_on: date
    state: str = "open"
    taken_up_by: str | None = None
    taken_up_on: date | None = None
    withdrawn_on: date | None = None
    withdrawn_because: str | None = None
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

    def take_up(self, subject: str, on: date) -> None:
        """Put the item into a person's hands.

        Raises:
            InactionStateForbids: somebody has it already, or it was withdrawn.
        """
        self._step("take_up")
        self.taken_up_by, self.taken_up_on = subject, on

    def follow(self, change: ChangedClock, on: date) -> bool:
        """Follow what became of the clock; whether anything changed.

        A breach that no longer holds withdraws the item, also out of somebody's hands; a last day that moved is the one
        shown from then on.
        """
        moved = change.due_on is not None and change.due_on != self.clock.due_on
        if change.due_on is not None:
            self.clock = replace(self.clock, due_on=change.due_on)
        if change.breach_withdrawn:
            withdrawal_reason(change.change)
            self._step("withdraw")
            self.withdrawn_on, self.withdrawn_because = on, change.change
        return moved or change.breach_withdrawn

    def _step(self, act: str) -> None:
        target = _inaction_steps().get((self.state, act))
        if target is None:
            raise InactionStateForbids(self.state)
        self.state = target


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
