"""What the schemas of many acts are made of."""

from typing import Any

from marshmallow import fields, validate

from gongzheng.http import LegalDate, Schema, Text

TEXT_CHARS_MAX = 20_000
OFFICERS_MAX = 50


def one_of(kind: Any, **options: Any) -> fields.String:
    """A value of a closed list."""
    return fields.String(validate=validate.OneOf([item.value for item in kind]), **options)


def long_text(**options: Any) -> Text:
    """A text of up to 20,000 characters."""
    return Text(TEXT_CHARS_MAX, **options)


def optional_text(length: int = 200) -> Text:
    """A text that may be left out."""
    return Text(length, least=0, load_default="")


class ActIn(Schema):
    """Every act has its own day."""

    done_on = LegalDate(required=True, metadata={"description": "Legal day on which it was done; never in the future."})


class OfficersIn(ActIn):
    """An act that officers carry out."""

    officer_ids = fields.List(
        Text(64),
        required=True,
        validate=validate.Length(max=OFFICERS_MAX),
        metadata={"description": "Credential numbers of the officers."},
    )
