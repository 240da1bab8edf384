"""The obligation: what one served decision, or one imported case, owes — and how money covers it (APL 67, 72).

Nothing here can raise or lower what was decided: the terms are frozen, and there is no method that takes new ones.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from fees.domain.events import ObligationCreated, ObligationOverdue, ObligationSettled, SurchargeCapped
from fees.domain.ledger import Fact
from fees.domain.position import Credit, Position, Terms, derive
from fees.domain.rules import Component, Rules


class Origin(StrEnum):
    """What an obligation rests on."""

    DECISION = "decision"
    IMPORT = "import"


class State(StrEnum):
    """Whether anything is still owed."""

    OPEN = "open"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The decision or imported case behind an obligation, as its event told it; only for showing, never for sums."""

    case_id: str
    cause_id: str
    decision_id: str | None = None
    document_number: str | None = None
    decided_on: date | None = None
    organisation_id: str | None = None
    organisation_name_zh: str | None = None
    organisation_name_en: str | None = None
    region_code: str | None = None
    matter_title_zh: str | None = None
    matter_title_en: str | None = None
    party_id: str = ""
    party_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """What became of one payment. ``taken_back_fen`` of the held money had been booked by earlier payments."""

    facts: tuple[Fact, ...]
    booked_fen: int
    held_fen: int
    taken_back_fen: int
    principal_fen: int
    surcharge_fen: int
    remaining_fen: int
    events: tuple[object, ...]


@dataclass(kw_only=True)
class Obligation:
    """One debt with all that was paid on it. Amounts in minor units of ``currency``."""

    id: str
    ground: Ground
    origin: Origin
    currency: str
    terms: Terms
    payment_code: str
    surcharge_fen: int = 0
    paid: dict[Component, int] = field(default_factory=lambda: dict.fromkeys(Component, 0))
    credits: tuple[Credit, ...] = ()
    state: State = State.OPEN
    accrued_through: date | None = None
    overdue_on: date | None = None
    capped_on: date | None = None
    settled_on: date | None = None
    version: int = 1

    @property
    def paid_fen(self) -> int:
        """All that is booked on the debt."""
        return sum(self.paid.values())

    @property
    def outstanding_fen(self) -> int:
        """What is owed with the surcharge booked so far."""
        return self.terms.principal_fen + self.surcharge_fen - self.paid_fen

    def position(self, rules: Rules, on: date) -> Position:
        """Where the debt stands at the end of ``on``, from the terms and the payments alone.

        A settled debt does not move after its last payment.
        """
        return derive(self.terms, self.credits, on=on, order=rules.allocation)

    def created(self) -> ObligationCreated:
        """The event that says it came to be."""
        return ObligationCreated(
            obligation_id=self.id,
            case_id=self.ground.case_id,
            decision_id=self.ground.decision_id,
            document_number=self.ground.document_number,
            origin=self.origin.value,
            currency=self.currency,
            principal_fen=self.terms.principal_fen,
            fine_fen=self.terms.fine_fen,
            confiscation_fen=self.terms.confiscation_fen,
            outstanding_fen=self.outstanding_fen,
            due_on=self.terms.due_on,
            payment_code=self.payment_code,
            party_id=self.ground.party_id,
            surcharge_applies=self.terms.surcharge is not None,
            organisation_id=self.ground.organisation_id,
        )

    def decided_facts(self) -> tuple[Fact, ...]:
        """What the served decision puts into the books."""
        return (
            Fact(name="fine.decided", amount_fen=self.terms.fine_fen),
            Fact(name="confiscation.decided", amount_fen=self.terms.confiscation_fen),
        )

    def receive(self, rules: Rules, *, amount_fen: int, paid_on: date) -> Booked:
        """Take a payment as of the day it was paid, however late the notice comes.

        The whole debt is folded again with the new payment in its place; what the books say is brought to the result by
        the difference. What exceeds the debt is not booked but held.
        """
        if self.state is not State.OPEN:
            raise ValueError("a settled obligation takes no money; it is held")
        self.credits = (*self.credits, Credit(paid_on=paid_on, amount_fen=amount_fen))
        latest = max(c.paid_on for c in self.credits)
        position = self.position(rules, max(latest, self.accrued_through or latest))
        before, facts = self.paid, self._catch_up(position)
        taken = {component: self.paid[component] - before[component] for component in Component}
        events = self._settle(position) if not position.outstanding_fen else self._cap(position)
        held = position.excess_fen
        return Booked(
            facts=(*facts, Fact(name="deposit.held", amount_fen=held)),
            booked_fen=max(amount_fen - held, 0),
            held_fen=held,
            taken_back_fen=max(held - amount_fen, 0),
            principal_fen=sum(taken.values()) - taken[Component.SURCHARGE],
            surcharge_fen=taken[Component.SURCHARGE],
            remaining_fen=position.outstanding_fen,
            events=events,
        )

    def accrue(self, rules: Rules, *, through: date) -> tuple[tuple[Fact, ...], tuple[object, ...]]:
        """Add the surcharge of the days up to ``through``: the facts to post and the events to tell."""
        if self.state is not State.OPEN or (self.accrued_through or through) > through:
            return (), ()
        position = self.position(rules, through)
        return self._catch_up(position), self._cap(position)

    def fall_overdue(self, today: date) -> ObligationOverdue | None:
        """Say once that the period ended with something still owed; None when there is nothing to say."""
        due_on = self.terms.due_on
        if self.state is not State.OPEN or self.overdue_on is not None or due_on is None or today <= due_on:
            return None
        self.overdue_on = due_on + timedelta(days=1)
        return ObligationOverdue(
            obligation_id=self.id,
            case_id=self.ground.case_id,
            document_number=self.ground.document_number,
            currency=self.currency,
            due_on=due_on,
            outstanding_fen=self.outstanding_fen,
        )

    def _catch_up(self, position: Position) -> tuple[Fact, ...]:
        """Bring the booked figures to the position; the facts are the differences, negative where too much stood."""
        facts = [Fact(name="surcharge.accrued", amount_fen=position.surcharge_fen - self.surcharge_fen)]
        for component in Component:
            difference = position.paid[component] - self.paid[component]
            facts.append(Fact(name=f"{component.value}.collected", amount_fen=difference))
        self.surcharge_fen, self.paid = position.surcharge_fen, dict(position.paid)
        self.accrued_through = position.on
        return tuple(fact for fact in facts if fact.amount_fen)

    def _settle(self, position: Position) -> tuple[object, ...]:
        self.state, self.settled_on = State.SETTLED, position.covered_on
        events = self._cap(position)
        settled = ObligationSettled(
            obligation_id=self.id,
            case_id=self.ground.case_id,
            document_number=self.ground.document_number,
            currency=self.currency,
            settled_on=position.covered_on or position.on,
            paid_fen=self.paid_fen,
            surcharge_fen=self.surcharge_fen,
        )
        return (*events, settled)

    def _cap(self, position: Position) -> tuple[object, ...]:
        """Tell when the cap is reached; a payment told late may undo that, and the surcharge then runs again."""
        if position.capped_on == self.capped_on:
            return ()
        self.capped_on = position.capped_on
        if position.capped_on is None:
            return ()
        return (
            SurchargeCapped(
                obligation_id=self.id,
                case_id=self.ground.case_id,
                currency=self.currency,
                surcharge_fen=position.surcharge_fen,
                capped_on=position.capped_on,
            ),
        )
