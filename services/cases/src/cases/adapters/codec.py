"""Domain records as JSON values and back, by their type hints: dates, moments, enums, tuples, nested dataclasses.

Fields that a record has gained since it was written take their defaults; fields that it has lost are ignored, so that a
database outlives a release.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gongzheng.db.unit_of_work import payload

T = TypeVar("T")
_PLAIN = (str, int, bool, type(None))


def to_json(record: object) -> Any:
    """A record as JSON values, as events are written."""
    return payload(record)


def from_json(kind: type[T], value: Any) -> T:
    """A record of JSON values.

    Raises:
        TypeError, ValueError, KeyError: when the values are not those of such a record.
    """
    hint: Any = kind
    return cast("T", _reader(hint)(value))


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (present,) = [arg for arg in inner if arg is not type(None)]
        read = _reader(present)
        return lambda value: None if value is None else read(value)
    if origin in (tuple, list):
        read = _reader(inner[0])
        return lambda value: origin(read(item) for item in value)
    if origin in (dict, Mapping):
        read = _reader(inner[1])
        return lambda value: {key: read(item) for key, item in value.items()}
    return _plain_reader(hint)


def _plain_reader(hint: Any) -> Callable[[Any], Any]:
    if hint in _PLAIN or hint is Any:
        return lambda value: value
    if hint is datetime:
        return datetime.fromisoformat
    if hint is date:
        return date.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if is_dataclass(hint):
        return _record_reader(cast("type[Any]", hint))
    raise TypeError(f"no way to read {hint!r}")


def _record_reader(kind: type[Any]) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind) if f.init}

    def read(value: Any) -> Any:
        return kind(**{name: reader(value[name]) for name, reader in readers.items() if name in value})

    return read
