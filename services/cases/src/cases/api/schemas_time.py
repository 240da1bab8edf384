"""What callers send about time: extensions, and causes for which time is not counted."""

from marshmallow import fields, validate

from cases.api.schema_parts import TEXT_CHARS_MAX, ActIn, OfficersIn, optional_text
from cases.domain.clock_rules import causes
from cases.domain.guards.time import LENGTH_MAX
from gongzheng.http import Integer, Text


class ExtensionIn(OfficersIn):
    """More time for a time limit."""

    officer_ids = fields.List(
        Text(64),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={"description": "The heads who decided together, where the law asks for it."},
    )
    reason = Text(2_000, required=True)
    length = Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=LENGTH_MAX),
        metadata={"description": "Only where the law leaves the length to whoever grants it."},
    )
    record = optional_text(TEXT_CHARS_MAX)


class StopIn(ActIn):
    """From ``done_on`` on, time is not counted for this cause."""

    cause = fields.String(required=True, validate=validate.OneOf(causes()))
    reason = Text(2_000, required=True)


class ResumeIn(ActIn):
    """From ``done_on`` on, time is counted again; that day counts."""

    cause = fields.String(required=True, validate=validate.OneOf(causes()))
    reason = optional_text(2_000)
