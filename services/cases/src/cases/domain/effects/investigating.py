"""Evidence, interviews, the report and the review."""

from dataclasses import replace
from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.facts import Facts
from cases.domain.records import Evidence, Interview, Report, Review

if TYPE_CHECKING:
    from cases.domain.case import Case


def record_evidence(case: "Case", act: acts.RecordEvidence, facts: Facts) -> None:
    """The piece joins the file."""
    case.evidence.append(
        Evidence(
            evidence_id=act.evidence_id,
            kind=act.kind,
            title=act.title,
            done_on=act.done_on,
            recorded_at=facts.now,
            place=act.place,
            provided_by=act.provided_by,
            manner=act.manner,
            officer_ids=act.officer_ids,
            sha256=act.sha256,
            size_bytes=act.size_bytes,
            media_type=act.media_type,
            file_name=act.file_name,
            category=act.category,
            surveillance=act.surveillance,
            device_number=act.device_number,
            device_reviewed_on=act.device_reviewed_on,
            location_published_on=act.location_published_on,
            record_reviewed_on=act.record_reviewed_on,
        )
    )
    case.events.append(
        events.EvidenceRecorded(
            case_id=case.id,
            evidence_id=act.evidence_id,
            kind=act.kind.value,
            sha256=act.sha256,
            recorded_on=act.done_on,
        )
    )


def exclude_evidence(case: "Case", act: acts.ExcludeEvidence, facts: Facts) -> None:
    """The piece stays on the file, bytes and all, and counts no more."""
    piece = case.piece(act.evidence_id)
    case.evidence[case.evidence.index(piece)] = replace(
        piece, excluded_on=act.done_on, excluded_by=facts.actor.subject, exclusion_reason=act.reason
    )
    case.events.append(
        events.EvidenceExcluded(
            case_id=case.id, evidence_id=act.evidence_id, reason=act.reason, excluded_on=act.done_on
        )
    )


def interview(case: "Case", act: acts.HoldInterview, _facts: Facts) -> None:
    """The interview's record joins the file."""
    case.file.interviews.append(
        Interview(
            interview_id=act.interview_id,
            done_on=act.done_on,
            place=act.place,
            interviewee=act.interviewee,
            relation=act.relation,
            officer_ids=act.officer_ids,
            credentials_shown=act.credentials_shown,
            summary=act.summary,
            read_and_signed=act.read_and_signed,
            refusal_note=act.refusal_note,
        )
    )


def report_investigation(case: "Case", act: acts.ReportInvestigation, _facts: Facts) -> None:
    """The report goes to review."""
    case.file.reports.append(
        Report(
            done_on=act.done_on,
            facts=act.facts,
            evidence_ids=act.evidence_ids,
            proposal=act.proposal,
            officer_ids=act.officer_ids,
            sanction=act.sanction,
            correction_ordered_on=act.correction_ordered_on,
            correction_disobeyed=act.correction_disobeyed,
            review_grounds=act.review_grounds,
            answer_to_review=act.answer_to_review,
            leniency=act.leniency,
        )
    )


def examine(case: "Case", act: acts.Examine, facts: Facts) -> None:
    """The review's result and opinion join the file."""
    reviewer_id = facts.register.actor.id if facts.register.actor is not None else facts.actor.subject
    case.file.reviews.append(
        Review(
            review_id=act.review_id,
            done_on=act.done_on,
            reviewer_subject=facts.actor.subject,
            reviewer_id=reviewer_id,
            passed=act.passed,
            opinion=act.opinion,
            points=act.points,
            of_report=len(case.file.reports),
        )
    )
    happened = events.ReviewPassed if act.passed else events.ReviewReturned
    case.events.append(happened(case_id=case.id, reviewer_id=reviewer_id, reviewed_on=act.done_on))
