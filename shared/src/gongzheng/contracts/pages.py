"""A page per event type, from its contract and the topology, for whoever follows the suite's events."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gongzheng.contracts.examples import EXAMPLE_KEY, example_event
from gongzheng.contracts.registry import Contract, Registry
from gongzheng.messaging.keys import jwks
from gongzheng.messaging.topology import TOPOLOGY, Topology, exchange_of

_DATACLASS = {
    "public": "public: anybody may know it",
    "internal": "internal: for the authorities and the systems that subscribe",
    "confidential": "confidential: for its followers and auditors; a subscriber gets what an operator permitted",
}


def event_pages(contracts: Registry, topology: Topology = TOPOLOGY) -> dict[str, str]:
    """File name → text: a page per type, the index README.md and the example key."""
    pages = {f"{type_}.md": "".join(_page(contracts, contracts[type_], topology)) for type_ in contracts.types()}
    index = "".join(_index(contracts, topology))
    key = json.dumps(jwks([EXAMPLE_KEY]), indent=1) + "\n"
    return {**pages, "README.md": index, "example-key.json": key}


def _index(contracts: Registry, topology: Topology) -> Iterator[str]:
    yield _INDEX_HEAD
    for service in sorted({contracts[type_].service for type_ in contracts.types()}):
        yield f"\n## {service}\n\n| event | | stream | data class | followed by |\n|---|---|---|---|---|\n"
        for type_ in contracts.types(service):
            contract = contracts[type_]
            title = f"{contract.schema['title']} {contract.schema['x-title-zh']}"
            followers = ", ".join(topology.followers(service, contract.stream))
            row = (f"[`{_short(type_)}`]({type_}.md)", title, f"`{contract.stream}`", contract.dataclass_, followers)
            yield f"| {' | '.join(row)} |\n"


def _page(contracts: Registry, contract: Contract, topology: Topology) -> Iterator[str]:
    schema = contract.schema
    followers = topology.followers(contract.service, contract.stream)
    yield f"# {schema['title']} · {schema['x-title-zh']}\n\n"
    yield f"{schema['description']}\n\n"
    yield "| | |\n|---|---|\n"
    yield f"| type | `{contract.type}` |\n"
    yield f"| producer | {contract.service}, exchange `{exchange_of(contract.service)}` |\n"
    yield f"| stream | `{contract.stream}`: in order per `{contract.stream}_id`, which is the event's `subject` |\n"
    yield f"| followed by | {', '.join(followers) or 'nobody'} |\n"
    yield f"| data class | {_DATACLASS[contract.dataclass_]} |\n\n"
    yield "## Fields of `data`\n\n| field | type | required | meaning |\n|---|---|---|---|\n"
    for name, field, required in _fields(schema):
        yield f"| `{name}` | {_kind(field)} | {'yes' if required else 'no'} | {_cell(field['description'])} |\n"
    event = json.loads(example_event(contracts, contract.type).to_json())
    yield "\n## Example\n\n"
    yield "Signed with the [example key](example-key.json); [the index](README.md) says how to verify it.\n\n"
    yield f"```json\n{json.dumps(event, ensure_ascii=False, indent=2)}\n```\n"


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every field, and after a field those of the object or the objects in it: name, schema, whether it is required."""
    for name, field in schema.get("properties", {}).items():
        yield f"{prefix}{name}", field, name in schema.get("required", ())
        yield from _fields(field, f"{prefix}{name}.")
        yield from _fields(field.get("items", {}), f"{prefix}{name}[].")


def _kind(field: Mapping[str, Any]) -> str:
    """The type of a field with its limits, in a few words."""
    types = field.get("type", [])
    names = [types] if isinstance(types, str) else list(types)
    words = [field["format"] if "format" in field and name == "string" else name for name in names]
    text = " or ".join(words)
    if "items" in field:
        text += f" of ({_kind(field['items'])})"
    return ", ".join([text, *_limits(field)])


def _limits(field: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in field:
        yield "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        yield f"always `{field['const']}`"
    if "pattern" in field:
        yield f"`{_cell(field['pattern'])}`"
    for low, high, unit in (
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
    ):
        if low in field or high in field:
            yield _between(field.get(low), field.get(high)) + unit


def _between(low: int | None, high: int | None) -> str:
    if low == high:
        return f"{low}"
    if low is None or high is None:
        return f"at least {low}" if high is None else f"at most {high}"
    return f"{low} to {high}"


def _short(type_: str) -> str:
    return type_.split(".", 3)[3]


def _cell(text: str) -> str:
    """Text that stays in its cell of a table."""
    return text.replace("|", "\\|")


_INDEX_HEAD = """\
# Events

Written by `make documents` from the contracts in `shared/src/gongzheng/contracts/schemas/`. The same as an AsyncAPI
document: [asyncapi.yaml](../asyncapi.yaml). How they are delivered:
[delivery-guarantees.md](../delivery-guarantees.md).

An event is a [CloudEvent](https://cloudevents.io) 1.0 in structured JSON, published to the exchange of its producer
under the routing key `<stream>.<entity>.<past-tense>.v1`. Beside the attributes of CloudEvents it has

| attribute | |
|---|---|
| `stream`, `sequence` | kind of aggregate, and gapless number from `0000000001`: the place in its `subject`'s order |
| `dataclass` | who may have it: `public`, `internal` or `confidential` |
| `causationid`, `correlationid` | the event that caused it, and the first of the chain |
| `traceparent` | W3C trace context |
| `keyid`, `signature` | the producer's key and its detached Ed25519 signature, base64url without padding |

## Verify a signature

What is signed is the event without its member `signature`, as canonical JSON: keys sorted by code point, no white
space, UTF-8, no escapes but those that JSON demands, no floats. A producer's keys are at its `/.well-known/jwks.json`;
compare their fingerprints with what its operator tells you
([operations](../operations.md#whose-signatures-are-believed)). The examples are signed with the key of RFC 8037,
appendix A, whose private half everybody knows: never believe it.

```python
import base64, json
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verify(event, key_set):
    key = next(key for key in key_set["keys"] if key["kid"] == event["keyid"])
    signed = {name: value for name, value in event.items() if name != "signature"}
    text = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    Ed25519PublicKey.from_public_bytes(decoded(key["x"])).verify(decoded(event["signature"]), text)
```
"""
