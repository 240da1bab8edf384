"""What comes with a file: evidence and registers."""

from marshmallow import fields, validate

from cases.api.schema_parts import OfficersIn, one_of
from cases.domain.rules import rule_file
from cases.domain.values import EvidenceKind
from gongzheng.http import JsonPart, LegalDate, Schema, Text, Upload
from gongzheng.http.schemas import Boolean

CATEGORIES = [entry["name"] for entry in rule_file("evidence")["category"]]


class EvidenceMetadataIn(OfficersIn):
    """What is known of a piece of evidence."""

    kind = one_of(EvidenceKind, required=True)
    title = Text(200, required=True)
    place = Text(400, required=True)
    provided_by = Text(200, required=True)
    manner = Text(400, required=True)
    sha256 = fields.String(required=True, validate=validate.Regexp("^[0-9a-f]{64}$"))
    category = fields.String(
        required=True,
        validate=validate.OneOf(CATEGORIES),
        metadata={"description": "Category of data; the sensitive ones are refused (PIPL 28)."},
    )
    surveillance = Boolean(load_default=False)
    device_number = Text(60, least=0, load_default="", metadata={"description": "The surveillance device (APL 41)."})
    device_reviewed_on = LegalDate(
        load_default=None, allow_none=True, metadata={"description": "Legal and technical review of the device."}
    )
    location_published_on = LegalDate(load_default=None, allow_none=True)
    record_reviewed_on = LegalDate(
        load_default=None, allow_none=True, metadata={"description": "Review of what it recorded (APL 41(2))."}
    )


class EvidenceForm(Schema):
    """The data beside the file."""

    metadata = JsonPart(EvidenceMetadataIn, required=True)


class FileForm(Schema):
    """The file."""

    file = Upload(required=True)


class OrganisationFileForm(FileForm):
    """A file of organisations."""


class OfficerFileForm(FileForm):
    """A file of officers."""


class CatalogueFileForm(FileForm):
    """A file of legal bases and matters."""
