"""Put a served decision on file when it is a major one."""

from gongzheng.ids import new_id
from oversight.domain.filing import Filing, ServedDecision
from oversight.handlers.ports import Work


def record_filing(uow: Work, decision: ServedDecision) -> str | None:
    """The id of the filing (SUPERVISION 9); None when the decision is not major or is on file already."""
    threshold_law = uow.thresholds.reached_by(decision)
    if threshold_law is None:
        return None
    with uow:
        if uow.filings.knows(decision_id=decision.decision_id):
            return None
        filing = Filing.record(new_id(), decision, threshold_law, uow.today)
        uow.filings.add(filing)
        uow.audit("filing.record", f"filing/{filing.id}", decision=decision.decision_id)
    return filing.id
