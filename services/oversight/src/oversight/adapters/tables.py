"""The tables of oversight. Moments are ISO text in UTC, days are dates, sums are integer fen."""

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    DateField,
    IntegerField,
    Model,
    TextField,
)

proxy = DatabaseProxy()


class Table(Model):
    """A table in the service's own database."""

    class Meta:
        """Bound in bootstrap."""

        database = proxy
        legacy_table_names = False


class Complaint(Table):
    """A complaint without content, reporter and code."""

    id = TextField(primary_key=True)
    kind = TextField()
    anonymous = BooleanField()
    received_at = TextField()
    received_on = DateField()
    language = TextField()
    state = TextField(index=True)
    version = IntegerField()
    accused_organisation_id = TextField(null=True)
    organisation_id = TextField(null=True)
    matter_id = TextField(null=True)
    case_id = TextField(null=True, index=True)
    outcome = TextField(null=True)


class ComplaintClock(Table):
    """A time limit on a complaint."""

    id = TextField(primary_key=True)
    complaint_id = TextField(index=True)
    kind = TextField()
    length = IntegerField()
    unit = TextField()
    extension_days = IntegerField()
    law = TextField()
    started_on = DateField()
    due_on = DateField()
    provisional = BooleanField()
    why_zh = TextField()
    why_en = TextField()
    state = TextField()
    met_on = DateField(null=True)

    class Meta:
        """The timer asks for running clocks by their last day."""

        indexes = ((("state", "due_on"), False),)


class ComplaintStep(Table):
    """What the reporter is told happened, in order; rows are only added."""

    complaint_id = TextField()
    position = IntegerField()
    step = TextField()
    on = DateField()
    note = TextField()

    class Meta:
        """One row per step."""

        primary_key = CompositeKey("complaint_id", "position")


class SealedPart(Table):
    """One sealed part of a report: "content" or "identity". Deleting the row destroys the part for good."""

    complaint_id = TextField()
    part = TextField()
    key_id = TextField(index=True)
    wrapped_key = TextField()
    ciphertext = TextField()

    class Meta:
        """Each part has a data key of its own, so that identities can later be kept under another master key."""

        primary_key = CompositeKey("complaint_id", "part")


class Tracking(Table):
    """The tracking code of a report: a short keyed prefix to find it by and an argon2id hash to prove it."""

    complaint_id = TextField(primary_key=True)
    prefix = TextField(index=True)
    hash = TextField()


class CaseKnown(Table):
    """What oversight knows of a case from the department's events."""

    case_id = TextField(primary_key=True)
    complaint_id = TextField(null=True)
    organisation_id = TextField()
    organisation_name_zh = TextField(null=True)
    organisation_name_en = TextField(null=True)
    region_code = TextField(null=True)
    case_number = TextField(null=True)
    matter_id = TextField(null=True)


class Filing(Table):
    """A major decision on file. ``sanction_kinds`` holds words separated by spaces."""

    id = TextField(primary_key=True)
    decision_id = TextField(unique=True)
    case_id = TextField(index=True)
    document_number = TextField()
    outcome = TextField()
    organisation_id = TextField(index=True)
    region_code = TextField()
    party_kind = TextField()
    fine_fen = BigIntegerField()
    confiscation_fen = BigIntegerField()
    served_on = DateField()
    sanction_kinds = TextField()
    threshold_law = TextField()
    recorded_on = DateField()
    state = TextField()
    version = IntegerField()


class InactionItem(Table):
    """A duty not done in time. A clock has one item that stands; those withdrawn stay beside it."""

    id = TextField(primary_key=True)
    clock_id = TextField()
    kind = TextField()
    omission = TextField()
    law = TextField()
    started_on = DateField(null=True)
    due_on = DateField()
    organisation_id = TextField(index=True)
    case_id = TextField(null=True, index=True)
    complaint_id = TextField(null=True)
    matter_id = TextField(null=True)
    opened_on = DateField()
    state = TextField()
    version = IntegerField()
    taken_up_by = TextField(null=True)
    taken_up_on = DateField(null=True)
    withdrawn_on = DateField(null=True)
    withdrawn_because = TextField(null=True)


InactionItem.add_index(
    InactionItem.index(InactionItem.clock_id, unique=True, name="inaction_item_clock_id").where(
        SQL("state <> 'withdrawn'")
    )
)


class ConductItem(Table):
    """Conduct that the rules forbid. ``law`` holds citations one per line."""

    id = TextField(primary_key=True)
    kind = TextField()
    charge_id = TextField(unique=True)
    agent_id = TextField()
    obligation_id = TextField(null=True)
    case_id = TextField(null=True)
    organisation_id = TextField(null=True, index=True)
    description_code = TextField()
    amount_fen = BigIntegerField()
    law = TextField()
    occurred_on = DateField()
    opened_on = DateField()
    state = TextField()
    version = IntegerField()


class Plan(Table):
    """An assessment plan or campaign. ``metrics`` is a JSON list of name, unit and target."""

    id = TextField(primary_key=True)
    kind = TextField(index=True)
    title_zh = TextField()
    title_en = TextField()
    text = TextField()
    starts_on = DateField()
    ends_on = DateField()
    metrics = TextField()
    author = TextField()
    entered_on = DateField()
    state = TextField()
    version = IntegerField()


MODELS: tuple[type[Table], ...] = (
    Complaint,
    ComplaintClock,
    ComplaintStep,
    SealedPart,
    Tracking,
    CaseKnown,
    Filing,
    InactionItem,
    ConductItem,
    Plan,
)
