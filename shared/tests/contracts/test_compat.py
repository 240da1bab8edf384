"""The compatibility gate: what was released stays readable, for consumers and for replays."""

import json
from pathlib import Path
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.contracts.compat import breaks

RELEASED = Path(__file__).parent / "released"
BASE: dict[str, Any] = {
    "type": "object",
    "x-stream": "case",
    "properties": {
        "id": {"type": "string", "maxLength": 26},
        "fen": {"type": ["integer", "null"], "minimum": 0},
        "kind": {"enum": ["a", "b"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}},
    },
    "required": ["id"],
}


def changed(**properties: Any) -> dict[str, Any]:
    """The base contract with other properties; None removes one."""
    merged = BASE["properties"] | properties
    return BASE | {"properties": {name: schema for name, schema in merged.items() if schema is not None}}


@pytest.mark.req("X-03")
@pytest.mark.parametrize(
    ("new", "line"),
    [
        (changed(fen=None), "data.fen was removed"),
        (changed(fen={"type": "integer", "minimum": 0}), "data.fen may no longer be null"),
        (changed(id={"type": ["string", "integer"], "maxLength": 26}), "data.id may now be integer"),
        (changed(fen={"type": ["integer", "null"], "minimum": 1}), "data.fen has a higher minimum"),
        (changed(id={"type": "string", "maxLength": 20}), "data.id has a lower maxLength"),
        (changed(id={"type": "string", "maxLength": 26, "pattern": "^x"}), "data.id has another pattern"),
        (changed(kind={"enum": ["a"]}), "data.kind may no longer be b"),
        (changed(kind={"enum": ["a", "b", "c"]}), "data.kind may now be c"),
        (changed(list={"type": "array", "items": {"type": "object"}}), "data.list[].x was removed"),
        (BASE | {"required": ["id", "fen"]}, "data.fen is now required"),
        (BASE | {"required": []}, "data.id is no longer required"),
        (BASE | {"x-stream": "other"}, "data has another x-stream"),
    ],
)
def test_what_was_removed_or_narrowed_is_named(new: dict[str, Any], line: str) -> None:
    """Each breach is one line that names the field."""
    found = breaks({"t": BASE}, {"t": new})
    assert len(found) == 1
    assert found[0].startswith(f"t: {line}")


@pytest.mark.req("X-03")
def test_an_optional_field_and_a_new_type_are_welcome() -> None:
    """Growing is allowed; losing a type is not."""
    assert breaks({"t": BASE}, {"t": changed(more={"type": "string"}), "u": BASE}) == []
    assert breaks({"t": BASE}, {}) == ["t: the contract was removed"]


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
