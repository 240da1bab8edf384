"""The unit of work of the fees service: the mechanism's, with the repositories of money."""

from fees.adapters.agents import AgentRepository
from fees.adapters.chance import SystemChance
from fees.adapters.ledger import LedgerRepository
from fees.adapters.obligations import DecisionRepository, ObligationRepository, OpeningRepository
from fees.adapters.payments import NoticeRepository, PaymentRepository
from fees.adapters.receipts import ReceiptRepository
from fees.domain.rules import Rules
from fees.handlers.ports import Chance
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor, UnitOfWork
from gongzheng.messaging.envelope import Envelope

_CHANCE = SystemChance()


class FeesUnitOfWork(UnitOfWork):
    """One transaction over debts, payments, receipts and the books."""

    def __init__(
        self,
        mechanism: Mechanism,
        *,
        rules: Rules,
        actor: Actor = SYSTEM,
        cause: Envelope | None = None,
        chance: Chance = _CHANCE,
    ) -> None:
        super().__init__(mechanism, actor=actor, cause=cause)
        self.rules, self.chance = rules, chance
        self.obligations = ObligationRepository(rules)
        self.decisions = DecisionRepository()
        self.openings = OpeningRepository()
        self.notices = NoticeRepository()
        self.payments = PaymentRepository()
        self.receipts = ReceiptRepository(rules.receipt)
        self.agents = AgentRepository()
        self.ledger = LedgerRepository(lambda: self.now)
