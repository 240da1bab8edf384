"""What anyone may look up: what is owed, by decision number and payment code; whether a receipt is genuine (F-16).

A wrong code costs the same work and gets the same answer as a wrong number, so that nothing can be found by trying.
"""

import hmac
from dataclasses import dataclass
from datetime import date

from fees.domain.errors import ObligationNotFound, ReceiptNotFound
from fees.domain.obligation import Ground, Obligation, Origin
from fees.domain.position import Position, Terms
from fees.domain.receipt import Receipt
from fees.domain.rules import Rules
from fees.handlers.ports import FeesUnitOfWork

# Stands in where nothing was found, so that the same work is done; no input can equal its number.
_NOBODY = "\0"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A debt and where it stands today."""

    obligation: Obligation
    position: Position


def look_up_obligation(uow: FeesUnitOfWork, *, document_number: str, payment_code: str) -> Standing:
    """What is owed on a decision today, for whoever holds both its number and its payment code.

    Raises:
        ObligationNotFound: when the two do not belong together; which of them is wrong is not said.
    """
    obligation = uow.obligations.by_code(payment_code) or _decoy(uow.rules, uow.today)
    position = obligation.position(uow.rules, uow.today)
    expected = (obligation.ground.document_number or _NOBODY).encode()
    if not hmac.compare_digest(expected, document_number.strip().encode()):
        raise ObligationNotFound
    return Standing(obligation=obligation, position=position)


def verify_receipt(uow: FeesUnitOfWork, *, code: str, number: str, check_code: str) -> Receipt:
    """The receipt with this code, number and check code.

    Raises:
        ReceiptNotFound: when the three do not belong together; which of them is wrong is not said.
    """
    receipt = uow.receipts.find(code + number)
    # The comparison is made in either case, so that the time does not tell whether the number exists.
    genuine = receipt.matches(check_code) if receipt else hmac.compare_digest(_NOBODY.encode(), check_code.encode())
    if receipt is None or not genuine:
        raise ReceiptNotFound
    return receipt


def _decoy(rules: Rules, today: date) -> Obligation:
    return Obligation(
        id=_NOBODY,
        ground=Ground(case_id=_NOBODY, cause_id=_NOBODY),
        origin=Origin.DECISION,
        currency="CNY",
        terms=Terms(fine_fen=100, due_on=today, surcharge=rules.surcharge),
        payment_code=_NOBODY,
    )
