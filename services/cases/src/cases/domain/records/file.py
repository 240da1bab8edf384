"""Everything that the acts have put on the case."""

from dataclasses import dataclass, field
from datetime import date

from cases.domain.records.closing import Closing, Publication
from cases.domain.records.deciding import Decision, Discussion, ServiceAnnouncement, ServiceAttempt
from cases.domain.records.hearing import Heard, Hearing, Notice
from cases.domain.records.investigating import Interview, Report, Review
from cases.domain.records.measures import Custody, Measure
from cases.domain.records.people import Assignment, Function, Recusal


@dataclass(kw_only=True)
class File:
    """Everything that the acts have put on the case, in the order in which it came."""

    assignments: list[Assignment] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    recusals: list[Recusal] = field(default_factory=list)
    interviews: list[Interview] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    discussions: list[Discussion] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    hearings: list[Hearing] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    custody: list[Custody] = field(default_factory=list)
    attempts: list[ServiceAttempt] = field(default_factory=list)
    announcements: list[ServiceAnnouncement] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    decision: Decision | None = None
    closing: Closing | None = None
    not_filed_reason: str = ""
    handed_in_on: date | None = None
    dossier_sha256: str = ""
