"""The unit of work of the fees service: the mechanism's, with the repositories of money."""

from dataclasses import dataclass, field

from fees.adapters.agents import AgentRepository
from fees.adapters.chance import SystemChance
from fees.adapters.ledger import LedgerRepository
from fees.adapters.obligations import DecisionRepository, ObligationRepository, OpeningRepository
from fees.adapters.payments import NoticeRepository, PaymentRepository
from fees.adapters.receipts import ReceiptRepository
from fees.adapters.vault import Vault
from fees.domain.rules import Rules, default_rules
from fees.handlers.ports import Chance
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM, Actor, UnitOfWork
from gongzheng.messaging.envelope import Envelope


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a unit of work is equipped with. ``public_url`` is what receipts point at."""

    vault: Vault
    public_url: str = ""
    replay_window_s: int = 300
    rules: Rules = field(default_factory=default_rules)
    chance: Chance = field(default_factory=SystemChance)


class FeesUnitOfWork(UnitOfWork):
    """One transaction over debts, payments, receipts and the books."""

    def __init__(
        self, mechanism: Mechanism, tools: Tools, *, actor: Actor = SYSTEM, cause: Envelope | None = None
    ) -> None:
        super().__init__(mechanism, actor=actor, cause=cause)
        self.tools, self.rules, self.chance = tools, tools.rules, tools.chance
        self.obligations = ObligationRepository(tools.rules)
        self.decisions = DecisionRepository()
        self.openings = OpeningRepository()
        self.notices = NoticeRepository()
        self.payments = PaymentRepository()
        self.receipts = ReceiptRepository(tools.rules.receipt)
        self.agents = AgentRepository()
        self.ledger = LedgerRepository(lambda: self.now)
