"""The case: one aggregate with a version, changed only by acts that the table permits."""

from dataclasses import dataclass, field, replace
from datetime import date

from cases.domain.acts import Act
from cases.domain.case_people import officers_on, recused_subjects
from cases.domain.clocks import after_act, recomputed
from cases.domain.errors import Unknown
from cases.domain.facts import Facts
from cases.domain.records import (
    Assignment,
    ClockRecord,
    Entry,
    Evidence,
    File,
    Function,
    Heard,
    Measure,
    Notice,
    Recusal,
)
from cases.domain.table import table
from cases.domain.values import Party, Procedure, Source, State
from gongzheng.legaltime import WorkCalendar


@dataclass(kw_only=True)
class Case:
    """One case. ``state`` is None only for a case that has not been reported yet.

    ``events`` collects what happened since loading; the handler gives it to the unit of work. ``days`` holds the last
    day of each act, which later acts may not precede.
    """

    id: str
    organisation_id: str
    version: int = 0
    state: State | None = None
    source: Source = Source.INSPECTION
    summary: str = ""
    received_on: date = date.min
    region_code: str = ""
    matter_id: str | None = None
    conduct_on: date | None = None
    conduct_until: date | None = None
    harm: bool = False
    procedure: Procedure = Procedure.ORDINARY
    case_number: str | None = None
    complaint_id: str | None = None
    party: Party | None = None
    days: dict[str, date] = field(default_factory=dict)
    file: File = field(default_factory=File)
    evidence: list[Evidence] = field(default_factory=list)
    clocks: list[ClockRecord] = field(default_factory=list)
    timeline: list[Entry] = field(default_factory=list)
    events: list[object] = field(default_factory=list)

    def take(self, act: Act, facts: Facts) -> None:
        """Take an act: the table permits it, its effect is put on the file, clocks end and start, the record grows.

        Raises:
            CasesError: what stands against the act; the case is then unchanged.
        """
        from cases.domain.effects import EFFECTS  # noqa: PLC0415 effects change cases, so they import this module

        row = table().permit(facts)
        if row.to is not None:
            self.state = row.to
        if row.function is not None:
            self.file.functions.append(Function(function=row.function, subject=facts.actor.subject, since=act.done_on))
        self.days[row.act] = act.done_on
        EFFECTS[type(act)](self, act, facts)
        self.clocks = after_act(self, act, facts)
        self.timeline.append(
            Entry(
                act=row.act,
                done_on=act.done_on,
                recorded_at=facts.now,
                actor_subject=facts.actor.subject,
                actor_name=facts.actor.name,
                state=str(self.state),
                officer_ids=act.officer_ids,
            )
        )

    def pull_events(self) -> list[object]:
        """What happened since the last call."""
        happened, self.events = self.events, []
        return happened

    def last_day(self, name: str) -> date | None:
        """The last day of an act, or of any act of a family; None when it was never done."""
        return max((self.days[act] for act in table().members((name,)) if act in self.days), default=None)

    @property
    def notice(self) -> Notice | None:
        """The current prior notice: the last one issued."""
        return self.file.notices[-1] if self.file.notices else None

    def heard_on_current_notice(self) -> list[Heard]:
        """How the party answered the current notice; what was said on an earlier one does not count for it."""
        return [h for h in self.file.heard if self.notice is not None and h.notice_id == self.notice.notice_id]

    def officers_on(self, day: date) -> list[Assignment]:
        """The officers on the case on a day."""
        return officers_on(self.file, day)

    def recused_subjects(self, day: date) -> set[str]:
        """Whom a granted recusal keeps out on a day."""
        return recused_subjects(self.file, day)

    def piece(self, evidence_id: str) -> Evidence:
        """A piece of evidence on the file.

        Raises:
            Unknown: when there is no such piece.
        """
        for found in self.evidence:
            if found.evidence_id == evidence_id:
                return found
        raise Unknown.thing("证据", "piece of evidence")

    def measure(self, measure_id: str) -> Measure:
        """A preservation or seizure.

        Raises:
            Unknown: when there is no such measure.
        """
        for found in self.file.measures:
            if found.measure_id == measure_id:
                return found
        raise Unknown.thing("措施", "measure")

    def recusal(self, recusal_id: str) -> Recusal:
        """An application for recusal.

        Raises:
            Unknown: when there is no such application.
        """
        for found in self.file.recusals:
            if found.recusal_id == recusal_id:
                return found
        raise Unknown.thing("回避申请", "application for recusal")

    def recompute(self, calendar: WorkCalendar) -> None:
        """Count anew what waited for a calendar; the decision tells the last days as the clocks do."""
        self.clocks = recomputed(self, calendar)
        decision = self.file.decision
        if decision is None or decision.service is None:
            return
        due = {clock.kind: clock.due_on for clock in self.clocks if not clock.about}
        self.file.decision = replace(
            decision,
            payment_due_on=decision.payment_due_on and due["payment"],
            remedies=replace(
                decision.remedies,
                reconsideration_until=decision.remedies.reconsideration_until and due["reconsideration"],
                litigation_until=decision.remedies.litigation_until and due["litigation"],
            ),
        )

    def clock_by_id(self, clock_id: str) -> ClockRecord:
        """A running of a clock.

        Raises:
            Unknown: when there is no such clock on the case.
        """
        for found in self.clocks:
            if found.clock_id == clock_id:
                return found
        raise Unknown.thing("期限", "time limit")

    def clock(self, kind: str) -> ClockRecord | None:
        """The last running of a clock of a kind."""
        return next((clock for clock in reversed(self.clocks) if clock.kind == kind), None)
