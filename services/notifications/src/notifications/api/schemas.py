"""What the API of notifications takes and gives."""

from marshmallow import fields, validate

from gongzheng.http import PageSchema, Query, Schema, Text, Timestamp, UlidField
from gongzheng.http.schemas import Boolean, Integer
from notifications.domain.delivery import DeliveryState
from notifications.domain.destination import URL_CHARACTERS_MAX
from notifications.domain.message import MessageState
from notifications.domain.subscription import SubscriptionState

TYPE_FILTER = r"^(\*|[a-z][a-z0-9_.]{0,197}(\.\*)?)$"
TYPES_MAX = 100
GRANTS_MAX = 50
FIELD_PATH = r"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,5})$"
REFERENCE = r"^[A-Za-z0-9._:-]{1,60}$"


def _described(text: str) -> dict[str, str]:
    return {"description": text}


def _states(kind: type) -> validate.OneOf:
    return validate.OneOf([state.value for state in kind])  # type: ignore[attr-defined] # each is a StrEnum


class TimelineOut(Schema):
    """One line of the proof."""

    at = Timestamp(required=True)
    what = fields.String(required=True, metadata=_described("queued, waiting, addressed, sending, sent, maybe_sent, …"))
    detail = fields.String(required=True, metadata=_described("A stable code such as smtp-250; may be empty."))


class AttemptOut(Schema):
    """One attempt and how it ended; without an end it is under way or was cut off."""

    number = Integer(required=True)
    started_at = Timestamp(required=True)
    ended_at = Timestamp(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)


class MessageOut(Schema):
    """A message; the address is masked and the text is not shown."""

    message_id = UlidField(required=True)
    template = fields.String(required=True)
    template_version = Integer(required=True)
    channel = fields.String(required=True)
    urgency = fields.String(required=True)
    legal_notice = Boolean(required=True)
    state = fields.String(required=True, validate=_states(MessageState))
    party_id = fields.String(required=True, allow_none=True)
    case_id = fields.String(required=True, allow_none=True)
    subscription_id = fields.String(required=True, allow_none=True)
    cause_id = fields.String(required=True, allow_none=True, metadata=_described("The event that caused it."))
    language = fields.String(required=True, allow_none=True)
    recipient = fields.String(required=True, allow_none=True, metadata=_described("Masked."))
    attempts = Integer(required=True)
    due_at = Timestamp(required=True, allow_none=True)
    created_at = Timestamp(required=True)
    sent_at = Timestamp(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata=_described("Code of the last failure."))
    maybe_repeated = Boolean(
        required=True, metadata=_described("An attempt ended without an answer; the recipient may hold two copies.")
    )


class MessageDetailOut(MessageOut):
    """A message with its proof."""

    content_sha256 = fields.String(
        required=True, allow_none=True, metadata=_described("Of subject, line feed, body, in UTF-8.")
    )
    timeline = fields.List(fields.Nested(TimelineOut), required=True)
    attempt_list = fields.List(fields.Nested(AttemptOut), required=True)


class MessagePage(PageSchema):
    """Messages, newest first."""

    items = fields.List(fields.Nested(MessageOut), required=True)


class MessageQuery(Query):
    """Which messages."""

    state = fields.String(validate=_states(MessageState))
    template = fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,59}$"))
    case_id = fields.String(validate=validate.Regexp(REFERENCE))
    party_id = fields.String(validate=validate.Regexp(REFERENCE))


class SubscriptionIn(Schema):
    """Where events go, and which."""

    name = Text(120, required=True, metadata=_described("What its owner calls it; no personal data."))
    url = Text(URL_CHARACTERS_MAX, required=True, metadata=_described("https address that takes POST."))
    types = fields.List(
        fields.String(validate=validate.Regexp(TYPE_FILTER)),
        required=True,
        validate=validate.Length(min=1, max=TYPES_MAX),
        metadata=_described("Exact event types, prefixes that end in .*, or *."),
    )
    contact_email = Text(254, load_default=None, allow_none=True, metadata=_described("Told when delivery fails."))
    language = fields.String(load_default="both", validate=validate.OneOf(["zh", "en", "both"]))


class GrantIn(Schema):
    """A permission to see what is confidential."""

    types = fields.String(required=True, validate=validate.Regexp(TYPE_FILTER))
    fields_ = fields.List(
        fields.String(validate=validate.Regexp(FIELD_PATH)),
        required=True,
        data_key="fields",
        validate=validate.Length(min=1, max=GRANTS_MAX),
        metadata=_described("Dotted paths such as party.email, or * for whole events."),
    )
    purpose = Text(500, required=True, metadata=_described("Why the subscriber may see it (PIPL 6)."))


class GrantsIn(Schema):
    """All grants of a subscription; they replace the ones before."""

    grants = fields.List(fields.Nested(GrantIn), required=True, validate=validate.Length(max=GRANTS_MAX))


class GrantOut(Schema):
    """A grant, by whom and when."""

    types = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    purpose = fields.String(required=True)
    granted_by = fields.String(required=True)
    granted_at = Timestamp(required=True)


class SubscriptionOut(Schema):
    """A subscription; its secret is not shown again."""

    subscription_id = UlidField(required=True)
    name = fields.String(required=True)
    owner = fields.String(required=True)
    url = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    grants = fields.List(fields.Nested(GrantOut), required=True)
    contact_email = fields.String(required=True, allow_none=True, metadata=_described("Masked."))
    language = fields.String(required=True)
    state = fields.String(required=True, validate=_states(SubscriptionState))
    disabled_reason = fields.String(required=True, allow_none=True)
    failing_since = Timestamp(required=True, allow_none=True)
    created_at = Timestamp(required=True)


class NewSecretOut(SubscriptionOut):
    """A subscription with its new secret, which is shown this once."""

    secret = fields.String(
        required=True, metadata={"description": "Signs every call (Standard Webhooks).", "pattern": "^whsec_"}
    )


class SubscriptionPage(PageSchema):
    """Subscriptions, newest first."""

    items = fields.List(fields.Nested(SubscriptionOut), required=True)


class DeliveryOut(Schema):
    """One event on its way to one subscription."""

    delivery_id = UlidField(required=True)
    subscription_id = UlidField(required=True)
    event_id = fields.String(required=True)
    event_type = fields.String(required=True)
    lane = fields.String(required=True, metadata=_described("Events of one lane are delivered in order."))
    position = Integer(required=True, metadata=_described("The event's sequence in its lane."))
    state = fields.String(required=True, validate=_states(DeliveryState))
    attempts = Integer(required=True)
    created_at = Timestamp(required=True)
    finished_at = Timestamp(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    maybe_repeated = Boolean(required=True)


class DeliveryDetailOut(DeliveryOut):
    """A delivery with its attempts."""

    attempt_list = fields.List(fields.Nested(AttemptOut), required=True)


class DeliveryPage(PageSchema):
    """Deliveries, newest first."""

    items = fields.List(fields.Nested(DeliveryOut), required=True)


class DeliveryQuery(Query):
    """Which deliveries."""

    state = fields.String(validate=_states(DeliveryState))


class ReceivedQuery(Query):
    """Which part of the feed."""

    type = fields.String(
        validate=validate.Regexp(TYPE_FILTER), metadata=_described("An exact event type or a prefix that ends in .*.")
    )


class ReceivedPage(Schema):
    """Events in the order in which they were committed here."""

    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata=_described("Give it as ?after=, also later; null while all is empty.")
    )


class TemplateTextOut(Schema):
    """One language, with what it looks like filled from the event's example."""

    subject = fields.String(required=True)
    body = fields.String(required=True)
    preview_subject = fields.String(required=True, allow_none=True)
    preview_body = fields.String(required=True, allow_none=True)


class TemplateOut(Schema):
    """A template in one version."""

    name = fields.String(required=True)
    version = Integer(required=True)
    channel = fields.String(required=True)
    event = fields.String(required=True, allow_none=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    recipient = fields.String(required=True)
    legal_notice = Boolean(required=True)
    law = fields.List(fields.String(), required=True)
    placeholders = fields.List(fields.String(), required=True)


class TemplateDetailOut(TemplateOut):
    """A template with its texts."""

    zh = fields.Nested(TemplateTextOut, required=True)
    en = fields.Nested(TemplateTextOut, required=True)


class TemplateList(Schema):
    """All templates in use."""

    items = fields.List(fields.Nested(TemplateOut), required=True)


class ContactOut(Schema):
    """A contact point; the address is masked."""

    contact_point_id = UlidField(required=True)
    party_id = fields.String(required=True)
    channel = fields.String(required=True)
    address = fields.String(required=True, allow_none=True, metadata=_described("Masked."))
    language = fields.String(required=True)
    learnt_from = fields.String(required=True, metadata=_described("The event that told it."))
    as_of = Timestamp(required=True)
    verified_at = Timestamp(required=True, allow_none=True)


class ContactList(Schema):
    """The contact points of a party."""

    items = fields.List(fields.Nested(ContactOut), required=True)


class ContactQuery(Query):
    """Whose."""

    party_id = fields.String(required=True, validate=validate.Regexp(REFERENCE))
