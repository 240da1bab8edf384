"""The OpenAPI 3.1 document: what flask-smorest writes, and what the frame does around each view."""

from collections.abc import Iterable, Iterator
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest.spec.plugins import FlaskPlugin
from marshmallow import fields
from werkzeug.routing import BaseConverter

from gongzheng.http.access import Public, Requires
from gongzheng.http.idempotency import HEADER as IDEMPOTENCY_KEY
from gongzheng.http.idempotency import KEY_PATTERN
from gongzheng.http.operations import Operation
from gongzheng.http.problems import CONTENT_TYPE, HTTP_PROBLEMS, PROBLEM_TYPE, tree
from gongzheng.http.schemas import INTEGER_MAX, PAGE_PARAMETERS, TEXT_PATTERN, ULID_PATTERN, JsonPart
from gongzheng.legaltime.citation import expand

ETAG_HEADER = {"ETag": {"description": "The version; send it as If-Match.", "schema": {"type": "string"}}}
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")


class UlidConverter(BaseConverter):
    """``<ulid:case_id>``: an identifier of this suite; any other text is no such page."""

    regex = ULID_PATTERN.strip("^$")


class Api(flask_smorest.Api):
    """flask-smorest's Api without its own errors and its blanket "default" response."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
        super().__init__(
            app,
            spec_kwargs={"marshmallow_plugin": plugin, "flask_plugin": FlaskPlugin()},
        )
        converter = plugin.converter
        for extend in (_decimal, _integer, _text, _json_part):
            converter.add_attribute_function(extend)
        self.register_converter(UlidConverter, lambda _: {"type": "string", "pattern": ULID_PATTERN})

    def _register_error_handlers(self) -> None:
        """The frame answers errors itself."""

    def _register_pagination_header(self) -> None:
        """Pages are the frame's own."""

    def _register_responses(self) -> None:
        """The frame documents problems itself."""
        self.spec.components.schema("Problem", PROBLEM_SCHEMA)


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return str(kind.__name__).removesuffix("Schema") or "Schema"


def _decimal(_self: Any, field: Any, **_: Any) -> dict[str, Any]:
    """A decimal sent as text is documented as text (apispec says number)."""
    if isinstance(field, fields.Decimal) and field.as_string:
        return {"type": ["string", "null"] if field.allow_none else "string", "pattern": r"^-?\d+(\.\d+)?$"}
    return {}


def _integer(_self: Any, field: Any, ret: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
    """An integer without bounds of its own has those of JSON."""
    if isinstance(field, fields.Integer):
        given = ret or {}
        bounds = {"minimum": -INTEGER_MAX, "maximum": INTEGER_MAX}
        return {name: value for name, value in bounds.items() if name not in given}
    return {}


def _text(_self: Any, field: Any, ret: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
    """Text without a pattern of its own holds no NUL."""
    plain = type(field) is fields.String or type(field).__name__ == "Text"
    given = ret or {}
    return {"pattern": TEXT_PATTERN} if plain and "pattern" not in given and "enum" not in given else {}


def _json_part(self: Any, field: Any, **_: Any) -> dict[str, Any]:
    """A JSON part is documented by its own schema."""
    if not isinstance(field, JsonPart):
        return {}
    described: dict[str, Any] = self.resolve_nested_schema(field.schema)
    return described


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. type and code are stable; title and detail are for people, in the caller's language.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string", "pattern": f"^{PROBLEM_TYPE}[a-z0-9-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "urn:gongzheng:request:<X-Request-Id>"},
        "law": {
            "type": "array",
            "description": "The articles that forbid the step.",
            "items": {
                "type": "object",
                "required": ["ref"],
                "properties": {
                    "ref": {"type": "string"},
                    "act_zh": {"type": "string"},
                    "act_en": {"type": "string"},
                    "article": {"type": ["string", "null"]},
                    "paragraph": {"type": ["string", "null"]},
                    "item": {"type": ["string", "null"]},
                    "text_zh": {"type": "string", "description": "As Chinese documents write the citation."},
                    "text_en": {"type": "string"},
                },
            },
        },
        "errors": {
            "type": "object",
            "description": "What is wrong, per field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


def complete(api: Any, operations: Iterable[Operation], refusals: tuple[type[Exception], ...]) -> None:
    """Write into the document what the frame does around each view."""
    document = api.spec
    # apispec keeps the paths under this name only.
    paths: dict[str, dict[str, Any]] = document._paths  # noqa: SLF001
    known = list(tree(*refusals))
    domain = [kind for kind in known if not kind.__module__.startswith("gongzheng.")]
    for operation in operations:
        path = FlaskPlugin.flaskpath2openapi(operation.rule)
        entry = paths.get(path, {}).get(operation.method.lower())
        if entry is not None:
            _complete_operation(entry, operation, domain)
    _drop_empty_defaults(document.components.schemas)
    _drop_empty_defaults(paths)
    document.options["x-problems"] = [_problem_entry(kind) for kind in known]
    schemes = {"accessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for name in {o.access.machine for o in operations if isinstance(o.access, Public) and o.access.machine}:
        document.components.security_scheme(name, MACHINE_SCHEME)
    for name, scheme in schemes.items():
        document.components.security_scheme(name, scheme)


def _drop_empty_defaults(value: Any) -> None:
    """Text that may be left out and then counts as empty cannot be sent empty: that is no default to document."""
    if isinstance(value, dict):
        if value.get("default") == "" and value.get("minLength", 0) > 0:
            del value["default"]
        for inner in value.values():
            _drop_empty_defaults(inner)
    elif isinstance(value, list):
        for inner in value:
            _drop_empty_defaults(inner)


MACHINE_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Gongzheng-Signature",
    "description": "The body, signed with the caller's registered key.",
}


def _complete_operation(entry: dict[str, Any], operation: Operation, domain: list[type[Exception]]) -> None:
    entry.setdefault("operationId", operation.endpoint.replace(".", "_") + "_" + operation.method.lower())
    parameters = entry.setdefault("parameters", [])
    for parameter in _parameters(operation):
        if not any(p.get("name") == parameter["name"] for p in parameters if isinstance(p, dict)):
            parameters.append(parameter)
    if not parameters:
        del entry["parameters"]
    if isinstance(operation.access, Requires):
        entry["security"] = [{"accessToken": []}]
        entry["x-roles"] = sorted(operation.access.roles)
    elif operation.access.machine:
        entry["security"] = [{operation.access.machine: []}]
    else:
        entry["security"] = []
    responses = entry.setdefault("responses", {})
    # webargs' own 422 entry is a reference to a component that this document does not have.
    for status in [s for s, answer in responses.items() if isinstance(answer, str) or "$ref" in answer]:
        del responses[status]
    for status, answer in list(responses.items()):
        if "with_etag" in operation.uses and str(status).startswith("2") and isinstance(answer, dict):
            answer.setdefault("headers", {}).update(ETAG_HEADER)
    for status, codes in _problems(entry, operation, domain).items():
        responses.setdefault(str(status), _problem_answer(status, codes))
    _stringify(responses)


def _stringify(responses: dict[Any, Any]) -> None:
    for status in [s for s in responses if not isinstance(s, str)]:
        answer = responses.pop(status)
        responses[str(int(status))] = answer


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if operation.idempotent:
        found.append(
            {
                "in": "header",
                "name": IDEMPOTENCY_KEY,
                "required": True,
                "description": "Of your own making, new for each thing created; a repetition gets the first answer.",
                "schema": {"type": "string", "pattern": KEY_PATTERN, "minLength": 8, "maxLength": 128},
            }
        )
    if "if_match" in operation.uses:
        found.append(
            {
                "in": "header",
                "name": "If-Match",
                "required": True,
                "description": "The ETag that you saw last.",
                "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
                "example": '"1"',
            }
        )
    if "page_args" in operation.uses:
        found.extend(PAGE_PARAMETERS)
    return found


def _problems(entry: dict[str, Any], operation: Operation, domain: list[type[Exception]]) -> dict[int, list[str]]:
    """Each status that the operation may refuse with, with the codes that come under it."""
    named = operation.refusals or (tuple(domain) if operation.method in _CHANGES else ())
    codes = {(kind.status, kind.code) for kind in named}  # type: ignore[attr-defined] # a refusal has both
    codes |= {(status, HTTP_PROBLEMS[status][0]) for status in _plain_statuses(entry, operation)}
    if isinstance(operation.access, Requires):
        codes.add((403, "role-pair-forbidden"))
    if operation.idempotent:
        codes |= {(400, "idempotency-key-required"), (400, "malformed-parameter"), (409, "idempotency-conflict")}
    if "if_match" in operation.uses:
        codes |= {(400, "malformed-parameter"), (409, "edit-conflict"), (412, "precondition-failed")}
    if "page_args" in operation.uses:
        codes.add((422, "invalid-cursor"))
    return {status: sorted(c for s, c in codes if s == status) for status in sorted({s for s, _ in codes})}


def _plain_statuses(entry: dict[str, Any], operation: Operation) -> Iterator[int]:
    """The statuses that follow from how the operation is called."""
    yield 503
    if isinstance(operation.access, Requires):
        yield from (401, 403)
    else:
        if operation.access.throttle:
            yield 429
        if operation.access.machine:
            yield 401
    if "<" in operation.rule or operation.method in _CHANGES:
        yield 404
    if entry.get("requestBody"):
        yield from (400, 413, 415, 422)
    if entry.get("parameters"):
        yield 422
    if "if_match" in operation.uses:
        yield 428


def _problem_answer(status: int, codes: list[str]) -> dict[str, Any]:
    title = HTTP_PROBLEMS.get(status, ("", "", "Refused"))[2]
    answer: dict[str, Any] = {
        "description": f"{title}: {', '.join(codes)}",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 401:  # noqa: PLR2004 an HTTP status
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == 429:  # noqa: PLR2004 an HTTP status
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return answer


def _problem_entry(kind: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "code": kind.code,
        "status": kind.status,
        "title_zh": kind.title_zh,
        "title_en": kind.title_en,
    }
    law = getattr(kind, "law", ())
    if law and isinstance(law, tuple):
        entry["law"] = [expand(reference) for reference in law]
    return entry
