"""What every operation on a case has in common: gather the facts, take the act, save, say what happened."""

from collections.abc import Callable
from datetime import date

from cases.domain.acts import Act, Decide, DecideOnTheSpot
from cases.domain.case import Case
from cases.domain.errors import Unknown
from cases.domain.facts import Facts
from cases.domain.numbering import document_number
from cases.domain.register import MatterOnDay, PunishedAct, Register
from cases.domain.values import Person
from cases.handlers.ports import CasesWork

SYSTEM_ROLE = "system"
READERS = frozenset({"auditor"})


def take(uow: CasesWork, case_id: str, act: Act, version: int | None = None) -> Case:
    """Take one act on one case and save it, inside the caller's unit of work.

    Raises:
        CasesError: what stands against the act.
        PreconditionFailed: 412, when the case has another version.
    """
    case = uow.cases.get(case_id, version, lock=True)
    perform(uow, case, act)
    keep(uow, case)
    return case


def perform(uow: CasesWork, case: Case, act: Act) -> None:
    """Take the act on a loaded case; events and audit row go with the unit of work."""
    case.take(act, facts_for(uow, case, act))
    uow.audit(f"case.{act.row}", f"case/{case.id}", done_on=act.done_on.isoformat(), state=str(case.state))


def keep(uow: CasesWork, case: Case) -> None:
    """Save the case and give what happened to the unit of work."""
    uow.cases.save(case)
    for event in case.pull_events():
        uow.emit(case.id, event)


def facts_for(uow: CasesWork, case: Case, act: Act) -> Facts:
    """Everything the act is judged by, as of its own day."""
    actor = person(uow)
    organisation, officers, behind = uow.registers.who_acts(
        case.organisation_id, _named_officers(case, act), actor.subject, act.done_on
    )
    conduct_on = getattr(act, "conduct_until", None) or getattr(act, "conduct_on", None)
    conduct_on = conduct_on or case.conduct_until or case.conduct_on or act.done_on
    matter_id = getattr(act, "matter_id", None) or case.matter_id
    return Facts(
        case=case,
        act=act,
        actor=actor,
        register=Register(
            organisation=organisation,
            officers=officers,
            actor=None if actor.agent else behind,
            matter=_matter(uow, matter_id, act.done_on),
            matter_at_conduct=_matter(uow, matter_id, conduct_on),
            punished=_punished(uow, case, act),
        ),
        today=uow.today,
        now=uow.now,
        calendar=uow.calendar,
        draw_number=_numbers(uow, case, organisation.document_prefix, act.done_on.year),
    )


def person(uow: CasesWork) -> Person:
    """The actor of the unit of work as the domain knows people; the service itself has the role ``system``."""
    actor = uow.actor
    # The service itself carries no role of any token, and no token can give the role of the service.
    itself = actor.agent and actor.subject == SYSTEM_ROLE and not actor.roles
    return Person(
        subject=actor.subject,
        name=actor.name,
        roles=frozenset({SYSTEM_ROLE}) if itself else actor.roles - {SYSTEM_ROLE},
        organisation_id=actor.organisation_id,
        agent=itself,
    )


def authorised(uow: CasesWork, case_id: str) -> Case:
    """A case for reading: by its own organisation's people and by auditors; for others it does not exist.

    Raises:
        Unknown: 404.
    """
    case = uow.cases.get(case_id)
    actor = uow.actor
    if not (actor.roles & READERS) and actor.organisation_id != case.organisation_id:
        raise Unknown.thing("案件", "case")
    return case


def _named_officers(case: Case, act: Act) -> set[str]:
    named = set(act.officer_ids) | {assignment.officer_id for assignment in case.file.assignments}
    named |= {officer_id for report in case.file.reports for officer_id in report.officer_ids}
    recused = getattr(act, "officer_id", None)
    return named | ({recused} if recused else set())


def _punished(uow: CasesWork, case: Case, act: Act) -> tuple[PunishedAct, ...]:
    """Asked for decisions only, because the party is then locked."""
    party = act.party if isinstance(act, DecideOnTheSpot) else case.party
    deciding = isinstance(act, Decide | DecideOnTheSpot)
    return uow.punished.of_party(party, case.id) if deciding and party is not None else ()


def _matter(uow: CasesWork, matter_id: str | None, day: date) -> MatterOnDay | None:
    return None if matter_id is None else uow.registers.matter_on(matter_id, day)


def _numbers(uow: CasesWork, case: Case, prefix: str, year: int) -> Callable[[str], str]:
    def draw(word: str) -> str:
        return document_number(prefix, word, year, uow.numbers.draw(case.organisation_id, word, year))

    return draw
