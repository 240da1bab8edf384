"""The compatibility gate: what was released stays readable, for consumers and for replays."""

import json
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.contracts.compat import breaks

RELEASED = Path(__file__).parent / "released"
BASE: dict[str, Any] = {
    "title": "t",
    "type": "object",
    "x-stream": "case",
    "x-dataclass": "internal",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 2, "maxLength": 26},
        "fen": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "description": "The sum."},
        "day": {"type": "string", "format": "date", "pattern": "^2"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "any": {},
        "list": {
            "type": "array",
            "minItems": 1,
            "maxItems": 5,
            "items": {
                "type": "object",
                "properties": {"x": {"type": "string"}, "y": {"type": "boolean"}},
                "required": ["x"],
            },
        },
        "party": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 200}}, "required": ["name"]},
    },
    "required": ["id"],
}


def changed(at: str, **keywords: Any) -> dict[str, Any]:
    """The base contract with other keywords at a place such as ``properties/id``; None removes one."""
    new: dict[str, Any] = deepcopy(BASE)
    place = new
    for part in filter(None, at.split("/")):
        place = place[part]
    for name, value in keywords.items():
        key = name.replace("_", "-")
        if value is None:
            del place[key]
        else:
            place[key] = value
    return new


TYPE_NARROWED = {
    "type lost": (changed("properties/fen", type="integer"), "data.fen may no longer be null"),
    "type replaced": (changed("properties/id", type=["string", "integer"]), "data.id may now be integer"),
    "any type lost": (
        changed("properties/any", type="string"),
        "data.any may no longer be array, boolean, integer, null, number, object",
    ),
    "type opened": (
        changed("properties/id", type=None),
        "data.id may now be array, boolean, integer, null, number, object",
    ),
    "type of an element": (
        changed("properties/list/items/properties/x", type="integer"),
        "data.list[].x may no longer",
    ),
}
FIELDS = {
    "removed": (changed("properties", fen=None), "data.fen was removed"),
    "removed in an object": (
        changed("properties/party", properties={}, required=[]),
        "data.party.name was removed",
    ),
    "removed in an element": (changed("properties/list/items/properties", y=None), "data.list[].y was removed"),
    "elements without a contract": (changed("properties/list", items=None), "data.list[]"),
    "newly required": (changed("", required=["id", "fen"]), "data.fen is now required"),
    "new and required": (
        changed("", properties=BASE["properties"] | {"new": {"type": "string"}}, required=["id", "new"]),
        "data.new is now required",
    ),
    "newly required in an element": (changed("properties/list/items", required=["x", "y"]), "data.list[].y is now"),
    "no longer required": (changed("", required=[]), "data.id is no longer required"),
    "no longer required in an object": (changed("properties/party", required=[]), "data.party.name is no longer"),
}
VALUES = {
    "enum narrowed": (changed("properties/kind", enum=["a"]), "data.kind may no longer be b"),
    "enum widened": (changed("properties/kind", enum=["a", "b", "c"]), "data.kind may now be c, which readers"),
    "enum opened": (changed("properties/kind", enum=None), "data.kind may now be anything else"),
    "enum closed": (changed("properties/id", enum=["aa"]), "data.id may no longer be anything else"),
    "const": (changed("properties/id", const="aa"), "data.id has another const"),
    "pattern added": (changed("properties/id", pattern="^x"), "data.id has another pattern"),
    "pattern changed": (changed("properties/day", pattern="^20"), "data.day has another pattern"),
    "pattern dropped": (changed("properties/day", pattern=None), "data.day has no pattern any more"),
    "format added": (changed("properties/id", format="uri"), "data.id has another format"),
    "format changed": (changed("properties/day", format="date-time"), "data.day has another format"),
    "format dropped": (changed("properties/day", format=None), "data.day has no format any more"),
    "multipleOf": (changed("properties/fen", multipleOf=3), "data.fen has another multipleOf"),
    "uniqueItems": (changed("properties/list", uniqueItems=True), "data.list has another uniqueItems"),
    "not": (changed("properties/id", **{"not": {"const": "aa"}}), "data.id has another not"),
    "allOf": (changed("", allOf=[{"required": ["fen"]}]), "data has another allOf"),
    "closed": (changed("properties/party", additionalProperties=False), "data.party has another additionalProperties"),
    "opened": (changed("", additionalProperties=True), "data has another additionalProperties"),
    "stream": (changed("", x_stream="other"), "data has another x-stream"),
    "data class": (changed("", x_dataclass="public"), "data has another x-dataclass"),
}
LIMITS = {
    "minimum raised": (changed("properties/fen", minimum=1), "data.fen has a higher minimum"),
    "minimum lowered": (changed("properties/fen", minimum=-1), "data.fen has a lower minimum, which readers"),
    "minimum dropped": (changed("properties/fen", minimum=None), "data.fen has a lower minimum, which readers"),
    "maximum lowered": (changed("properties/fen", maximum=8), "data.fen has a lower maximum"),
    "maximum raised": (changed("properties/fen", maximum=10), "data.fen has a higher maximum, which readers"),
    "exclusive maximum": (changed("properties/fen", exclusiveMaximum=9), "data.fen has a lower exclusiveMaximum"),
    "longer": (changed("properties/id", minLength=3), "data.id has a higher minLength"),
    "shorter": (changed("properties/id", maxLength=20), "data.id has a lower maxLength"),
    "length opened": (changed("properties/id", maxLength=None), "data.id has a higher maxLength, which readers"),
    "length where there was none": (changed("properties/day", maxLength=10), "data.day has a lower maxLength"),
    "more elements": (changed("properties/list", minItems=2), "data.list has a higher minItems"),
    "fewer elements": (changed("properties/list", maxItems=4), "data.list has a lower maxItems"),
    "fewer properties": (changed("properties/party", maxProperties=1), "data.party has a lower maxProperties"),
    "length in an object": (changed("properties/party/properties/name", maxLength=9), "data.party.name has a lower"),
}
BREAKS = TYPE_NARROWED | FIELDS | VALUES | LIMITS


@pytest.mark.req("X-03")
@pytest.mark.parametrize("case", BREAKS)
def test_what_was_removed_narrowed_or_widened_is_named(case: str) -> None:
    """Each breach is told by a line that names the field."""
    new, line = BREAKS[case]
    found = breaks({"t": BASE}, {"t": new})
    assert found
    assert found[0].startswith(f"t: {line}")
    # Elements that lost their contract lost every field of it; a field that changed its type lost one and won one.
    assert len(found) == 1 or case in ("elements without a contract", "type of an element")


@pytest.mark.req("X-03")
@pytest.mark.parametrize(
    "new",
    [
        BASE,
        changed("", properties=BASE["properties"] | {"more": {"type": "string", "minLength": 1}}),
        changed("properties/list/items/properties", z={"type": "string"}),
        changed("properties/fen", description="The whole sum."),
        changed("", title="T", x_title_zh="T", description="d", examples=[{"id": "aa"}]),
    ],
    ids=["nothing", "an optional field", "an optional field of an element", "a meaning", "words"],
)
def test_what_may_be_changed(new: dict[str, Any]) -> None:
    """An optional field, at any depth, and words."""
    assert breaks({"t": BASE}, {"t": new}) == []


@pytest.mark.req("X-03")
def test_a_new_type_is_welcome_and_a_lost_one_is_not() -> None:
    """A consumer that follows it would wait for ever."""
    assert breaks({"t": BASE}, {"t": BASE, "u": BASE}) == []
    assert breaks({"t": BASE}, {}) == ["t: the contract was removed"]


@pytest.mark.req("X-03")
@pytest.mark.parametrize("type_", registry().types())
def test_every_single_keyword_of_every_contract_is_guarded(type_: str) -> None:
    """Whatever keyword is taken out of today's contract, at whatever depth, the gate tells it; words aside."""
    schema = registry()[type_].schema
    for path, keyword in _keywords(schema, ()):
        less: dict[str, Any] = deepcopy(schema)
        place = less
        for part in path:
            place = place[part]
        del place[keyword]
        assert breaks({type_: schema}, {type_: less}), f"{'/'.join(path)}/{keyword}"


_UNGUARDED = ("$schema", "title", "x-title-zh", "description", "examples")


def _keywords(schema: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for keyword, value in schema.items():
        # An empty list of required fields says as much as none.
        if keyword not in _UNGUARDED and value != []:
            yield path, keyword
    for name, inner in schema.get("properties", {}).items():
        yield (*path, "properties"), name
        yield from _keywords(inner, (*path, "properties", name))
    if "items" in schema:
        yield from _keywords(schema["items"], (*path, "items"))


@pytest.mark.req("X-03")
def test_every_contract_carries_an_example_that_fits_it() -> None:
    """Examples in the documentation are events that the suite would accept."""
    contracts = registry()
    assert contracts.types()
    for type_ in contracts.types():
        contracts.check(type_, contracts.example(type_))
        assert contracts[type_].schema["title"]
        assert contracts[type_].schema["description"]


@pytest.mark.req("X-03")
@pytest.mark.parametrize("release", sorted(RELEASED.glob("*.json")), ids=lambda path: path.stem)
def test_todays_contracts_keep_what_was_released(release: Path) -> None:
    """Held against the snapshot of every release."""
    contracts = registry()
    current = {type_: contracts[type_].schema for type_ in contracts.types()}
    assert breaks(json.loads(release.read_text(encoding="utf-8")), current) == []


@pytest.mark.req("X-03")
def test_a_release_keeps_its_contracts_as_they_are() -> None:
    """What the command writes is what the gate reads."""
    written = subprocess.run([sys.executable, "-m", "gongzheng.contracts"], check=True, capture_output=True)
    kept, contracts = json.loads(written.stdout), registry()
    assert kept == {type_: _without_example(contracts[type_].schema) for type_ in contracts.types()}


def _without_example(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "examples"}
