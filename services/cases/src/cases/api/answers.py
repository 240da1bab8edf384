"""What callers get: the case with everything on its file, made of the domain's records."""

from dataclasses import asdict
from dataclasses import fields as record_fields
from datetime import date
from typing import Any

from marshmallow import fields, validate

from cases.api.record_schemas import record_schema
from cases.domain import records
from cases.domain.case import Case
from cases.domain.case_people import recused_later
from cases.domain.clocks import clock_rules
from cases.domain.register import LegalBasis, Matter, Officer, Organisation
from cases.domain.table import table
from cases.domain.values import Party, Procedure, Source, State
from gongzheng.http import Integer, LegalDate, PageSchema, Schema, Timestamp
from gongzheng.legaltime import expand


class LawOut(Schema):
    """A citation with its names."""

    ref = fields.String(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)


class CaseSummaryOut(Schema):
    """A line of a list."""

    id = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(State)))
    organisation_id = fields.String(required=True)
    source = fields.String(required=True, validate=validate.OneOf(list(Source)))
    case_number = fields.String(required=True, allow_none=True)
    document_number = fields.String(required=True, allow_none=True)
    matter_id = fields.String(required=True, allow_none=True)
    party_name = fields.String(required=True, allow_none=True)
    received_on = fields.String(required=True)


class CasePage(PageSchema):
    """A page of cases, newest first."""

    items = fields.List(fields.Nested(CaseSummaryOut), required=True)


class CaseOut(Schema):
    """A case with everything on its file."""

    id = fields.String(required=True)
    version = Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(list(State)))
    organisation_id = fields.String(required=True)
    source = fields.String(required=True, validate=validate.OneOf(list(Source)))
    summary = fields.String(required=True)
    received_on = LegalDate(required=True)
    region_code = fields.String(required=True)
    matter_id = fields.String(required=True, allow_none=True)
    conduct_on = LegalDate(required=True, allow_none=True)
    conduct_until = LegalDate(required=True, allow_none=True)
    procedure = fields.String(required=True, validate=validate.OneOf(list(Procedure)))
    case_number = fields.String(required=True, allow_none=True)
    complaint_id = fields.String(required=True, allow_none=True)
    party = fields.Nested(record_schema(Party), required=True, allow_none=True)
    officers = fields.List(fields.Nested(record_schema(records.Assignment)), required=True)
    recusals = fields.List(fields.Nested(record_schema(records.Recusal)), required=True)
    evidence = fields.List(fields.Nested(record_schema(records.Evidence)), required=True)
    interviews = fields.List(fields.Nested(record_schema(records.Interview)), required=True)
    reports = fields.List(fields.Nested(record_schema(records.Report)), required=True)
    reviews = fields.List(fields.Nested(record_schema(records.Review)), required=True)
    discussions = fields.List(fields.Nested(record_schema(records.Discussion)), required=True)
    notices = fields.List(fields.Nested(record_schema(records.Notice)), required=True)
    heard = fields.List(fields.Nested(record_schema(records.Heard)), required=True)
    hearings = fields.List(fields.Nested(record_schema(records.Hearing)), required=True)
    measures = fields.List(fields.Nested(record_schema(records.Measure)), required=True)
    custody = fields.List(fields.Nested(record_schema(records.Custody)), required=True)
    service_attempts = fields.List(fields.Nested(record_schema(records.ServiceAttempt)), required=True)
    service_announcements = fields.List(fields.Nested(record_schema(records.ServiceAnnouncement)), required=True)
    publications = fields.List(fields.Nested(record_schema(records.Publication)), required=True)
    decision = fields.Nested(record_schema(records.Decision), required=True, allow_none=True)
    closing = fields.Nested(record_schema(records.Closing), required=True, allow_none=True)
    not_filed_reason = fields.String(required=True)
    handed_in_on = LegalDate(required=True, allow_none=True)
    dossier_sha256 = fields.String(required=True)
    possible_acts = fields.List(
        fields.String(), required=True, metadata={"description": "Acts that have a row from this state."}
    )


class ClockOut(Schema):
    """A time limit on a case: its last day, and why it is that day."""

    clock_id = fields.String(required=True)
    kind = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    nature = fields.String(required=True, validate=validate.OneOf(["duty", "right", "owed"]))
    length = Integer(required=True)
    unit = fields.String(required=True, validate=validate.OneOf(["working_day", "day", "month", "year"]))
    law = fields.Nested(LawOut, required=True)
    started_on = LegalDate(required=True)
    due_on = LegalDate(
        required=True, metadata={"description": "Last day; while the clock stands, as of the day on which it stopped."}
    )
    about = fields.String(
        required=True, metadata={"description": "The thing that the clock is about; empty: the case itself."}
    )
    extensions = fields.List(fields.Nested(record_schema(records.ClockExtension)), required=True)
    pauses = fields.List(fields.Nested(record_schema(records.ClockPause)), required=True)
    provisional = fields.Boolean(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(["running", "paused", "warned", "breached", "run_out", "ended", "ended_late"]),
    )
    ended_on = LegalDate(required=True, allow_none=True)
    warned_on = LegalDate(required=True, allow_none=True)
    breached_on = LegalDate(required=True, allow_none=True)
    why_zh = fields.String(required=True)
    why_en = fields.String(required=True)


class ClocksOut(Schema):
    """All time limits of a case, in the order in which they began."""

    items = fields.List(fields.Nested(ClockOut), required=True)


class EntryOut(Schema):
    """A line of the timeline."""

    act = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    law = fields.List(fields.Nested(LawOut), required=True)
    done_on = LegalDate(required=True)
    recorded_at = Timestamp(required=True)
    actor_subject = fields.String(required=True)
    actor_name = fields.String(required=True)
    state = fields.String(required=True)
    officer_ids = fields.List(fields.String(), required=True)
    recused = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Who took part and was recused afterwards; the act stands, marked (APL 43)."},
    )


class TimelineOut(Schema):
    """What was done in the case, in order of recording."""

    items = fields.List(fields.Nested(EntryOut), required=True)


class DocumentsOut(Schema):
    """The issued documents of a case."""

    items = fields.List(fields.Nested(record_schema(records.Document)), required=True)


class LoadedOut(Schema):
    """How many entries of each kind a data file entered or replaced."""

    organisations = Integer(required=True)
    officers = Integer(required=True)
    legal_bases = Integer(required=True)
    matters = Integer(required=True)


class OrganisationPage(PageSchema):
    """A page of organisations."""

    items = fields.List(fields.Nested(record_schema(Organisation)), required=True)


class OfficerPage(PageSchema):
    """A page of officers."""

    items = fields.List(fields.Nested(record_schema(Officer)), required=True)


class LegalBasisPage(PageSchema):
    """A page of versions of legal bases."""

    items = fields.List(fields.Nested(record_schema(LegalBasis)), required=True)


class MatterPage(PageSchema):
    """A page of versions of matters."""

    items = fields.List(fields.Nested(record_schema(Matter)), required=True)


_OF_THE_CASE = tuple(name for name in CaseOut().fields if name in {f.name for f in record_fields(Case)})
"""Fields that the case carries under the same name; found once, because a schema is costly to make."""


def case_out(case: Case) -> dict[str, Any]:
    """A case as it is answered."""
    return {name: getattr(case, name) for name in _OF_THE_CASE} | {
        "officers": case.file.assignments,
        "recusals": case.file.recusals,
        "interviews": case.file.interviews,
        "reports": case.file.reports,
        "reviews": case.file.reviews,
        "discussions": case.file.discussions,
        "notices": case.file.notices,
        "heard": case.file.heard,
        "hearings": case.file.hearings,
        "measures": case.file.measures,
        "custody": case.file.custody,
        "service_attempts": case.file.attempts,
        "service_announcements": case.file.announcements,
        "publications": case.file.publications,
        "decision": case.file.decision,
        "closing": case.file.closing,
        "handed_in_on": case.file.handed_in_on,
        "not_filed_reason": case.file.not_filed_reason,
        "dossier_sha256": case.file.dossier_sha256,
        "possible_acts": table().possible(case.state) if case.state is not None else [],
    }


def clock_out(clock: records.ClockRecord, today: date) -> dict[str, Any]:
    """A clock as it is answered on a day."""
    rule = clock_rules().get(clock.kind)
    return asdict(clock) | {
        "title_zh": rule.zh if rule is not None else clock.kind,
        "title_en": rule.en if rule is not None else clock.kind,
        "law": expand(clock.law),
        "state": clock.state(today),
    }


def entry_out(case: Case, entry: records.Entry) -> dict[str, Any]:
    """A line of the timeline as it is answered."""
    row = table().rows.get(entry.act)
    named = {a.subject for a in case.file.assignments if a.officer_id in entry.officer_ids}
    return asdict(entry) | {
        "title_zh": row.zh if row is not None else entry.act,
        "title_en": row.en if row is not None else entry.act,
        "law": [expand(ref) for ref in (row.law if row is not None else ())],
        "recused": recused_later(case.file, named | {entry.actor_subject}, entry.done_on),
    }
