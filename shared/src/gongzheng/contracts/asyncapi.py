"""The AsyncAPI 3 document of the suite's events, from the contracts and the topology."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gongzheng.contracts.examples import example_event
from gongzheng.contracts.registry import Registry
from gongzheng.messaging.topology import TOPOLOGY, Topology, exchange_of, queue_of

ASYNCAPI = "3.1.0"
# The contracts keep to what draft 7 and 2020-12 share, and readers of AsyncAPI check payloads in draft 7.
_SCHEMA_FORMAT = "application/schema+json;version=draft-07"


def asyncapi_document(contracts: Registry, topology: Topology = TOPOLOGY, *, version: str = "1") -> dict[str, Any]:
    """The document: a channel per producer and stream, a message per event type, who sends and who receives."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    schemas: dict[str, Any] = {"cloudevent": CLOUDEVENT}
    for type_ in contracts.types():
        contract = contracts[type_]
        short = type_.removeprefix("cn.gongzheng.")
        schemas[short] = {k: v for k, v in contract.schema.items() if k != "$schema"}
        messages[short] = _message(type_, short, contract.schema)
        messages[short]["examples"] = [{"payload": json.loads(example_event(contracts, type_).to_json())}]
        channel = f"{contract.service}.{contract.stream}"
        entry = channels.setdefault(channel, _channel(contract.service, contract.stream))
        entry["messages"][short] = {"$ref": f"#/components/messages/{short}"}
    for name in channels:
        producer, stream = name.split(".", 1)
        reference = {"$ref": f"#/channels/{name}"}
        operations[f"{producer}.send.{stream}"] = {"action": "send", "channel": reference}
        for consumer in topology.followers(producer, stream):
            operations[f"{consumer}.receive.{name}"] = {
                "action": "receive",
                "channel": reference,
                "bindings": {"amqp": {"ack": True, "bindingVersion": "0.3.0"}},
                "description": f"Reads queue {queue_of(consumer)}.",
            }
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Gongzheng events",
            "version": version,
            "description": "CloudEvents 1.0 in structured JSON. Delivered at least once, applied exactly once, in order"
            " per aggregate: subject and sequence.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": dict(sorted(channels.items())),
        "operations": dict(sorted(operations.items())),
        "components": {"messages": messages, "schemas": schemas},
    }


def _channel(service: str, stream: str) -> dict[str, Any]:
    return {
        "address": f"{stream}.#",
        "description": f"Everything that happens to one kind of aggregate of {service}: {stream}.",
        "messages": {},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": exchange_of(service), "type": "topic", "durable": True},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message(type_: str, short: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    payload = {
        "allOf": [
            {"$ref": "#/components/schemas/cloudevent"},
            {
                "type": "object",
                "properties": {
                    "type": {"const": type_},
                    "stream": {"const": schema["x-stream"]},
                    "dataclass": {"const": schema["x-dataclass"]},
                    "data": {"$ref": f"#/components/schemas/{short}"},
                },
            },
        ]
    }
    return {
        "name": type_,
        "title": schema.get("title", short),
        "summary": schema.get("description", ""),
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": payload},
    }


CLOUDEVENT: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0 with the suite's extensions.",
    "required": [
        "specversion",
        "id",
        "type",
        "source",
        "subject",
        "time",
        "datacontenttype",
        "stream",
        "sequence",
        "dataclass",
        "data",
    ],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "description": "ULID of the event."},
        "type": {"type": "string"},
        "source": {"type": "string", "format": "uri", "description": "The producing organisation's service."},
        "subject": {"type": "string", "description": "Id of the aggregate."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "stream": {"type": "string", "description": "Kind of aggregate; the unit of order is source, stream, subject."},
        "sequence": {"type": "string", "pattern": "^[0-9]{10}$", "description": "Gapless per aggregate, from 1."},
        "dataclass": {"enum": ["public", "internal", "confidential"]},
        "causationid": {"type": "string", "description": "Id of the event that caused this one."},
        "correlationid": {"type": "string", "description": "Id of the first event of the chain."},
        "traceparent": {"type": "string", "description": "W3C trace context."},
        "keyid": {"type": "string"},
        "signature": {"type": "string", "description": "Detached Ed25519 signature, base64url, by the producer."},
        "data": {"type": "object"},
    },
}


def to_yaml(value: Any) -> str:
    """A JSON value as block YAML; scalars are written as JSON, which YAML 1.2 reads alike."""
    return "\n".join(_lines(value, 0)) + "\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _entry(f"{pad}{json.dumps(str(key), ensure_ascii=False)}:", inner, depth)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _entry(f"{pad}-", inner, depth)
    else:
        yield pad + json.dumps(value, ensure_ascii=False)


def _entry(head: str, inner: Any, depth: int) -> Iterator[str]:
    if isinstance(inner, (Mapping, list)) and inner:
        yield head
        yield from _lines(inner, depth + 1)
    else:
        yield f"{head} {json.dumps(inner, ensure_ascii=False)}"
