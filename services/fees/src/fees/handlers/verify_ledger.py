"""Every figure is derived again from the postings and the notices and held against what is kept (F-05)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fees.domain.errors import LedgerUnbalanced
from fees.domain.ledger import differences, follows_rules
from fees.domain.obligation import Obligation
from fees.domain.rules import Component
from fees.handlers.ports import FeesUnitOfWork

FAULTS_MAX = 100
BATCH = 500
_RECEIVABLE = {component: f"receivable.{component.value}" for component in Component}


@dataclass
class Verification:
    """What was looked at, and each fault as one sentence, at most :data:`FAULTS_MAX` of them."""

    transactions: int = 0
    obligations: int = 0
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether no fault was found."""
        return not self.faults

    def fault(self, text: str) -> None:
        """Note a fault."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)


def verify_ledger(uow: FeesUnitOfWork) -> Verification:
    """Verify the books: every transaction, every account, every debt, the bank's money, the receipts."""
    found = Verification()
    _transactions(uow, found)
    _debts(uow, found)
    _money(uow, found)
    missing = uow.receipts.without_receipt()
    if missing:
        found.fault(f"{missing} payments have neither exactly one live receipt nor wait for a number")
    for sums in uow.openings.sums():
        if not sums.reconciled:
            found.fault(f"import {sums.import_id} in {sums.currency}: stated {sums.stated}, booked {sums.booked}")
    return found


def _transactions(uow: FeesUnitOfWork, found: Verification) -> None:
    """Each one balances and is what the posting table makes of its facts; together they are the account balances."""
    derived: dict[tuple[str, str], int] = defaultdict(int)
    try:
        for transaction in uow.ledger.all():
            found.transactions += 1
            if not follows_rules(uow.rules, transaction.postings):
                found.fault(f"transaction {transaction.id} is not what the posting rules make")
            for posting in transaction.postings:
                derived[transaction.currency, posting.account] += posting.amount_fen
    except LedgerUnbalanced as error:
        found.fault(f"a transaction does not balance: {error.detail}")
        return
    found.balances = dict(derived)
    for (currency, account), (ours, summed) in _pairs(derived, uow.ledger.balances()):
        found.fault(f"account {account} in {currency}: derived {ours}, summed {summed}")


def _pairs(
    left: Mapping[tuple[str, str], int], right: Mapping[tuple[str, str], int]
) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    for key in sorted(left.keys() | right.keys()):
        if left.get(key, 0) != right.get(key, 0):
            yield key, (left.get(key, 0), right.get(key, 0))


def _debts(uow: FeesUnitOfWork, found: Verification) -> None:
    """Each debt's receivables are what it says is outstanding, and its figures are what its notices make."""
    for batch in uow.obligations.batches(BATCH):
        booked = uow.ledger.receivables([obligation.id for obligation in batch])
        for obligation in batch:
            found.obligations += 1
            for account, pair in differences(_kept(obligation), booked.get(obligation.id, {})).items():
                found.fault(f"obligation {obligation.id}, {account}: kept {pair[0]}, booked {pair[1]}")
            if obligation.accrued_through is not None:
                position = obligation.position(uow.rules, obligation.accrued_through)
                if (position.surcharge_fen, position.paid) != (obligation.surcharge_fen, obligation.paid):
                    found.fault(f"obligation {obligation.id}: its notices make other figures than are kept")


def _kept(obligation: Obligation) -> dict[str, int]:
    terms, paid = obligation.terms, obligation.paid
    owed = {
        Component.FINE: terms.fine_fen,
        Component.CONFISCATION: terms.confiscation_fen,
        Component.IMPORTED: terms.imported_fen,
        Component.SURCHARGE: obligation.surcharge_fen,
    }
    return {_RECEIVABLE[component]: owed[component] - paid[component] for component in Component}


def _money(uow: FeesUnitOfWork, found: Verification) -> None:
    """What the bank told of is on the bank's account; what is held is on the account of deposits."""
    for currency, told in uow.notices.totals().items():
        booked = found.balances.get((currency, "bank.collecting"), 0)
        if told != booked:
            found.fault(f"notices in {currency} tell of {told}, the bank's account holds {booked}")
    for currency, held in uow.payments.held_totals().items():
        booked = -found.balances.get((currency, "deposits.unidentified"), 0)
        if held != booked:
            found.fault(f"deposits in {currency} make {held}, their account holds {booked}")
