"""What oversight's API takes and gives."""

from marshmallow import fields, post_load, validate

from gongzheng.http import LegalDate, PageSchema, Query, Schema, Text, Timestamp, UlidField
from gongzheng.http.schemas import Boolean, Fen, Integer
from oversight.domain.complaint import Kind, Outcome, RejectionReason
from oversight.domain.plans import PlanKind
from oversight.domain.rulebook import clock_rules, transitions
from oversight.domain.screening import Reporter

REPORT_CHARACTERS_MAX = 8_000
SUMMARY_CHARACTERS_MAX = 4_000
NOTE_CHARACTERS_MAX = 1_000
ID_CHARACTERS_MAX = 60
STATES = sorted({step.target for step in transitions().values()} | {"received"})
CLOCKS = sorted(rule.kind for rule in clock_rules())


def _one_of(values: object) -> validate.OneOf:
    return validate.OneOf([str(getattr(value, "value", value)) for value in values])  # type: ignore[attr-defined]


def _described(text: str) -> dict[str, str]:
    return {"description": text}


class ReporterIn(Schema):
    """Who reports, as far as they want to say; kept sealed and shown to nobody through this API."""

    name = Text(100, load_default="")
    phone = Text(40, load_default="")
    email = Text(200, load_default="", validate=validate.Regexp(r"^[^@\s]+@[^@\s]+$", error="Not an e-mail address."))

    @post_load
    def make(self, data: dict[str, str], **_: object) -> Reporter:
        """The reporter as the domain knows them."""
        return Reporter(**data)


class ReportIn(Schema):
    """A complaint or report, in the reporter's own words. All of it is sealed at once."""

    kind = fields.String(required=True, validate=_one_of(Kind), metadata=_described(
        "violation: somebody breaks the law; official: what an official or a department did."))  # fmt: skip
    text = Text(REPORT_CHARACTERS_MAX, required=True, metadata=_described("What happened."))
    about = Text(500, load_default="", metadata=_described("Who it is about."))
    place = Text(500, load_default="")
    occurred_on = LegalDate(load_default=None, metadata=_described("When it happened, if known."))
    accused_organisation_id = Text(ID_CHARACTERS_MAX, load_default=None, metadata=_described(
        "The department complained about, where its id is known; nobody there will see the complaint."))  # fmt: skip
    language = fields.String(load_default="zh", validate=_one_of(("zh", "en")))
    reporter = fields.Nested(ReporterIn, load_default=Reporter(), metadata=_described("Leave it out to stay unnamed."))


class ReceivedOut(Schema):
    """The receipt. The code is shown this once and cannot be recovered."""

    complaint_id = UlidField(required=True)
    tracking_code = fields.String(required=True, metadata={"pattern": "^[0-9]{16}$"})
    received_on = LegalDate(required=True)


class CodeIn(Schema):
    """A tracking code; spaces and dashes are forgiven."""

    tracking_code = Text(64, required=True)


class StepOut(Schema):
    """One thing that happened, in plain words."""

    step = fields.String(required=True)
    on = LegalDate(required=True)
    text_zh = fields.String(required=True)
    text_en = fields.String(required=True)
    note = fields.String(required=True, metadata=_described("What oversight wrote for the reporter; may be empty."))


class ProgressOut(Schema):
    """How far a report has come. It holds nothing of what was reported, nor by whom."""

    state = fields.String(required=True, validate=_one_of(STATES))
    received_on = LegalDate(required=True)
    answer_by = LegalDate(required=True, allow_none=True, metadata=_described("The last day of the running limit."))
    steps = fields.List(fields.Nested(StepOut), required=True)


class ClockOut(Schema):
    """A time limit on a complaint, and why it ends on its day."""

    kind = fields.String(required=True, validate=_one_of(CLOCKS))
    law = fields.String(required=True)
    state = fields.String(required=True, validate=_one_of(("running", "met", "breached")))
    started_on = LegalDate(required=True)
    due_on = LegalDate(required=True, attribute="due.due_on")
    provisional = Boolean(required=True, attribute="due.provisional")
    met_on = LegalDate(required=True, allow_none=True)
    why_zh = fields.String(required=True, attribute="due.why_zh")
    why_en = fields.String(required=True, attribute="due.why_en")


class ComplaintBrief(Schema):
    """A complaint in a list: without its words and without its reporter."""

    id = UlidField(required=True)
    kind = fields.String(required=True, validate=_one_of(Kind))
    state = fields.String(required=True, validate=_one_of(STATES))
    anonymous = Boolean(required=True)
    received_at = Timestamp(required=True)
    received_on = LegalDate(required=True)
    accused_organisation_id = fields.String(required=True, allow_none=True)
    organisation_id = fields.String(required=True, allow_none=True)
    matter_id = fields.String(required=True, allow_none=True)
    case_id = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    version = Integer(required=True)


class ComplaintOut(ComplaintBrief):
    """A complaint with its time limits and what the reporter was told."""

    clocks = fields.List(fields.Nested(ClockOut), required=True)
    steps = fields.List(fields.Nested(StepOut), required=True)


class ComplaintPage(PageSchema):
    """Complaints, the oldest first."""

    items = fields.List(fields.Nested(ComplaintBrief), required=True)


class ComplaintQuery(Query):
    """Which complaints."""

    state = fields.String(validate=_one_of(STATES))
    kind = fields.String(validate=_one_of(Kind))


class ContentOut(Schema):
    """A report in the reporter's own words. Who reported is not in it unless they wrote it there."""

    text = fields.String(required=True)
    about = fields.String(required=True)
    place = fields.String(required=True)
    occurred_on = fields.String(required=True, allow_none=True)


class AcceptanceIn(Schema):
    """The decision to take a complaint up."""

    organisation_id = Text(ID_CHARACTERS_MAX, required=True, metadata=_described(
        "violation: the competent department, which gets the summary; official: the body handling it."))  # fmt: skip
    accepted_on = LegalDate(required=True)
    summary = Text(SUMMARY_CHARACTERS_MAX, least=0, load_default="", metadata=_described(
        "In oversight's own words, without anything that tells who reported. Needed for a violation; a complaint about"
        " an official releases nothing."))  # fmt: skip
    matter_id = Text(ID_CHARACTERS_MAX, load_default=None)
    accused_organisation_id = Text(ID_CHARACTERS_MAX, load_default=None)


class RejectionIn(Schema):
    """The decision not to take a complaint up."""

    reason = fields.String(required=True, validate=_one_of(RejectionReason))
    told = Text(
        NOTE_CHARACTERS_MAX, required=True, metadata=_described("What the reporter reads: why, and where to turn.")
    )
    rejected_on = LegalDate(required=True)


class ExtensionIn(Schema):
    """More time to resolve a complaint, approved by the head."""

    days = Integer(required=True, validate=validate.Range(min=1, max=365))
    told = Text(NOTE_CHARACTERS_MAX, required=True, metadata=_described("The reason, which the reporter reads."))
    extended_on = LegalDate(required=True)


class ResolutionIn(Schema):
    """The end of a complaint."""

    outcome = fields.String(required=True, validate=_one_of(o for o in Outcome if o is not Outcome.CASE_CLOSED))
    told = Text(NOTE_CHARACTERS_MAX, required=True, metadata=_described("The answer, which the reporter reads."))
    resolved_on = LegalDate(required=True)


class FilingOut(Schema):
    """A major decision on file."""

    id = UlidField(required=True)
    decision_id = fields.String(required=True, attribute="decision.decision_id")
    case_id = fields.String(required=True, attribute="decision.case_id")
    document_number = fields.String(required=True, attribute="decision.document_number")
    organisation_id = fields.String(required=True, attribute="decision.organisation_id")
    region_code = fields.String(required=True, attribute="decision.region_code")
    party_kind = fields.String(required=True, attribute="decision.party_kind")
    fine_fen = Fen(required=True, attribute="decision.fine_fen")
    confiscation_fen = Fen(required=True, attribute="decision.confiscation_fen")
    served_on = LegalDate(required=True, attribute="decision.served_on")
    sanction_kinds = fields.List(fields.String(), required=True, attribute="decision.sanction_kinds")
    threshold_law = fields.String(required=True)
    recorded_on = LegalDate(required=True)
    state = fields.String(required=True)
    version = Integer(required=True)


class FilingPage(PageSchema):
    """Filings, the oldest first."""

    items = fields.List(fields.Nested(FilingOut), required=True)


class InactionOut(Schema):
    """A duty not done in time."""

    id = UlidField(required=True)
    omission = fields.String(required=True)
    omission_zh = fields.String(required=True)
    omission_en = fields.String(required=True)
    kind = fields.String(required=True, attribute="clock.kind", metadata=_described("The kind of clock."))
    law = fields.String(required=True, attribute="clock.law", metadata=_described("The article that gives the limit."))
    clock_id = fields.String(required=True, attribute="clock.clock_id")
    case_id = fields.String(required=True, allow_none=True, attribute="clock.case_id")
    complaint_id = fields.String(required=True, allow_none=True, attribute="clock.complaint_id")
    matter_id = fields.String(required=True, allow_none=True, attribute="clock.matter_id")
    organisation_id = fields.String(required=True, attribute="clock.organisation_id")
    started_on = LegalDate(required=True, allow_none=True, attribute="clock.started_on")
    due_on = LegalDate(required=True, attribute="clock.due_on", metadata=_described(
        "The last day of the limit, as the department last told it."))  # fmt: skip
    opened_on = LegalDate(required=True)
    state = fields.String(required=True, metadata=_described("open, in_hand or withdrawn."))
    taken_up_by = fields.String(required=True, allow_none=True, metadata=_described("Who took it in hand."))
    taken_up_on = LegalDate(required=True, allow_none=True)
    withdrawn_on = LegalDate(required=True, allow_none=True)
    withdrawn_because = fields.String(required=True, allow_none=True, metadata=_described(
        "What became of the clock: extended, stopped, resumed, recomputed, met."))  # fmt: skip
    withdrawn_because_zh = fields.String(required=True, allow_none=True)
    withdrawn_because_en = fields.String(required=True, allow_none=True)
    version = Integer(required=True)


class InactionPage(PageSchema):
    """Inaction items, the oldest first."""

    items = fields.List(fields.Nested(InactionOut), required=True)


class ConductOut(Schema):
    """Conduct that the rules forbid."""

    id = UlidField(required=True)
    kind = fields.String(required=True)
    charge_id = fields.String(required=True, attribute="charge.charge_id")
    agent_id = fields.String(required=True, attribute="charge.agent_id")
    obligation_id = fields.String(required=True, allow_none=True, attribute="charge.obligation_id")
    description_code = fields.String(required=True, attribute="charge.description_code")
    amount_fen = Fen(required=True, attribute="charge.amount_fen")
    law = fields.List(fields.String(), required=True, attribute="charge.law")
    occurred_on = LegalDate(required=True, attribute="charge.occurred_on")
    case_id = fields.String(required=True, allow_none=True)
    organisation_id = fields.String(required=True, allow_none=True)
    opened_on = LegalDate(required=True)
    state = fields.String(required=True)
    version = Integer(required=True)


class ConductPage(PageSchema):
    """Conduct items, the oldest first."""

    items = fields.List(fields.Nested(ConductOut), required=True)


class RecordQuery(Query):
    """Of which organisation or case."""

    organisation_id = Text(ID_CHARACTERS_MAX)
    case_id = Text(ID_CHARACTERS_MAX)


class MetricIO(Schema):
    """One measure: what is counted, its unit, what is to be reached."""

    name = Text(200, required=True)
    unit = Text(40, least=0, load_default="")
    target = Text(100, least=0, load_default="")


class PlanIn(Schema):
    """A plan. No text and no metric of it may ask for an amount or a number of fines (APL 74)."""

    title_zh = Text(200, required=True)
    title_en = Text(200, least=0, load_default="")
    text = Text(20_000, least=0, load_default="")
    starts_on = LegalDate(required=True)
    ends_on = LegalDate(required=True)
    metrics = fields.List(fields.Nested(MetricIO), load_default=list, validate=validate.Length(max=100))


class PlanOut(Schema):
    """A plan on record."""

    id = UlidField(required=True)
    kind = fields.String(required=True, validate=_one_of(PlanKind))
    title_zh = fields.String(required=True, attribute="draft.title_zh")
    title_en = fields.String(required=True, attribute="draft.title_en")
    text = fields.String(required=True, attribute="draft.text")
    starts_on = LegalDate(required=True, attribute="draft.starts_on")
    ends_on = LegalDate(required=True, attribute="draft.ends_on")
    metrics = fields.List(fields.Nested(MetricIO), required=True, attribute="draft.metrics")
    author = fields.String(required=True)
    entered_on = LegalDate(required=True)
    state = fields.String(required=True)
    version = Integer(required=True)


class PlanPage(PageSchema):
    """Plans, the oldest first."""

    items = fields.List(fields.Nested(PlanOut), required=True)
