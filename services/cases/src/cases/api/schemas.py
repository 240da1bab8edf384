"""What callers send: one schema per act. ``done_on`` is the legal day on which the act was done."""

from marshmallow import fields, validate

from cases.api.schema_parts import TEXT_CHARS_MAX, ActIn, OfficersIn, long_text, one_of, optional_text
from cases.domain.review import declarable, points
from cases.domain.values import (
    AttemptOutcome,
    DocumentKind,
    HeardKind,
    Leniency,
    Outcome,
    PartyKind,
    RecipientCapacity,
    SanctionKind,
    ServiceMethod,
    Source,
    State,
)
from gongzheng.http import Fen, Integer, LegalDate, Query, Schema, Text, UlidField
from gongzheng.http.schemas import Boolean


class PartyIn(Schema):
    """The party of a case."""

    party_id = UlidField(load_default=None, allow_none=True)
    name = Text(200, required=True)
    kind = one_of(PartyKind, required=True)
    language = fields.String(validate=validate.OneOf(["zh", "en"]), load_default="zh")
    email = fields.Email(load_default=None, allow_none=True, validate=validate.Length(max=254))
    id_number = Text(40, load_default=None, allow_none=True)
    address = Text(400, load_default=None, allow_none=True)
    born_on = LegalDate(
        load_default=None, allow_none=True, metadata={"description": "Where the identity number does not tell it."}
    )


class BasesIn(Schema):
    """What a fine can be a multiple of, in fen; only what the matter names is needed."""

    value_of_goods = Fen()
    illegal_gains = Fen()
    illegal_revenue = Fen()
    project_cost = Fen()
    contract_price = Fen()
    advertising_cost = Fen()


class SanctionIn(Schema):
    """A sanction; amounts in fen."""

    kinds = fields.List(one_of(SanctionKind), required=True, validate=validate.Length(min=1, max=len(SanctionKind)))
    fine_fen = Fen(load_default=0)
    confiscation_fen = Fen(load_default=0)
    confiscated_goods = optional_text(2_000)
    grave = Boolean(load_default=False)
    bases = fields.Nested(
        BasesIn, load_default=dict, metadata={"description": "Amounts that a multiple is taken of, in fen."}
    )
    units = Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    mitigation = optional_text(2_000)
    order_to_correct = Boolean(load_default=False)


class LeadIn(ActIn):
    """A lead."""

    source = one_of(Source, required=True)
    summary = long_text(required=True)
    organisation_id = Text(18, load_default=None, allow_none=True)
    matter_id = Text(100, load_default=None, allow_none=True)
    conduct_on = LegalDate(load_default=None, allow_none=True)
    complaint_id = UlidField(load_default=None, allow_none=True)
    party = fields.Nested(PartyIn, load_default=None, allow_none=True)


class FilingIn(ActIn):
    """The decision to file or not to file."""

    filed = Boolean(required=True)
    matter_id = Text(100, load_default=None, allow_none=True)
    conduct_on = LegalDate(load_default=None, allow_none=True)
    party = fields.Nested(PartyIn, load_default=None, allow_none=True)
    conduct_until = LegalDate(
        load_default=None, allow_none=True, metadata={"description": "Last day of a continuing act (APL 36(2))."}
    )
    checked_facts = optional_text(TEXT_CHARS_MAX)
    harm = Boolean(load_default=False, metadata={"description": "Harm to life, health or financial safety (APL 36)."})
    reason = optional_text(2_000)


class AssignmentIn(OfficersIn):
    """Officers for the case."""


class RecusalIn(ActIn):
    """An application for recusal."""

    officer_id = Text(64, required=True)
    ground = Text(2_000, required=True)
    own_motion = Boolean(load_default=False)


class RecusalDecisionIn(ActIn):
    """The head's decision on a recusal."""

    granted = Boolean(required=True)


class ExclusionIn(ActIn):
    """The exclusion of evidence."""

    reason = Text(2_000, required=True)


class InterviewIn(OfficersIn):
    """An interview."""

    place = Text(400, required=True)
    interviewee = Text(200, required=True)
    relation = Text(40, required=True, metadata={"description": "party, witness …"})
    credentials_shown = Boolean(required=True)
    summary = long_text(required=True)
    read_and_signed = Boolean(required=True)
    refusal_note = optional_text(2_000)


class ReportIn(OfficersIn):
    """The investigation report."""

    facts = long_text(required=True)
    evidence_ids = fields.List(UlidField(), required=True, validate=validate.Length(max=1_000))
    proposal = one_of(Outcome, required=True)
    sanction = fields.Nested(SanctionIn, load_default=None, allow_none=True)
    correction_ordered_on = LegalDate(load_default=None, allow_none=True)
    correction_disobeyed = Boolean(load_default=False)
    review_grounds = fields.List(
        fields.String(validate=validate.OneOf(declarable())),
        load_default=list,
        validate=validate.Length(max=10),
        metadata={"description": "Why the law asks for legal review (APL 58(1)); empty where it does not."},
    )
    answer_to_review = optional_text(TEXT_CHARS_MAX)
    leniency = one_of(Leniency, load_default=None, allow_none=True)


class ReviewIn(ActIn):
    """A legal review."""

    passed = Boolean(required=True)
    opinion = long_text(required=True)
    points = fields.List(
        fields.String(validate=validate.OneOf(points())),
        load_default=list,
        validate=validate.Length(max=10),
        metadata={"description": "Where a returned case fails (SAMR-PROC 53); needed for a return."},
    )


class DiscussionIn(OfficersIn):
    """A discussion of the heads together; ``officer_ids`` are those of them who were present."""

    record = long_text(required=True)
    outcome = one_of(Outcome, required=True)
    sanction = fields.Nested(SanctionIn, load_default=None, allow_none=True)
    attending = fields.List(Text(200), load_default=list, validate=validate.Length(max=50))


class NoticeIn(ActIn):
    """A prior notice."""

    facts = long_text(required=True)
    reasons = long_text(required=True)
    sanction = fields.Nested(SanctionIn, required=True)


class ServiceIn(ActIn):
    """How a document reached the party; ``done_on`` is the day on which the facts of service were complete."""

    document = one_of(DocumentKind, required=True)
    method = one_of(ServiceMethod, required=True)
    sent_on = LegalDate(required=True)
    recipient = Text(200, required=True)
    witness = optional_text()
    recorded = Boolean(load_default=False)
    receipt = optional_text()
    consent_signed_on = LegalDate(load_default=None, allow_none=True)
    capacity = one_of(
        RecipientCapacity, load_default="party", metadata={"description": "As whom the recipient signed (CPL 88)."}
    )
    note = Text(2_000, least=0, load_default="", metadata={"description": "Why it was left; needed for that."})
    carrier = Text(
        200, least=0, load_default="", metadata={"description": "Through which body it was served; needed for that."}
    )


class AttemptIn(OfficersIn):
    """An attempt to serve a document that failed."""

    document = one_of(DocumentKind, required=True)
    method = one_of(ServiceMethod, required=True)
    outcome = one_of(AttemptOutcome, required=True)
    place = Text(400, required=True)
    note = Text(2_000, required=True)


class AnnouncementIn(ActIn):
    """The public announcement of a document; ``done_on`` is the day on which it was made."""

    document = one_of(DocumentKind, required=True)
    places = fields.List(Text(400), required=True, validate=validate.Length(min=1, max=20))
    course = Text(2_000, required=True, metadata={"description": "Why, and what was tried before (CPL 95(2))."})
    whereabouts_unknown = Boolean(load_default=False)
    recorded = Boolean(required=True, metadata={"description": "The posting was photographed or filmed."})


class StatementIn(ActIn):
    """How the party used the right to be heard."""

    kind = one_of(HeardKind, required=True)
    content = optional_text(TEXT_CHARS_MAX)
    hearing_requested = Boolean(load_default=False)
    hearing_waived = Boolean(load_default=False)


class HearingIn(ActIn):
    """A hearing that was held."""

    announced_on = LegalDate(required=True)
    place = optional_text(400)
    record = long_text(required=True)


class DecisionIn(ActIn):
    """The decision."""

    outcome = one_of(Outcome, required=True)
    facts = long_text(required=True)
    reasons = long_text(required=True)
    sanction = fields.Nested(SanctionIn, load_default=None, allow_none=True)
    defence_opinion = optional_text(TEXT_CHARS_MAX)
    reconsideration_body = Text(200, required=True)
    court = Text(200, required=True)
    surcharge_applies = Boolean(load_default=True)
    social_impact = Boolean(load_default=False)
    collector = optional_text()
    distinct_act = Text(
        2_000,
        least=0,
        load_default="",
        metadata={"description": "Why it is another act, when one of the same days has been fined before (APL 29)."},
    )
    leniency = one_of(
        Leniency,
        load_default=None,
        allow_none=True,
        metadata={"description": "The ground on which no penalty is imposed; needed for that outcome (APL 33)."},
    )
    without_statement = Text(
        2_000,
        least=0,
        load_default="",
        metadata={"description": "Why the party made no statement at all; needed when it made none."},
    )


class PublicationIn(ActIn):
    """A publication of the decision."""

    place = Text(400, required=True)


class ClosingIn(ActIn):
    """The end of a case."""

    basis_repealed = Boolean(
        load_default=False, metadata={"description": "End a case that was not decided before its basis was repealed."}
    )
    note = optional_text(2_000)


class ArchivingIn(ActIn):
    """The archiving of a case."""


class CaseFilter(Query):
    """Which cases to list."""

    state = one_of(State, load_default=None)
    organisation_id = Text(18, load_default=None)


class MatterFilter(Query):
    """Which matters to list."""

    field = Text(60, load_default=None)


class OfficerFilter(Query):
    """Which officers to list."""

    organisation_id = Text(18, load_default=None)
