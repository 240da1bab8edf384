"""The compatibility gate: what a contract once released may no longer lose.

Two sides rely on a contract: consumers that read a field, and replays that hold old events against today's contract.
So a field may be added when it is optional, and nothing may be removed or narrowed; anything else is a new version.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "const", "x-stream", "x-dataclass")


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
        yield f"{where} may now be {', '.join(gained)}, which readers do not expect"
    yield from _fields(old, new, where)
    yield from _limits(old, new, where)
    if "items" in old or "items" in new:
        yield from _narrowed(old.get("items", {}), new.get("items", {}), f"{where}[]")


def _types(schema: Schema) -> set[str]:
    declared = schema.get("type", [])
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
    for name in _FLOORS:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{where} has a higher {name}"
    for name in _CEILINGS:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{where} has a lower {name}"
    for name in _EXACT:
        if name in new and new[name] != old.get(name):
            yield f"{where} has another {name}"
        if name in old and name not in new:
            yield f"{where} has no {name} any more"
    if "enum" in new and (lost := [value for value in old.get("enum", ["anything else"]) if value not in new["enum"]]):
        yield f"{where} may no longer be {', '.join(map(str, lost))}"
    if "enum" in old and (
        gained := [value for value in new.get("enum", ["anything else"]) if value not in old["enum"]]
    ):
        yield f"{where} may now be {', '.join(map(str, gained))}, which readers do not expect"
