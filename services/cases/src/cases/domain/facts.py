"""What a guard looks at: the case, the act, the person who acts, and what the registers say for the day of the act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from cases.domain.acts import Act
from cases.domain.register import MatterOnDay, Officer, Register
from cases.domain.values import Party, Person
from gongzheng.legaltime import WorkCalendar

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.table import Row

A = TypeVar("A", bound=Act)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One act on one case, with everything it is judged by.

    ``row`` is the table's row that allows the act. ``draw_number`` gives the next gap-free number of a kind; it is
    called only after all guards are satisfied.
    """

    case: "Case"
    act: Act
    actor: Person
    register: Register
    today: date
    now: datetime
    calendar: WorkCalendar
    draw_number: Callable[[str], str]
    row: "Row | None" = None

    @property
    def day(self) -> date:
        """The day of the act: people, bodies and law are looked at as of it."""
        return self.act.done_on

    @property
    def matter(self) -> MatterOnDay | None:
        """The matter as of the day of the act."""
        return self.register.matter

    @property
    def party(self) -> Party | None:
        """The party that the act brings along, or else the one the case has."""
        return getattr(self.act, "party", None) or self.case.party

    @property
    def officers(self) -> list[Officer]:
        """The officers whom the act names and the register knows."""
        known = self.register.officers
        return [known[officer_id] for officer_id in dict.fromkeys(self.act.officer_ids) if officer_id in known]

    def expect(self, kind: type[A]) -> A:
        """The act as one of a kind; a row that names a guard for the wrong act is a fault of the table."""
        if not isinstance(self.act, kind):
            raise TypeError(f"{self.act.row} is not a {kind.__name__}")
        return self.act
