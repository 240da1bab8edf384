"""What a case keeps of each act: frozen records, each with the day it was done. New fields get defaults."""

from cases.domain.records.closing import Closing, Publication
from cases.domain.records.deciding import (
    Decision,
    Discussion,
    Document,
    Remedies,
    Service,
    ServiceAnnouncement,
    ServiceAttempt,
)
from cases.domain.records.file import File
from cases.domain.records.hearing import Heard, Hearing, Notice
from cases.domain.records.investigating import Evidence, Interview, Report, Review
from cases.domain.records.measures import Custody, Measure
from cases.domain.records.people import Assignment, Function, Recusal
from cases.domain.records.time import ClockExtension, ClockPause, ClockRecord, Entry

__all__ = [
    "Assignment",
    "ClockExtension",
    "ClockPause",
    "ClockRecord",
    "Closing",
    "Custody",
    "Decision",
    "Discussion",
    "Document",
    "Entry",
    "Evidence",
    "File",
    "Function",
    "Heard",
    "Hearing",
    "Interview",
    "Measure",
    "Notice",
    "Publication",
    "Recusal",
    "Remedies",
    "Report",
    "Review",
    "Service",
    "ServiceAnnouncement",
    "ServiceAttempt",
]
