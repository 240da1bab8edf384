"""What callers send about preservation, seizure and custody."""

from marshmallow import fields, validate

from cases.api.schema_parts import ActIn, OfficersIn, one_of, optional_text
from cases.domain.values import Disposal, MeasureKind
from gongzheng.http import Schema, Text
from gongzheng.http.schemas import Boolean


class InventoryItemIn(Schema):
    """One line of an inventory."""

    name = Text(200, required=True)
    quantity = Text(60, required=True)
    description = optional_text(1_000)


class MeasureApprovalIn(ActIn):
    """The head's approval of a preservation or seizure."""

    kind = one_of(MeasureKind, required=True)
    reason = Text(2_000, required=True)
    basis = fields.List(
        Text(60),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": 'Articles that allow a seizure, e.g. "FSL 110".'},
    )


class MeasureIn(OfficersIn):
    """How it was carried out."""

    items = fields.List(fields.Nested(InventoryItemIn), required=True, validate=validate.Length(min=1, max=1_000))
    place = Text(400, required=True)
    party_present = Boolean(required=True)
    party_signed = Boolean(required=True)
    papers_handed_over = Boolean(required=True)
    note = optional_text(2_000)


class DisposalIn(ActIn):
    """What becomes of what was preserved or seized."""

    disposal = one_of(Disposal, required=True)
    reason = Text(2_000, required=True)


class CustodyIn(ActIn):
    """A piece of evidence passes on."""

    handed_by = Text(200, required=True)
    received_by = Text(200, required=True)
    place = Text(400, required=True)
    purpose = Text(400, required=True)
