"""Schemas for answers, made of the domain's records: a record that gains a field shows it and documents it at once."""

import types
from dataclasses import fields as record_fields
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import fields, validate

from gongzheng.http import Integer, LegalDate, Schema, Timestamp

_PLAIN: dict[Any, type[fields.Field]] = {  # type: ignore[type-arg] # each of its own kind
    str: fields.String,
    bool: fields.Boolean,
    int: Integer,
    date: LegalDate,
    datetime: Timestamp,
}


@cache
def record_schema(record: type[Any], *hidden: str) -> type[Schema]:
    """The schema of a dataclass without the hidden fields.

    Raises:
        TypeError: when the record has a field of a kind that has no schema.
    """
    hints = get_type_hints(record)
    shown = {f.name: _field(hints[f.name]) for f in record_fields(record) if f.name not in hidden}
    made: Any = Schema.from_dict(shown, name=f"{record.__name__}Out")
    return made


def _field(hint: Any, *, nullable: bool = False) -> Any:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (present,) = [arg for arg in inner if arg is not type(None)]
        return _field(present, nullable=True)
    options: dict[str, Any] = {"required": True, "allow_none": nullable}
    if origin in (tuple, list):
        return fields.List(_field(inner[0]), **options)
    if origin is dict:
        return fields.Dict(keys=fields.String(), values=_field(inner[1]), **options)
    if hint in _PLAIN:
        return _PLAIN[hint](**options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.String(validate=validate.OneOf([item.value for item in hint]), **options)
    if is_dataclass(hint):
        return fields.Nested(record_schema(hint), **options)  # type: ignore[arg-type] # a class, not an instance
    raise TypeError(f"no schema for {hint!r}")
