"""What is owed on a day: one pure fold over the terms of a debt and the payments on it, day by day.

Everything the service says about a debt — what is owed, what a payment covers, the trace a person reads — comes from
:func:`derive`, so that anyone with the same facts gets the same figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from fees.domain.rules import Component, SurchargeRule

# Fractions of a fen are carried exactly, in ten-thousandths, so that no day's rounding is lost or gained.
SCALE = 10_000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Days on which no surcharge runs, both ends included; ``last_on`` is None while it lasts (APL 73(3))."""

    first_on: date
    last_on: date | None
    law: tuple[str, ...]

    def covers(self, day: date) -> bool:
        """Whether the surcharge stands still on ``day``."""
        return self.first_on <= day and (self.last_on is None or day <= self.last_on)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was decided. Amounts in minor units. ``surcharge`` is None where the decision does not speak of it."""

    fine_fen: int = 0
    confiscation_fen: int = 0
    imported_fen: int = 0
    due_on: date | None = None
    surcharge: SurchargeRule | None = None
    pauses: tuple[Pause, ...] = ()

    @property
    def principal_fen(self) -> int:
        """All that is owed before any surcharge."""
        return self.fine_fen + self.confiscation_fen + self.imported_fen


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Money that came, on the legal date on which it was paid."""

    paid_on: date
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class Day:
    """One line of the trace: on ``on``, ``added_fen`` was added on a base of ``base_fen``; ``total_fen`` so far."""

    on: date
    base_fen: int
    added_fen: int
    total_fen: int
    note: str
    law: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a debt stands at the end of a day."""

    on: date
    owed: dict[Component, int]
    paid: dict[Component, int]
    excess_fen: int
    days: tuple[Day, ...]
    capped_on: date | None
    covered_on: date | None

    @property
    def surcharge_fen(self) -> int:
        """Surcharge accrued so far."""
        return self.owed[Component.SURCHARGE]

    @property
    def paid_fen(self) -> int:
        """All that was booked on the debt, without the excess."""
        return sum(self.paid.values())

    @property
    def outstanding_fen(self) -> int:
        """What is still owed."""
        return sum(self.owed.values()) - self.paid_fen

    def outstanding(self, component: Component) -> int:
        """What is still owed of one part."""
        return self.owed[component] - self.paid[component]


@dataclass
class _Running:
    """The fold's state while the days pass."""

    terms: Terms
    order: tuple[Component, ...]
    owed: dict[Component, int]
    paid: dict[Component, int] = field(default_factory=lambda: dict.fromkeys(Component, 0))
    accrued_scaled: int = 0
    excess_fen: int = 0
    days: list[Day] = field(default_factory=list)
    capped_on: date | None = None
    covered_on: date | None = None

    def open_fen(self, component: Component) -> int:
        return self.owed[component] - self.paid[component]

    def credit(self, credit: Credit) -> None:
        left = credit.amount_fen
        for component in self.order:
            taken = min(left, self.open_fen(component))
            self.paid[component] += taken
            left -= taken
        self.excess_fen += left
        if self.covered_on is None and not any(self.open_fen(c) for c in Component):
            self.covered_on = credit.paid_on

    def pass_day(self, day: date, rule: SurchargeRule) -> None:
        pause = next((p for p in self.terms.pauses if p.covers(day)), None)
        base = self.open_fen(Component.FINE)
        if base and not rule.on_unpaid_part:
            base = self.terms.fine_fen
        before = self.owed[Component.SURCHARGE]
        if pause is None and base:
            self.accrued_scaled = min(self.accrued_scaled + base * rule.rate_bp, self.terms.fine_fen * SCALE)
            self.owed[Component.SURCHARGE] = self.accrued_scaled // SCALE
            if self.accrued_scaled == self.terms.fine_fen * SCALE:
                self.capped_on = day
        total = self.owed[Component.SURCHARGE]
        note = "paused" if pause else "capped" if self.capped_on else "runs"
        law = pause.law if pause else rule.law
        self.days.append(Day(on=day, base_fen=base, added_fen=total - before, total_fen=total, note=note, law=law))


def derive(terms: Terms, payments: Sequence[Credit], *, on: date, order: tuple[Component, ...]) -> Position:
    """Where the debt stands at the end of ``on``.

    Payments count on the day they were paid, in the order given where days are equal; on each day the surcharge is
    added first and payments are taken after it, so a payment one day late bears one day. Payments after ``on`` are left
    out. Surcharge stops with the last fen of the fine, at the cap, and while it is paused.
    """
    owed = {
        Component.FINE: terms.fine_fen,
        Component.CONFISCATION: terms.confiscation_fen,
        Component.IMPORTED: terms.imported_fen,
        Component.SURCHARGE: 0,
    }
    running = _Running(terms=terms, order=order, owed=owed)
    waiting = sorted((c for c in payments if c.paid_on <= on), key=lambda c: c.paid_on)
    for day in _surcharge_days(running, on):
        while waiting and waiting[0].paid_on < day:
            running.credit(waiting.pop(0))
        if terms.surcharge is None or not running.open_fen(Component.FINE):
            break
        running.pass_day(day, terms.surcharge)
        if running.capped_on:
            break
    for credit in waiting:
        running.credit(credit)
    return Position(
        on=on,
        owed=running.owed,
        paid=running.paid,
        excess_fen=running.excess_fen,
        days=tuple(running.days),
        capped_on=running.capped_on,
        covered_on=running.covered_on,
    )


def _surcharge_days(running: _Running, on: date) -> Iterator[date]:
    """The days from the one after the due day to ``on``; none where no surcharge can run."""
    terms = running.terms
    if terms.surcharge is None or terms.due_on is None:
        return
    day = terms.due_on + ONE_DAY
    while day <= on:
        yield day
        day += ONE_DAY
