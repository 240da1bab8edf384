"""The compatibility gate: what a contract once released may no longer lose, nor become.

Two sides rely on a contract: consumers of an older release, which check and read events by the contract that they have,
and replays, which hold old events against today's contract. So an optional field may be added, which older consumers
pass over, and words may be changed; anything else (narrower or wider) is a new version of the event.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_COMPARED = {"type", "properties", "required", "items", "enum", *_FLOORS, *_CEILINGS}
_WORDS = {"$schema", "$comment", "title", "x-title-zh", "description", "examples", "default", "deprecated"}
_UNEXPECTED = ", which readers do not expect"
_EVERY_TYPE = {"array", "boolean", "integer", "null", "number", "object", "string"}


def breaks(released: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[str]:
    """Every way in which today's contracts (type → schema) break the released ones, as readable lines."""
    lines = [f"{type_}: the contract was removed" for type_ in sorted(set(released) - set(current))]
    for type_ in sorted(set(released) & set(current)):
        lines += [f"{type_}: {line}" for line in _narrowed(released[type_], current[type_], "data")]
    return lines


def _narrowed(old: Schema, new: Schema, where: str) -> Iterator[str]:
    if lost := sorted(_types(old) - _types(new)):
        yield f"{where} may no longer be {', '.join(lost)}"
    if gained := sorted(_types(new) - _types(old)):
        yield f"{where} may now be {', '.join(gained)}{_UNEXPECTED}"
    yield from _fields(old, new, where)
    yield from _limits(old, new, where)
    if "items" in old or "items" in new:
        yield from _narrowed(old.get("items", {}), new.get("items", {}), f"{where}[]")


def _types(schema: Schema) -> set[str]:
    declared = schema.get("type", _EVERY_TYPE)
    return {declared} if isinstance(declared, str) else set(declared)


def _fields(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted(set(before) - set(after)):
        yield f"{where}.{name} was removed"
    for name in sorted(set(before) & set(after)):
        yield from _narrowed(before[name], after[name], f"{where}.{name}")
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{where}.{name} is now required, which events in the log need not have"
    for name in sorted((set(old.get("required", ())) - set(new.get("required", ()))) & set(after)):
        yield f"{where}.{name} is no longer required, which readers rely on"


def _limits(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for name in (*_FLOORS, *_CEILINGS):
        none = float("-inf") if name in _FLOORS else float("inf")
        before, after = old.get(name, none), new.get(name, none)
        if before != after:
            narrower = (after > before) == (name in _FLOORS)
            yield f"{where} has a {'higher' if after > before else 'lower'} {name}" + ("" if narrower else _UNEXPECTED)
    for name in sorted((set(old) | set(new)) - _COMPARED - _WORDS):
        if name not in new:
            yield f"{where} has no {name} any more"
        elif name not in old or old[name] != new[name]:
            yield f"{where} has another {name}"
    if "enum" in new and (lost := [value for value in old.get("enum", ["anything else"]) if value not in new["enum"]]):
        yield f"{where} may no longer be {', '.join(map(str, lost))}"
    if "enum" in old and (
        gained := [value for value in new.get("enum", ["anything else"]) if value not in old["enum"]]
    ):
        yield f"{where} may now be {', '.join(map(str, gained))}{_UNEXPECTED}"
