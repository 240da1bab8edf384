"""What a reader may see of an event: confidential events and fields are shown only under a grant (PIPL 6, 25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EVERYTHING = "*"
CONFIDENTIAL = "confidential"


def matches(pattern: str, event_type: str) -> bool:
    """Whether a filter (exact type, prefix ending in ``.*``, or ``*``) covers an event type."""
    if pattern == EVERYTHING:
        return True
    return event_type.startswith(pattern[:-1]) if pattern.endswith(".*") else event_type == pattern


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A reader's permission, given by a named person for a stated purpose.

    ``types`` is a filter as in subscriptions. ``fields`` are dotted paths, or ``*`` for whole events and all fields.
    """

    types: str
    fields: tuple[str, ...]
    purpose: str
    granted_by: str
    granted_at: datetime

    def covers(self, event_type: str, path: str) -> bool:
        """Whether it opens this field of this event type; the path ``*`` asks for the event as a whole."""
        return matches(self.types, event_type) and (EVERYTHING in self.fields or path in self.fields)


@dataclass(frozen=True, kw_only=True)
class ConfidentialField:
    """A field that is taken out unless granted.

    ``unless`` names a sibling condition under which the field is no secret: an organisation's name is public, a
    person's is not.
    """

    path: str
    types: str = EVERYTHING
    unless: Mapping[str, str] = field(default_factory=dict)
    law: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What is left to show, and the paths that were taken out."""

    data: dict[str, Any]
    removed: tuple[str, ...]


def show(
    event_type: str,
    dataclass_: str,
    data: Mapping[str, Any],
    *,
    rules: Sequence[ConfidentialField],
    grants: Sequence[Grant],
) -> Shown | None:
    """The event's data as this reader may see them, or None when the whole event is closed to them."""
    if dataclass_ == CONFIDENTIAL and not any(g.covers(event_type, EVERYTHING) for g in grants):
        return None
    removed = [
        rule.path
        for rule in rules
        if matches(rule.types, event_type)
        and _has(data, rule.path)
        and not (rule.unless and all(_at(data, path) == value for path, value in rule.unless.items()))
        and not any(g.covers(event_type, rule.path) for g in grants)
    ]
    shown: dict[str, Any] = dict(data)
    for path in removed:
        shown = _without(shown, path.split("."))
    return Shown(data=shown, removed=tuple(sorted(set(removed))))


_ABSENT = object()


def _at(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for part in path.split("."):
        value = value.get(part, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def _has(data: Mapping[str, Any], path: str) -> bool:
    return _at(data, path) is not _ABSENT


def _without(data: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    head, *rest = parts
    copy = dict(data)
    if not rest:
        copy.pop(head, None)
    elif isinstance(copy.get(head), Mapping):
        copy[head] = _without(copy[head], rest)
    return copy
