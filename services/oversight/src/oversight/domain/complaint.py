"""A complaint or report: who may take it which way, what the reporter is told, and what leaves the service."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from oversight.domain.clocks import ClockState, ComplaintClock, ComputeDue
from oversight.domain.errors import (
    AccusedMustBeNamed,
    ComplaintStateForbids,
    DateNotPossible,
    ExtensionRefused,
    RoutedToAccused,
    SummaryRequired,
)
from oversight.domain.events import (
    ComplaintAccepted,
    ComplaintExtended,
    ComplaintReceived,
    ComplaintRejected,
    ComplaintRescheduled,
    ComplaintResolved,
    ComplaintRetained,
)
from oversight.domain.rulebook import clock_rules, transitions


class Kind(StrEnum):
    """What a complaint is about: somebody's violation of the law, or what an official did."""

    VIOLATION = "violation"
    OFFICIAL = "official"


class RejectionReason(StrEnum):
    """Why a complaint is not taken up."""

    NOT_COMPETENT = "not_competent"
    LEGAL_REMEDY_PENDING = "legal_remedy_pending"
    ALREADY_HANDLED = "already_handled"
    NOTHING_TO_EXAMINE = "nothing_to_examine"


class Outcome(StrEnum):
    """How a complaint ended."""

    CASE_CLOSED = "case_closed"
    CONFIRMED = "confirmed"
    PARTLY_CONFIRMED = "partly_confirmed"
    NOT_CONFIRMED = "not_confirmed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing the reporter can see happened; ``note`` is what a person at oversight wrote for them to read."""

    step: str
    on: date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """The decision to take a complaint up.

    ``organisation_id`` is the department that gets the summary (a violation), or the body that handles the complaint
    (an official). ``accused_organisation_id`` is the department whose official is complained about.
    """

    organisation_id: str
    accepted_on: date
    summary: str = ""
    matter_id: str | None = None
    accused_organisation_id: str | None = None


@dataclass(kw_only=True)
class Complaint:
    """One complaint without its content: report and reporter are sealed apart and are no part of this aggregate.

    ``received_on`` and all other days are legal dates (Asia/Shanghai).
    """

    id: str
    kind: Kind
    anonymous: bool
    received_at: datetime
    received_on: date
    language: str
    state: str = "received"
    version: int = 1
    accused_organisation_id: str | None = None
    organisation_id: str | None = None
    matter_id: str | None = None
    case_id: str | None = None
    outcome: str | None = None
    clocks: list[ComplaintClock] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    events: list[object] = field(default_factory=list)

    @classmethod
    def receive(
        cls,
        *,
        complaint_id: str,
        kind: Kind,
        anonymous: bool,
        received_at: datetime,
        received_on: date,
        language: str,
        accused_organisation_id: str | None,
        new_id: Callable[[], str],
        compute: ComputeDue,
    ) -> "Complaint":
        """Register a complaint: everything that comes in is registered (XINFANG 23(1))."""
        complaint = cls(
            id=complaint_id,
            kind=kind,
            anonymous=anonymous,
            received_at=received_at,
            received_on=received_on,
            language=language,
            accused_organisation_id=accused_organisation_id,
        )
        complaint._step("received", received_on)
        complaint._run_clocks("receive", received_on, new_id, compute)
        complaint.events.append(
            ComplaintReceived(complaint_id=complaint_id, kind=kind, received_at=received_at, anonymous=anonymous)
        )
        return complaint

    def accept(self, acceptance: Acceptance, *, today: date, new_id: Callable[[], str], compute: ComputeDue) -> None:
        """Take the complaint up (XINFANG 23(1), APL 75(2)).

        The caller has screened the summary. A complaint about an official goes to nobody but a body other than the
        one complained about, and nothing of it is released.

        Raises:
            ComplaintStateForbids: it was taken up, or turned down, before.
            DateNotPossible: accepted before it came in, or in the future.
            AccusedMustBeNamed, RoutedToAccused: a complaint about an official may reach the unit it is about.
            SummaryRequired: a department would get nothing to work on.
        """
        self._check_date("accepted_on", acceptance.accepted_on, today)
        accused = acceptance.accused_organisation_id or self.accused_organisation_id
        if self.kind is Kind.OFFICIAL and accused is None:
            raise AccusedMustBeNamed(errors={"accused_organisation_id": ["required"]})
        if accused is not None and accused == acceptance.organisation_id:
            raise RoutedToAccused(
                "Hand it to a body that is not the one complained about.", errors={"organisation_id": ["accused"]}
            )
        if self.kind is Kind.VIOLATION and not acceptance.summary.strip():
            raise SummaryRequired(errors={"summary": ["required"]})
        self._move("accept")
        self.accused_organisation_id = accused
        self.organisation_id, self.matter_id = acceptance.organisation_id, acceptance.matter_id
        self._step("accepted", acceptance.accepted_on)
        self._stop_clocks("accept", acceptance.accepted_on)
        self._run_clocks("accept", acceptance.accepted_on, new_id, compute)
        self.events.append(self._taken_up(acceptance))

    def _taken_up(self, acceptance: Acceptance) -> object:
        if self.kind is Kind.OFFICIAL:
            return ComplaintRetained(
                complaint_id=self.id,
                kind=self.kind,
                organisation_id=acceptance.organisation_id,
                accepted_on=acceptance.accepted_on,
            )
        return ComplaintAccepted(
            complaint_id=self.id,
            kind=self.kind,
            organisation_id=acceptance.organisation_id,
            matter_id=acceptance.matter_id,
            summary=acceptance.summary,
            accepted_on=acceptance.accepted_on,
        )

    def reject(self, *, reason: RejectionReason, told: str, rejected_on: date, today: date) -> None:
        """Turn the complaint down, and tell the reporter why and whom to turn to (XINFANG 23(1)).

        Raises:
            ComplaintStateForbids: it was taken up, or turned down, before.
            DateNotPossible: rejected before it came in, or in the future.
        """
        self._check_date("rejected_on", rejected_on, today)
        self._move("reject")
        self.outcome = reason
        self._step("rejected", rejected_on, told)
        self._stop_clocks("reject", rejected_on)
        self.events.append(ComplaintRejected(complaint_id=self.id, reason=reason, rejected_on=rejected_on))

    def extend(self, *, days: int, told: str, extended_on: date, today: date, compute: ComputeDue) -> None:
        """Lengthen the time to resolve, once, with the reason told to the reporter (XINFANG 34).

        Raises:
            ExtensionRefused: no such limit runs, it has passed, it was lengthened before, or the days are too many.
            DateNotPossible: dated in the future or before the complaint came in.
        """
        self._check_date("extended_on", extended_on, today)
        rules = {rule.kind: rule for rule in clock_rules() if rule.extension_days_max}
        clock = next((c for c in self.clocks if c.kind in rules and c.met_on is None), None)
        if clock is None:
            raise ExtensionRefused("No limit that may be lengthened is running.", law=("XINFANG 34",))
        rule = rules[clock.kind]
        law = (rule.law,)
        if clock.extension_days:
            raise ExtensionRefused("It was lengthened before; the article knows no second time.", law=law)
        if extended_on > clock.due.due_on:
            raise ExtensionRefused(f"The last day was {clock.due.due_on}.", law=law)
        if not 0 < days <= rule.extension_days_max:
            raise ExtensionRefused(f"At most {rule.extension_days_max} days.", law=law, errors={"days": ["range"]})
        clock.lengthen(days, compute)
        self._step("extended", extended_on, told)
        self.events.append(
            ComplaintExtended(complaint_id=self.id, extended_on=extended_on, due_on=clock.due.due_on, law=rule.law)
        )

    def resolve(self, *, outcome: Outcome, told: str, resolved_on: date, today: date) -> None:
        """End the complaint and tell the reporter how (XINFANG 34, APL 75(2)).

        Raises:
            ComplaintStateForbids: it was not taken up, or has ended.
            DateNotPossible: resolved before the last step, or in the future.
        """
        self._check_date("resolved_on", resolved_on, today)
        self._move("resolve")
        self._end(outcome, told, resolved_on)

    def follow_case(self, act: str, *, case_id: str, on: date) -> bool:
        """Take note of what the competent department did; False when it does not fit where the complaint stands.

        ``act`` is forward, file, not_file, decide or close. The department's word is never an error here: what comes
        late, twice or for a complaint that ended otherwise changes nothing.
        """
        if self.case_id not in (None, case_id) or (self.state, act) not in transitions():
            return False
        before = self.state
        self._move(act)
        self.case_id = case_id
        self._step(transitions()[before, act].target, on)
        self._stop_clocks(act, on)
        if act == "close":
            self._move("resolve")
            self._end(Outcome.CASE_CLOSED, "", on)
        return True

    def break_clock(self, clock_id: str, today: date) -> ComplaintClock | None:
        """Mark a limit as broken; None when it is not overdue (any more)."""
        clock = next((c for c in self.clocks if c.id == clock_id), None)
        if clock is None or not clock.overdue(today):
            return None
        clock.state = ClockState.BREACHED
        return clock

    def recompute(self, compute: ComputeDue) -> int:
        """Compute running limits anew that were provisional; says so where the last day moved, returns how many did."""
        moved = 0
        for clock in self.clocks:
            if clock.met_on is None and clock.due.provisional:
                before = clock.due.due_on
                clock.due = compute(clock.started_on, clock.length, clock.unit, clock.law, clock.extension_days)
                if clock.due.due_on != before:
                    moved += 1
                    self.events.append(
                        ComplaintRescheduled(
                            complaint_id=self.id, kind=clock.kind, law=clock.law, due_on=clock.due.due_on
                        )
                    )
        return moved

    def _end(self, outcome: Outcome, told: str, on: date) -> None:
        self.outcome = outcome
        self._step("resolved", on, told)
        self._stop_clocks("resolve", on)
        self.events.append(
            ComplaintResolved(complaint_id=self.id, outcome=outcome, case_id=self.case_id, resolved_on=on)
        )

    def hidden_from(self, organisation_id: str | None) -> bool:
        """Whether people of this organisation may not even know of it: it is the one complained about."""
        return organisation_id is not None and organisation_id == self.accused_organisation_id

    def _move(self, act: str) -> None:
        step = transitions().get((self.state, act))
        if step is None:
            raise ComplaintStateForbids(f"The complaint is {self.state}.")
        self.state = step.target

    def _check_date(self, name: str, on: date, today: date) -> None:
        if on > today:
            raise DateNotPossible(f"{name} lies in the future.", errors={name: ["future"]})
        if on < max((step.on for step in self.steps), default=self.received_on):
            raise DateNotPossible(f"{name} lies before the complaint's last step.", errors={name: ["too-early"]})

    def _step(self, name: str, on: date, note: str = "") -> None:
        self.steps.append(Step(step=name, on=on, note=note))

    def _run_clocks(self, act: str, on: date, new_id: Callable[[], str], compute: ComputeDue) -> None:
        self.clocks += [
            ComplaintClock.start(new_id(), rule, on, compute) for rule in clock_rules() if rule.starts == act
        ]

    def _stop_clocks(self, act: str, on: date) -> None:
        stopped = {rule.kind for rule in clock_rules() if act in rule.stops}
        for clock in self.clocks:
            if clock.kind in stopped:
                clock.meet(on)
