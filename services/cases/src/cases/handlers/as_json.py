"""Domain records as JSON values, for files that leave the house."""

from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any


def as_json(value: object) -> Any:
    """Dates and moments to ISO text, enums to their values, sequences to lists, records to objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value
