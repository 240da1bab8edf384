"""What each permitted act puts on the file and which event it becomes. One function per act, found by its class.

An effect refuses nothing: everything that can stand against an act has been asked before.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cases.domain import acts
from cases.domain.effects import closing, deciding, hearing, intake, investigating, measures, serving, simple, time

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.facts import Facts

EFFECTS: Mapping[type[acts.Act], Callable[["Case", Any, "Facts"], None]] = {
    acts.ReportLead: intake.report,
    acts.FileCase: intake.file,
    acts.NotFile: intake.not_file,
    acts.AssignOfficers: intake.assign_officers,
    acts.ApplyForRecusal: intake.apply_for_recusal,
    acts.DecideRecusal: intake.decide_recusal,
    acts.RecordEvidence: investigating.record_evidence,
    acts.ExcludeEvidence: investigating.exclude_evidence,
    acts.HoldInterview: investigating.interview,
    acts.ReportInvestigation: investigating.report_investigation,
    acts.Examine: investigating.examine,
    acts.ApproveMeasure: measures.approve,
    acts.CarryOutMeasure: measures.carry_out,
    acts.DisposeMeasure: measures.dispose,
    acts.HandOverEvidence: measures.hand_over,
    acts.IssuePriorNotice: hearing.issue_prior_notice,
    acts.HearParty: hearing.hear,
    acts.HoldHearing: hearing.hold,
    acts.Discuss: deciding.discuss,
    acts.Decide: deciding.decide,
    acts.AttemptService: serving.attempt,
    acts.AnnounceService: serving.announce,
    acts.Serve: deciding.serve,
    acts.DecideOnTheSpot: simple.decide_on_the_spot,
    acts.HandIn: simple.hand_in,
    acts.Demand: deciding.demand,
    acts.Settle: deciding.settle,
    acts.ExtendTime: time.extend,
    acts.StopTime: time.stop,
    acts.ResumeTime: time.resume,
    acts.Publish: closing.publish,
    acts.Close: closing.close,
    acts.Archive: closing.archive,
}
