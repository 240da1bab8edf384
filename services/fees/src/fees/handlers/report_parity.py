"""Parity between the decisions that were served and the obligations that exist (F-12)."""

from fees.domain.parity import Parity, compare
from fees.handlers.ports import FeesUnitOfWork


def report_parity(uow: FeesUnitOfWork) -> Parity:
    """Hold each served decision with money against the obligations, and the reverse."""
    return compare(uow.decisions.claims(), uow.obligations.claims())
