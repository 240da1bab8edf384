"""The books as a beancount file (F-05)."""

from collections.abc import Iterator

from fees.domain.beancount import export
from fees.handlers.ports import FeesUnitOfWork


def export_ledger(uow: FeesUnitOfWork) -> Iterator[str]:
    """The lines of the file, in the order written; read them inside the unit of work."""
    return export(uow.rules, uow.ledger.all(), uow.ledger.balances())
