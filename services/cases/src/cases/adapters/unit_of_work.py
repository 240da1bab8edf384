"""This service's unit of work: the mechanism's, with the repositories and the outside that operations need."""

from dataclasses import dataclass

from cases.adapters.cases import CaseRepository
from cases.adapters.imported_cases import ImportedCaseRepository
from cases.adapters.punished import PunishedRepository
from cases.adapters.registers import RegisterRepository
from cases.adapters.small import ClockRepository, DocumentRepository, NumberRepository
from cases.handlers.ports import Files, Renderer, Sealer
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor, UnitOfWork
from gongzheng.legaltime import WorkCalendar
from gongzheng.messaging.envelope import Envelope


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What lies outside of the database: files, the setting of documents, sealing, the calendar."""

    files: Files
    renderer: Renderer
    sealer: Sealer
    calendar: WorkCalendar


class CasesUnitOfWork(UnitOfWork):
    """One transaction of one actor on cases."""

    def __init__(
        self, mechanism: Mechanism, outside: Outside, *, actor: Actor = SYSTEM, cause: Envelope | None = None
    ) -> None:
        super().__init__(mechanism, actor=actor, cause=cause)
        self.files, self.renderer, self.sealer = outside.files, outside.renderer, outside.sealer
        self.calendar = outside.calendar
        self.cases = CaseRepository(mechanism)
        self.registers = RegisterRepository(mechanism)
        self.numbers = NumberRepository(mechanism)
        self.documents = DocumentRepository()
        self.clocks = ClockRepository(mechanism)
        self.punished = PunishedRepository(mechanism)
        self.imported_cases = ImportedCaseRepository(mechanism)
