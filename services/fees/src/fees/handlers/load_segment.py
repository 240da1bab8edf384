"""Receipt numbers that the finance department gave out are loaded; payments that waited get theirs at once."""

from fees.domain.receipt import Segment
from fees.handlers.issue_receipt import issue_waiting
from fees.handlers.ports import FeesUnitOfWork


def load_segment(uow: FeesUnitOfWork, segment: Segment) -> int:
    """Load a segment; how many waiting payments got a receipt from it (the timer serves the rest).

    Raises:
        SegmentInvalid: when it is no range of numbers.
        SegmentOverlaps: when one of its numbers was loaded before.
    """
    segment.check(uow.rules.receipt)
    uow.receipts.load(segment)
    uow.audit("receipt_segment.load", f"receipt-segment/{segment.id}", first=segment.first, last=segment.last)
    return issue_waiting(uow)
