"""The police of the repository: what every service must keep to, checked the same way in each service's tests.

from gongzheng.testing import police

def test_the_api_keeps_to_the_rules(service: Service) -> None:
    assert police.api_findings(service.app) == []
"""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import marshmallow as ma
from flask import Flask
from marshmallow import fields
from peewee import Database, Model

from gongzheng.contracts import Registry, registry
from gongzheng.db import migrate
from gongzheng.http.access import Public, Requires
from gongzheng.http.app import API_PREFIX, openapi_document
from gongzheng.http.context import EXTENSION, Frame
from gongzheng.http.operations import Operation, arguments_of, view_of
from gongzheng.http.problems import tree
from gongzheng.http.schemas import Query, Schema
from gongzheng.legaltime.citation import CitationError, check

_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CREATED = "201"


def api_findings(app: Flask, *, may_change_without_version: frozenset[str] = frozenset()) -> list[str]:
    """What an application's API does not keep to, one sentence each; [] when it keeps to everything.

    ``may_change_without_version`` names rules of POST routes that act on a path parameter without ``If-Match`` by
    right, for instance because they only append to the thing.
    """
    findings: list[str] = []
    operations = [o for o in _frame(app).operations.values() if o.rule.startswith(API_PREFIX)]
    for operation in operations:
        where = f"{operation.method} {operation.rule}"
        findings += [f"{where}: {text}" for text in _operation_findings(app, operation, may_change_without_version)]
    return sorted(findings)


def _frame(app: Flask) -> Frame:
    frame: Frame = app.extensions[EXTENSION]
    return frame


def _operation_findings(app: Flask, operation: Operation, free: frozenset[str]) -> Iterator[str]:
    entry = _documented(app, operation)
    if entry is None:
        yield "is not documented; use gongzheng.http.Blueprint"
        return
    if _CREATED in entry["responses"] and not operation.idempotent:
        yield "creates (201) and is not idempotent"
    below = operation.method in _CHANGES and "<" in operation.rule
    if below and not operation.idempotent and "if_match" not in operation.uses and operation.rule not in free:
        yield "changes something and asks neither for If-Match nor for an Idempotency-Key"
    if operation.method == "GET" and (operation.idempotent or "if_match" in operation.uses):
        yield "reads and asks for an Idempotency-Key or If-Match"
    if isinstance(operation.access, Requires) and not operation.access.roles:
        yield "lets every token in; name the roles"
    if isinstance(operation.access, Public) and operation.access.throttle is None:
        yield "is public and not throttled"
    if not entry.get("summary"):
        yield "has no summary; write a docstring"
    yield from _schema_findings(app, operation)


def _documented(app: Flask, operation: Operation) -> dict[str, Any] | None:
    path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", operation.rule)
    entry: dict[str, Any] | None = openapi_document(app)["paths"].get(path, {}).get(operation.method.lower())
    return entry


def _schema_findings(app: Flask, operation: Operation) -> Iterator[str]:
    view, _ = view_of(app, operation.endpoint, operation.method)
    for argument in arguments_of(view):
        schema = argument["schema"]() if isinstance(argument["schema"], type) else argument["schema"]
        if not isinstance(schema, Schema):
            yield f"takes {type(schema).__name__}, which is no gongzheng.http Schema"
        elif not isinstance(schema, Query):
            yield from _lax_fields(schema, type(schema).__name__)


def _lax_fields(schema: ma.Schema, where: str) -> Iterator[str]:
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Float):
            yield f"{where}.{name} is a float; amounts are integers, rates are text"
        elif isinstance(inner, fields.Integer) and not inner.strict:
            yield f"{where}.{name} takes text for a number; use gongzheng.http.Integer"
        elif type(inner) in (fields.Boolean, fields.Date, fields.DateTime, fields.NaiveDateTime, fields.AwareDateTime):
            yield f"{where}.{name} takes more than its documentation says; use the field of gongzheng.http"
        elif type(inner) is fields.String and not inner.validators:
            yield f"{where}.{name} is text without a limit; use gongzheng.http.Text"
        elif isinstance(inner, fields.Nested):
            yield from _lax_fields(inner.schema, f"{where}.{name}")


def refusal_findings(*roots: type[Exception]) -> list[str]:
    """What a service's errors lack: a stable code, a status, titles in both languages, citations that exist."""
    findings: list[str] = []
    for kind in tree(*roots):
        findings += [f"{kind.__name__}: {text}" for text in _refusal_findings(kind)]
    return findings


def _refusal_findings(kind: Any) -> Iterator[str]:
    if not _CODE.fullmatch(kind.code):
        yield f"the code {kind.code!r} is not lower-case words joined by hyphens"
    if not 400 <= kind.status <= 599:  # noqa: PLR2004 HTTP's classes of errors: the caller's, and ours
        yield f"the status {kind.status} is no error"
    if not getattr(kind, "title_zh", "") or not getattr(kind, "title_en", ""):
        yield "lacks a title in one of the languages"
    if not kind.__doc__:
        yield "has no docstring"
    law = getattr(kind, "law", ())
    for reference in law if isinstance(law, tuple) else ():
        try:
            check(reference)
        except CitationError:
            yield f"cites {reference!r}, which is no known citation"


def migration_findings(package: str, make_database: Callable[[], Database], models: list[type[Model]]) -> list[str]:
    """What is wrong with a service's migrations: numbers, HEAD, or tables that differ from the models."""
    try:
        migrate.available(package)
    except migrate.MigrationError as error:
        return [str(error)]
    database = make_database()
    migrate.migrate(database, package)
    if again := migrate.migrate(database, package):
        return [f"{package}: a second run applied {', '.join(again)}"]
    return [finding for model in models for finding in _drift(database, model)]


def _drift(database: Database, model: Any) -> Iterator[str]:
    """Where the migrated table of a model differs from what the model says."""
    table = model._meta.table_name  # noqa: SLF001 peewee keeps what a model is under this name
    if table not in database.get_tables():
        yield f"{table}: no migration makes this table"
        return
    made = {column.name: column for column in database.get_columns(table)}
    said = model._meta.columns  # noqa: SLF001 as above
    yield from (f"{table}.{name}: no migration makes this column" for name in sorted(set(said) - set(made)))
    yield from (f"{table}.{name}: the model does not know this column" for name in sorted(set(made) - set(said)))
    for name in sorted(set(said) & set(made)):
        if not said[name].primary_key and said[name].null != made[name].null:
            yield f"{table}.{name}: {'may' if made[name].null else 'may not'} be null, the model says otherwise"


def event_findings(service: str, event_types: dict[type, str], contracts: Registry | None = None) -> list[str]:
    """Event classes without a contract, contracts without a class, and names that do not belong together."""
    known = contracts or registry()
    findings = [f"{cls.__name__}: {type_} has no contract" for cls, type_ in event_types.items() if type_ not in known]
    published = set(event_types.values())
    findings += [f"{type_}: no event class" for type_ in known.types(service) if type_ not in published]
    findings += [f"{cls.__name__}: {t} is of another service" for cls, t in event_types.items() if _of(t) != service]
    return sorted(findings)


def _of(type_: str) -> str:
    return type_.split(".")[2]


def text_findings(package: str, name: str = "texts.toml") -> list[str]:
    """Keys of a catalogue of texts that lack one of the languages, or hold the same text in both."""
    import tomllib  # noqa: PLC0415 only this check reads TOML

    raw = tomllib.loads((files(package) / name).read_text(encoding="utf-8"))
    return [key for key, entry in raw.items() if not entry.get("zh") or not entry.get("en")]
