"""The tables of the cases service; ``migrations`` creates them. Dates are ISO text of ten characters, moments ISO UTC.

Columns hold what is searched, locked or counted; the rest of a record is JSON in ``body``, which is read by the
domain's type hints (see ``codec``). The aggregate's table is ``case_record`` because ``case`` is a word of SQL.
"""

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    IntegerField,
    Model,
    TextField,
)

proxy = DatabaseProxy()


class Table(Model):
    """A table of this service's database."""

    class Meta:
        """Bound when the service starts."""

        database = proxy
        legacy_table_names = False


def _key() -> Any:
    return TextField(primary_key=True)


class OrganisationRow(Table):
    """An organisation; ``id`` is its unified social credit code."""

    id = _key()
    region_code = TextField()
    body = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "organisation"


class OfficerRow(Table):
    """An officer; ``id`` is the credential number, ``subject`` the person's login."""

    id = _key()
    subject = TextField(index=True)
    organisation_id = TextField(index=True)
    body = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "officer"


class LegalBasisRow(Table):
    """One version of one statute."""

    id = TextField()
    in_force_from = TextField()
    in_force_to = TextField(null=True)
    body = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "legal_basis"
        primary_key = CompositeKey("id", "in_force_from")


class MatterRow(Table):
    """One version of one matter."""

    id = TextField()
    in_force_from = TextField()
    in_force_to = TextField(null=True)
    field = TextField()
    basis_id = TextField()
    body = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "matter"
        primary_key = CompositeKey("id", "in_force_from")


class CaseRow(Table):
    """A case: what lists and locks need; the aggregate's other parts are in ``body``."""

    id = _key()
    version = IntegerField()
    organisation_id = TextField()
    state = TextField()
    source = TextField()
    case_number = TextField(null=True, unique=True)
    matter_id = TextField(null=True)
    complaint_id = TextField(null=True, unique=True)
    party_id = TextField(null=True)
    party_name = TextField(null=True)
    received_on = TextField()
    document_number = TextField(null=True)
    body = TextField()
    updated_at = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "case_record"


class EvidenceRow(Table):
    """A piece of evidence; a trigger keeps everything but the exclusion from being changed."""

    id = _key()
    case_id = TextField()
    position = IntegerField()
    sha256 = TextField(index=True)
    body = TextField()
    excluded_on = TextField(null=True)
    excluded_by = TextField(null=True)
    exclusion_reason = TextField(null=True)

    class Meta:
        """As the migration names it."""

        table_name = "evidence"


class EntryRow(Table):
    """A line of a case's timeline; a trigger keeps it from being changed or removed."""

    case_id = TextField()
    position = IntegerField()
    act = TextField()
    done_on = TextField()
    recorded_at = TextField()
    actor_subject = TextField()
    actor_name = TextField()
    state = TextField()
    officer_ids = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "timeline"
        primary_key = CompositeKey("case_id", "position")


class ClockRow(Table):
    """One running of a time limit. The timer writes the two marks; a case holds the row while it changes it."""

    id = _key()
    case_id = TextField()
    position = IntegerField()
    kind = TextField()
    nature = TextField()
    law = TextField()
    unit = TextField()
    length = IntegerField()
    started_on = TextField()
    due_on = TextField()
    provisional = BooleanField()
    why_zh = TextField()
    why_en = TextField()
    ended_on = TextField(null=True)
    warned_on = TextField(null=True)
    breached_on = TextField(null=True)
    extensions = TextField()
    pauses = TextField()
    paused = BooleanField()
    calendar = TextField()
    about = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "clock"


class DocumentRow(Table):
    """An issued document: the bytes lie in the file store under ``sha256``; ``data`` is what the template was given."""

    id = _key()
    case_id = TextField(index=True)
    kind = TextField()
    number = TextField()
    issued_on = TextField()
    title = TextField()
    sha256 = TextField()
    data = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "document"


class PunishedActRow(Table):
    """A decision that punishes, by party; the identity number as a digest."""

    case_id = _key()
    party_id = TextField(index=True)
    id_digest = TextField()
    organisation_id = TextField()
    matter_id = TextField()
    conduct_on = TextField()
    conduct_until = TextField()
    decided_on = TextField()
    document_number = TextField()
    fine_fen = BigIntegerField()

    class Meta:
        """As the migration names it."""

        table_name = "punished_act"


class NumberRow(Table):
    """The last number drawn of one kind in one year by one organisation."""

    organisation_id = TextField()
    word = TextField()
    year = IntegerField()
    last = BigIntegerField()

    class Meta:
        """As the migration names it."""

        table_name = "number_sequence"
        primary_key = CompositeKey("organisation_id", "word", "year")


class ImportedCaseRow(Table):
    """An old case taken over; ``fingerprint`` tells whether a row that comes again is the same. Never changed."""

    id = _key()
    source = TextField()
    reference = TextField()
    import_id = TextField()
    party_key = TextField()
    matter_title = TextField()
    currency = TextField()
    decided_fen = BigIntegerField()
    surcharge_fen = BigIntegerField()
    interest_fen = BigIntegerField()
    waived_fen = BigIntegerField()
    paid_fen = BigIntegerField()
    balance_fen = BigIntegerField()
    happened_on = TextField(null=True)
    title_on = TextField(null=True)
    outcome = TextField(null=True)
    flags = TextField()
    fingerprint = TextField()

    class Meta:
        """As the migration names it."""

        table_name = "imported_case"


TABLES = (
    OrganisationRow,
    OfficerRow,
    LegalBasisRow,
    MatterRow,
    CaseRow,
    EvidenceRow,
    EntryRow,
    ClockRow,
    DocumentRow,
    PunishedActRow,
    NumberRow,
    ImportedCaseRow,
)
