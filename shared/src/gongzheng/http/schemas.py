"""Schema and field classes whose documentation and behaviour agree: strict types, bounded numbers, no stray fields.

Marshmallow by itself accepts ``"12"`` for an integer, ``"yes"`` for a boolean and ``20260105`` for a date, while the
documentation says otherwise; a caller who reads the document must be able to rely on it.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload
from marshmallow import ValidationError, fields, validate

from gongzheng.http.paging import CURSOR_CHARS_MAX, LIMIT_MAX

INTEGER_MAX = 2**53 - 1  # what every JSON reader holds exactly (RFC 8259, section 6)
ULID_PATTERN = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
TEXT_PATTERN = r"^[^\u0000]*$"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_FRACTION = re.compile(r"\.(\d{1,9})")


class Integer(fields.Integer):
    """A JSON integer: no text, no fraction, no boolean; at most 2^53 - 1 either way."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> Any:
        number = super()._validated(value)
        if number is not None and abs(number) > INTEGER_MAX:
            raise self.make_error("too_large", input=value)
        return number


class Fen(Integer):
    """An amount in fen, not negative."""

    def __init__(self, *, minimum: int = 0, **kwargs: Any) -> None:
        bounds = validate.Range(min=minimum, max=INTEGER_MAX)
        extra = kwargs.pop("validate", [])
        super().__init__(validate=[bounds, *(extra if isinstance(extra, list) else [extra])], **kwargs)


class Boolean(fields.Boolean):
    """``true`` or ``false``, not a word or number that looks like one."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Text(fields.String):
    """Text of at most ``length`` characters, without NUL (which PostgreSQL cannot keep); by default not empty."""

    def __init__(self, length: int = 200, *, least: int = 1, **kwargs: Any) -> None:
        extra = kwargs.pop("validate", [])
        checks = [validate.Length(min=least, max=length), *(extra if isinstance(extra, list) else [extra])]
        super().__init__(validate=checks, **kwargs)


class LegalDate(fields.Date):
    """A calendar date ``YYYY-MM-DD``, as the law counts days (Asia/Shanghai)."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type="date")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid", input=value, obj_type="date") from None


class Timestamp(fields.AwareDateTime):
    """An RFC 3339 moment with its offset; held and answered in UTC."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type="datetime")
        text = _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), value.upper())
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid", input=value, obj_type="datetime") from None

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class UlidField(fields.String):
    """An identifier of this suite: 26 characters of Crockford base 32."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Regexp(ULID_PATTERN, error="Not an identifier of this system."), **kwargs)


class JsonPart(fields.Field):  # type: ignore[type-arg] # the part may be any mapping
    """A form field that holds a JSON object described by ``nested``: the data beside an uploaded file."""

    def __init__(self, nested: type[ma.Schema] | ma.Schema, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = nested() if isinstance(nested, type) else nested

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            parsed = strict_json(value)
        except NotJson:
            raise ValidationError("Not valid JSON.") from None
        if not isinstance(parsed, dict):
            raise ValidationError("A JSON object is expected.")
        return self.schema.load(parsed)


class Schema(ma.Schema):
    """A JSON object: unknown fields are refused, and numbers, booleans and dates mean what JSON says they mean."""

    TYPE_MAPPING = {  # noqa: RUF012 marshmallow reads it so
        **ma.Schema.TYPE_MAPPING,
        int: Integer,
        bool: Boolean,
        date: LegalDate,
        datetime: Timestamp,
    }

    class Meta:
        """Unknown fields are refused, so that a misspelt one is not silently lost."""

        unknown = ma.RAISE

    @ma.pre_load
    def no_nul(self, data: Any, **_: Any) -> Any:
        """Refuse text with NUL, which no column can hold."""
        if isinstance(data, Mapping):
            stray = {name: ["Contains the NUL character."] for name, value in data.items() if _has_nul(value)}
            if stray:
                raise ValidationError(stray)
        return data


class Query(Schema):
    """Query parameters: text by nature, so numbers are read from text."""


class PageSchema(Schema):
    """A page of a list. Subclass it and give ``items`` its type: ``items = fields.List(fields.Nested(CaseOut))``."""

    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"description": "Give it as ?after= to read on; null at the end."}
    )


PAGE_PARAMETERS: list[dict[str, Any]] = [
    {
        "in": "query",
        "name": "limit",
        "description": "Items per page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX},
    },
    {
        "in": "query",
        "name": "after",
        "description": "next_cursor of the page before.",
        "schema": {"type": "string", "maxLength": CURSOR_CHARS_MAX, "pattern": "^[A-Za-z0-9_-]+$"},
    },
]


class NotJson(ValueError):
    """Text that RFC 8259 does not allow, or that could be kept nowhere."""


def strict_json(text: str | bytes) -> Any:
    """Parse JSON as RFC 8259 says: no NaN, no Infinity, no doubled keys, no integer beyond what a column holds.

    Raises:
        NotJson: when the text is not such JSON.
    """
    try:
        # Bytes are UTF-8 and nothing else (section 8.1); the library would guess at UTF-16 and UTF-32 too.
        decoded = text if isinstance(text, str) else text.decode()
        value = json.loads(
            decoded, parse_constant=_refuse, object_pairs_hook=_unique, parse_int=_bounded, parse_float=_number
        )
        if "\\u" in decoded:
            # A lone half of a surrogate pair can be written so, and kept nowhere.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotJson(type(error).__name__) from None
    return value


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


def _bounded(text: str) -> int:
    if len(text) > len(str(INTEGER_MAX)) + 1:
        # Larger than any bound of any field: keep it a number that every bound refuses, whatever its length.
        return -(10**30) if text.startswith("-") else 10**30
    return int(text)


def _number(text: str) -> int | float:
    """``12.0`` is an integer to JSON Schema; a number with a fraction stays a float, which no field takes."""
    try:
        exact = Decimal(text)
    except ArithmeticError:
        return float(text)  # an exponent beyond all bounds: infinite, or nothing
    if abs(exact) <= INTEGER_MAX and exact == exact.to_integral_value():
        return int(exact)
    return float(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("a key stands twice")
    return unique


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    return isinstance(value, list) and any(_has_nul(item) for item in value)


__all__ = [
    "Boolean",
    "Fen",
    "Integer",
    "JsonPart",
    "LegalDate",
    "PageSchema",
    "Query",
    "Schema",
    "Text",
    "Timestamp",
    "UlidField",
    "Upload",
]
