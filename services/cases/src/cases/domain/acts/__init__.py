"""The acts: what somebody wants to do to a case, on which day. Imperative, frozen, without opinion.

The name of an act is its row in ``rules/transitions.toml``. ``done_on`` is the legal day on which it was done, which
may lie before the day it is recorded; the guards look at people, bodies and law as of that day.
"""

from cases.domain.acts.base import Act
from cases.domain.acts.closing import Archive, Close, Publish
from cases.domain.acts.deciding import Decide, Demand, Discuss, Settle
from cases.domain.acts.hearing import HearParty, HoldHearing, IssuePriorNotice
from cases.domain.acts.intake import ApplyForRecusal, AssignOfficers, DecideRecusal, FileCase, NotFile, ReportLead
from cases.domain.acts.investigating import Examine, ExcludeEvidence, HoldInterview, RecordEvidence, ReportInvestigation
from cases.domain.acts.measures import ApproveMeasure, CarryOutMeasure, DisposeMeasure, HandOverEvidence
from cases.domain.acts.serving import AnnounceService, AttemptService, Serve
from cases.domain.acts.simple import DecideOnTheSpot, HandIn
from cases.domain.acts.time import ExtendTime, ResumeTime, StopTime

__all__ = [
    "Act",
    "AnnounceService",
    "ApplyForRecusal",
    "ApproveMeasure",
    "Archive",
    "AssignOfficers",
    "AttemptService",
    "CarryOutMeasure",
    "Close",
    "Decide",
    "DecideOnTheSpot",
    "DecideRecusal",
    "Demand",
    "Discuss",
    "DisposeMeasure",
    "Examine",
    "ExcludeEvidence",
    "ExtendTime",
    "FileCase",
    "HandIn",
    "HandOverEvidence",
    "HearParty",
    "HoldHearing",
    "HoldInterview",
    "IssuePriorNotice",
    "NotFile",
    "Publish",
    "RecordEvidence",
    "ReportInvestigation",
    "ReportLead",
    "ResumeTime",
    "Serve",
    "Settle",
    "StopTime",
]
