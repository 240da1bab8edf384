"""The service's tables; the database behind the proxy is set in bootstrap."""

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    IntegerField,
    Model,
    TextField,
)

from notifications.adapters.fields import JsonField, MomentField

proxy = DatabaseProxy()


class Table(Model):
    """What all tables share."""

    class Meta:
        """All stand in the service's one database."""

        database = proxy
        legacy_table_names = False


class ReceivedEvent(Table):
    """Every event received, in the order in which it was committed here: the log that feeds are read from."""

    position = BigAutoField()
    event_id = TextField(unique=True)
    type = TextField(index=True)
    lane = TextField(index=True)
    dataclass = TextField()
    body = TextField()
    received_at = MomentField()

    class Meta:
        """Named for what it holds."""

        table_name = "received_event"


class ContactPoint(Table):
    """How a party can be reached; the address is sealed."""

    id = TextField(primary_key=True)
    party_id = TextField()
    channel = TextField()
    address = TextField(null=True)
    language = TextField()
    learnt_from = TextField()
    as_of = MomentField()
    verified_at = MomentField(null=True)
    keep_until = MomentField(null=True, index=True)
    version = BigIntegerField()

    class Meta:
        """One point per party and channel."""

        table_name = "contact_point"
        indexes = ((("party_id", "channel"), True),)


class CaseParty(Table):
    """Which party a case is about, for events that name only the case."""

    case_id = TextField(primary_key=True)
    party_id = TextField(index=True)
    as_of = MomentField()

    class Meta:
        """Named for what it holds."""

        table_name = "case_party"


class Message(Table):
    """One message to one recipient; the address and the finished text are sealed."""

    id = TextField(primary_key=True)
    dedup_key = TextField(unique=True)
    cause_id = TextField(null=True)
    template = TextField()
    template_version = IntegerField()
    channel = TextField()
    urgency = TextField()
    legal_notice = BooleanField()
    facts = TextField()
    party_id = TextField(null=True, index=True)
    case_id = TextField(null=True, index=True)
    subscription_id = TextField(null=True)
    address = TextField(null=True)
    language = TextField(null=True)
    text = TextField(null=True)
    state = TextField()
    attempts = IntegerField()
    attempts_in_round = IntegerField()
    due_at = MomentField(null=True)
    claim = TextField(null=True)
    claimed_until = MomentField(null=True)
    created_at = MomentField()
    sent_at = MomentField(null=True)
    reason = TextField(null=True)
    maybe_repeated = BooleanField()
    version = BigIntegerField()

    class Meta:
        """The due-table is an index on it."""

        indexes = ((("channel", "state", "due_at"), False), (("state", "claimed_until"), False))


class MessageEntry(Table):
    """The timeline of a message; rows are only ever added."""

    id = BigAutoField()
    message_id = TextField(index=True)
    at = MomentField()
    what = TextField()
    detail = TextField()

    class Meta:
        """Named for what it holds."""

        table_name = "message_entry"


class Attempt(Table):
    """One attempt to send a message or to deliver an event, with how it ended; without an end it was cut off."""

    id = BigAutoField()
    owner = TextField()
    number = IntegerField()
    claim = TextField()
    started_at = MomentField()
    ended_at = MomentField(null=True)
    outcome = TextField(null=True)
    code = TextField(null=True)

    class Meta:
        """``owner`` is ``message/<id>`` or ``delivery/<id>``."""

        indexes = ((("owner", "number"), True),)


class Subscription(Table):
    """Another system that is told of events; secrets and the owner's address are sealed."""

    id = TextField(primary_key=True)
    owner = TextField(index=True)
    name = TextField()
    url = TextField()
    types = JsonField()
    grants = JsonField()
    secrets = JsonField()
    contact_email = TextField(null=True)
    language = TextField()
    state = TextField(index=True)
    disabled_reason = TextField(null=True)
    created_at = MomentField()
    failing_since = MomentField(null=True)
    rest_failures = IntegerField()
    rest_until = MomentField(null=True)
    version = BigIntegerField()


class SubscriptionLane(Table):
    """The order of one subject for one subscription."""

    subscription_id = TextField()
    name = TextField()
    state = TextField()
    due_at = MomentField(null=True)
    claim = TextField(null=True)
    claimed_until = MomentField(null=True)

    class Meta:
        """The due-table of webhooks is an index on it."""

        table_name = "subscription_lane"
        primary_key = CompositeKey("subscription_id", "name")
        indexes = ((("state", "due_at"), False),)


class Delivery(Table):
    """One event to one subscription."""

    id = TextField(primary_key=True)
    subscription_id = TextField()
    lane = TextField()
    position = BigIntegerField()
    event_id = TextField()
    event_type = TextField()
    created_at = MomentField()
    state = TextField()
    attempts = IntegerField()
    attempts_in_round = IntegerField()
    under_way = TextField(null=True)
    maybe_repeated = BooleanField()
    finished_at = MomentField(null=True)
    reason = TextField(null=True)
    version = BigIntegerField()

    class Meta:
        """Found by subscription, and in order by lane."""

        indexes = (
            (("subscription_id", "event_id"), True),
            (("subscription_id", "lane", "state", "position"), False),
            (("subscription_id", "state", "id"), False),
        )


MODELS = (
    ReceivedEvent,
    ContactPoint,
    CaseParty,
    Message,
    MessageEntry,
    Attempt,
    Subscription,
    SubscriptionLane,
    Delivery,
)
