"""The API page as data: each operation with its parameters, content, answers and refusals, ready for the template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

DEPTH_MAX = 6
_METHODS = ("get", "post", "put", "patch", "delete")
_SAMPLES = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T01:30:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
}
_SAMPLE_ID = "01JZZZZZZZZZZZZZZZZZZZZZZZ"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a body or one parameter; ``depth`` is how far it lies inside."""

    name: str
    type: str
    required: bool
    rules: str
    description: str
    depth: int = 0
    place: str = ""
    sample: str = ""


@dataclass(frozen=True, kw_only=True)
class Body:
    """What is sent or answered, in one content type; ``example`` is JSON made from the schema."""

    content_type: str
    fields: list[Field]
    example: Any


@dataclass(frozen=True, kw_only=True)
class Response:
    """One documented answer; ``codes`` are those of the problems that come under its status."""

    status: str
    description: str
    body: Body | None
    codes: list[str]


@dataclass(frozen=True, kw_only=True)
class OperationView:
    """One operation for the page."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    public: bool
    roles: list[str]
    parameters: list[Field]
    body: Body | None
    responses: list[Response]


@dataclass(kw_only=True)
class Group:
    """The operations under one tag."""

    name: str
    description: str
    operations: list[OperationView] = field(default_factory=list)


def groups_of(document: Mapping[str, Any]) -> list[Group]:
    """The operations of a document by tag, in the order in which they stand there."""
    groups = {
        tag["name"]: Group(name=tag["name"], description=tag.get("description") or "") for tag in document["tags"]
    }
    for path, entry in document["paths"].items():
        for method in _METHODS:
            if method in entry:
                operation = entry[method]
                view = _operation(document, path, method, operation, entry.get("parameters", []))
                groups[operation["tags"][0]].operations.append(view)
    return [group for group in groups.values() if group.operations]


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any], shared: list[Any]
) -> OperationView:
    body = operation.get("requestBody")
    return OperationView(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        public=not operation.get("security"),
        roles=operation.get("x-roles", []),
        parameters=[_parameter(document, p) for p in (*shared, *operation.get("parameters", []))],
        body=_body(document, body["content"]) if body else None,
        responses=[_response(document, status, answer) for status, answer in sorted(operation["responses"].items())],
    )


def _parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Field:
    schema = _resolved(document, parameter.get("schema", {}))
    sample = parameter.get("example", "")
    if not sample and parameter.get("required") and parameter["in"] != "header":
        sample = example_of(document, schema)
    return Field(
        name=parameter["name"],
        type=_type(document, schema),
        required=bool(parameter.get("required")),
        rules=_rules(schema),
        description=parameter.get("description", ""),
        place=parameter["in"],
        sample=str(sample),
    )


def _response(document: Mapping[str, Any], status: str, answer: Mapping[str, Any]) -> Response:
    problem = "application/problem+json" in answer.get("content", {})
    body = None if problem or not answer.get("content") else _body(document, answer["content"])
    description = answer.get("description", "")
    codes = description.rpartition(": ")[2].split(", ") if problem else []
    return Response(status=status, description=description, body=body, codes=codes)


def _body(document: Mapping[str, Any], content: Mapping[str, Any]) -> Body:
    content_type, entry = next(iter(content.items()))
    schema = entry.get("schema", {})
    return Body(
        content_type=content_type,
        fields=list(_fields(document, schema, 0)),
        example=entry.get("example", example_of(document, schema)),
    )


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Iterator[Field]:
    """The fields of an object, and of what lies inside it, in reading order."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        yield from _fields(document, schema.get("items", {}), depth)
        return
    required = set(schema.get("required", ()))
    for name, raw in schema.get("properties", {}).items():
        inner = _resolved(document, raw)
        yield Field(
            name=name,
            type=_type(document, inner),
            required=name in required,
            rules=_rules(inner),
            description=raw.get("description", inner.get("description", "")),
            depth=depth,
        )
        if depth < DEPTH_MAX:
            yield from _fields(document, inner, depth + 1)


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, where it is a reference; the alternative that is not null, where null is one of two."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    alternatives = [a for a in schema.get("anyOf", schema.get("allOf", ())) if a.get("type") != "null"]
    return _resolved(document, alternatives[0]) if len(alternatives) == 1 else schema


def _type(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "any")
    text = " | ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array":
        return f"array of {_type(document, _resolved(document, schema.get('items', {})))}"
    shown = schema.get("format") or schema.get("contentMediaType")
    return f"{text} ({shown})" if shown else text


def _rules(schema: Mapping[str, Any]) -> str:
    """The bounds of a value, as short as mathematics writes them."""
    parts = []
    if "enum" in schema:
        parts.append(" · ".join(str(value) for value in schema["enum"]))
    for name, sign in (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤")):
        if name in schema and abs(schema[name]) < 2**53 - 1:
            parts.append(f"{sign} {schema[name]}")
    if "pattern" in schema and "u0000" not in schema["pattern"]:
        parts.append(schema["pattern"])
    return ", ".join(parts)


def example_of(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that fits a schema in its form; what it means is for the reader to fill in."""
    schema = _resolved(document, schema)
    for given in ("example", "default", "const"):
        if given in schema:
            return schema[given]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        inside = schema.get("properties", {}) if depth < DEPTH_MAX else {}
        return {name: example_of(document, inner, depth + 1) for name, inner in inside.items()}
    if kind == "array":
        return [example_of(document, schema.get("items", {}), depth + 1)] if depth < DEPTH_MAX else []
    scalars = {"integer": max(schema.get("minimum", 0), 0), "number": 0, "boolean": True, "null": None}
    return scalars.get(str(kind), _text_example(schema))


def _text_example(schema: Mapping[str, Any]) -> str:
    if "A-HJKMNP-TV-Z" in schema.get("pattern", ""):
        return _SAMPLE_ID
    return _SAMPLES.get(schema.get("format", ""), "…")
