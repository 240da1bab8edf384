"""What each route does for its caller, read off the view itself, so that behaviour and documentation agree."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any, TypeVar

from flask import Flask

from gongzheng.http.access import Access, Public, access_of, is_idempotent
from gongzheng.http.problems import refusals_of

OBSERVED = frozenset({"if_match", "page_args", "with_etag"})
DECLARED = "gongzheng_declares"
READ_ACTION = "gongzheng_read_action"
DEPTH_MAX = 4
_SKIPPED_METHODS = {"HEAD", "OPTIONS"}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one route.

    ``uses`` says which of ``if_match``, ``page_args`` and ``with_etag`` the view calls; ``query`` holds the query
    parameters it knows (None: any); ``read_action`` is the audit action of a read, where it is audited.
    """

    endpoint: str
    method: str
    rule: str
    access: Access
    idempotent: bool
    uses: frozenset[str]
    refusals: tuple[type[Exception], ...]
    multipart: bool
    query: frozenset[str] | None
    read_action: str | None


def declares(*names: str) -> Callable[[View], View]:
    """Say that the view calls ``if_match``, ``page_args`` or ``with_etag`` where its own code does not show it."""
    if unknown := set(names) - OBSERVED:
        raise ValueError(f"nothing of this name can be declared: {', '.join(sorted(unknown))}")

    def mark(view: View) -> View:
        setattr(view, DECLARED, frozenset(names))
        return view

    return mark


class RouteWithoutAccess(TypeError):
    """A route says neither requires nor public, so nobody knows who may call it."""


def operations_of(app: Flask) -> dict[tuple[str, str], Operation]:
    """All operations of an application by (endpoint, method).

    Raises:
        RouteWithoutAccess: when a route has neither ``requires`` nor ``public``.
    """
    found: dict[tuple[str, str], Operation] = {}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - _SKIPPED_METHODS):
            view, holder = view_of(app, rule.endpoint, method)
            access = access_of(view) or access_of(holder)
            if access is None and rule.endpoint.endswith("static"):
                access = Public()  # files that ship with the package and are the same for everybody
            if access is None:
                raise RouteWithoutAccess(f"{method} {rule.rule} ({rule.endpoint}) needs @requires(…) or @public(…)")
            found[rule.endpoint, method] = Operation(
                endpoint=rule.endpoint,
                method=method,
                rule=rule.rule,
                access=access,
                idempotent=is_idempotent(view),
                uses=uses_of(view),
                refusals=refusals_of(view),
                multipart=takes_files(view),
                query=query_names(view) if hasattr(view, "_apidoc") else None,
                read_action=getattr(view, READ_ACTION, None) or _read_action(method, rule.rule, rule.arguments),
            )
    return found


def view_of(app: Flask, endpoint: str, method: str) -> tuple[Any, Any]:
    """The function that answers a method of an endpoint, and the class or function that holds it."""
    registered = app.view_functions[endpoint]
    view_class = getattr(registered, "view_class", None)
    if view_class is None:
        return registered, registered
    return getattr(view_class, method.lower(), registered), view_class


def uses_of(view: Any) -> frozenset[str]:
    """Which of the observed helpers a view calls, in its own code or in functions of its own package."""
    declared: frozenset[str] = getattr(view, DECLARED, frozenset())
    function = inspect.unwrap(view)
    if not isinstance(function, FunctionType):
        return declared
    return declared | _names(function, function.__module__.split(".")[0], DEPTH_MAX, set())


def _names(function: FunctionType, package: str, depth: int, seen: set[FunctionType]) -> frozenset[str]:
    seen.add(function)
    mentioned = set(_mentioned(function.__code__))
    found = mentioned & OBSERVED
    for name in mentioned - OBSERVED:
        helper = inspect.unwrap(function.__globals__[name]) if callable(function.__globals__.get(name)) else None
        if (
            isinstance(helper, FunctionType)
            and depth
            and helper not in seen
            and helper.__module__.split(".")[0] == package
        ):
            found |= _names(helper, package, depth - 1, seen)
    return frozenset(found)


def _mentioned(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _mentioned(constant)


def arguments_of(view: Any) -> list[dict[str, Any]]:
    """The argument declarations of a view, as ``Blueprint.arguments`` recorded them."""
    documented = getattr(view, "_apidoc", {}).get("arguments", {})
    return [entry for entry in documented.get("parameters", []) if isinstance(entry, dict)]


def takes_files(view: Any) -> bool:
    """Whether the view reads uploaded files."""
    return any(entry["in"] == "files" for entry in arguments_of(view))


def query_names(view: Any) -> frozenset[str]:
    """The query parameters that a view knows."""
    names = {"lang"}
    if "page_args" in uses_of(view):
        names |= {"limit", "after"}
    for entry in arguments_of(view):
        if entry["in"] in ("query", "querystring"):
            schema = entry["schema"]
            fields = (schema() if isinstance(schema, type) else schema).fields
            names |= {field.data_key or name for name, field in fields.items()}
    manual = getattr(view, "_apidoc", {}).get("manual_doc", {}).get("parameters", [])
    names |= {entry["name"] for entry in manual if isinstance(entry, dict) and entry.get("in") == "query"}
    return frozenset(names)


def _read_action(method: str, rule: str, arguments: set[str]) -> str | None:
    """Reading one resource is audited as ``case.read``, a part of it as ``case.clocks.read``."""
    if method != "GET" or not arguments or not rule.startswith("/api/"):
        return None
    parts = [part for part in rule.split("/") if part]
    first = next(i for i, part in enumerate(parts) if "<" in part)
    entity = parts[first].strip("<>").split(":")[-1].removesuffix("_id")
    below = [part for part in parts[first + 1 :] if "<" not in part]
    return ".".join([entity, *below, "read"])
