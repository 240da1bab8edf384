"""Every error as an RFC 9457 problem: stable type, title in the caller's language, the law when a rule refused."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import structlog
from flask import Response, current_app, g, has_request_context
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from gongzheng.errors import TooManyRequests
from gongzheng.legaltime.citation import expand
from gongzheng.ui.texts import language, translate_message

PROBLEM_TYPE = "urn:gongzheng:problem:"
CONTENT_TYPE = "application/problem+json"
REFUSALS = "gongzheng_refusals"
RETRY_AFTER_S = 5

View = TypeVar("View", bound=Callable[..., Any])
Error = TypeVar("Error", bound=Exception)
_log = structlog.get_logger(__name__)

# What HTTP itself refuses: status → (code, title_zh, title_en).
HTTP_PROBLEMS: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "请求无法识别", "The request cannot be understood"),
    401: ("unauthorized", "未经认证", "Not authenticated"),
    403: ("forbidden", "无权办理", "Not allowed"),
    404: ("not-found", "未找到", "Not found"),
    405: ("method-not-allowed", "不支持此方法", "Method not allowed"),
    406: ("not-acceptable", "无法提供所要求的格式", "The format asked for is not offered"),
    408: ("request-timeout", "请求超时", "The request took too long"),
    409: ("conflict", "冲突", "Conflict"),
    411: ("length-required", "须注明长度", "Content-Length is required"),
    412: ("precondition-failed", "版本已变化", "The version has changed"),
    413: ("content-too-large", "内容过大", "The content is too large"),
    414: ("uri-too-long", "地址过长", "The address is too long"),
    415: ("unsupported-media-type", "不支持此内容类型", "The content type is not supported"),
    416: ("range-not-satisfiable", "范围无效", "The range cannot be served"),
    422: ("invalid", "内容不符合要求", "The content does not meet the requirements"),
    428: ("precondition-required", "须注明版本", "If-Match is required"),
    429: ("too-many-requests", "请求过于频繁", "Too many requests"),
    431: ("headers-too-large", "请求头过大", "The headers are too large"),
    500: ("internal-error", "系统内部错误", "Internal error"),
    503: ("temporarily-unavailable", "暂时无法办理", "Temporarily unavailable"),
}


def told(error: Error, zh: str, en: str) -> Error:
    """An error with its detail in both languages; the caller reads one of them."""
    error.detail_zh, error.detail_en = zh, en  # type: ignore[attr-defined] # read by refused() below
    return error


def refuses(*refusals: type[Exception]) -> Callable[[View], View]:
    """Name the refusals that an operation may answer with, for its documentation."""

    def mark(view: View) -> View:
        setattr(view, REFUSALS, (*getattr(view, REFUSALS, ()), *refusals))
        return view

    return mark


def refusals_of(view: object) -> tuple[type[Exception], ...]:
    """The refusals named on a view."""
    found: tuple[type[Exception], ...] = getattr(view, REFUSALS, ())
    return found


def tree(*roots: type[Exception]) -> Iterator[type[Exception]]:
    """Each class of the given trees that has its own code, once."""
    seen: set[str] = set()
    pending = list(roots)
    while pending:
        kind = pending.pop(0)
        pending.extend(sorted(kind.__subclasses__(), key=lambda k: k.__name__))
        code = vars(kind).get("code")
        if isinstance(code, str) and code not in seen:
            seen.add(code)
            yield kind


def problem_response(
    *,
    status: int,
    code: str,
    title: str,
    detail: str = "",
    law: tuple[str, ...] = (),
    errors: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as the response of the current request."""
    body: dict[str, Any] = {"type": PROBLEM_TYPE + code, "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    if has_request_context() and (request_id := g.get("gongzheng_request_id")):
        body["instance"] = f"urn:gongzheng:request:{request_id}"
    if law:
        body["law"] = [expand(reference) for reference in law]
    if errors:
        body["errors"] = errors
    if has_request_context():
        g.gongzheng_problem = code
    response = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=CONTENT_TYPE)
    response.headers.extend(dict(headers or {}))
    response.headers["Content-Language"] = "zh-CN" if language() == "zh" else "en"
    response.headers["Vary"] = "Accept-Language"
    return response


def refused(error: Exception) -> Response:
    """The answer to a refusal: any exception with the attributes that ``gongzheng.errors`` describes."""
    known: Any = error
    if known.status >= 500:  # noqa: PLR2004 ours, not the caller's: somebody must look at it
        _log.error("service_failed", code=known.code, error=type(error).__name__, exc_info=error)
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    zh = language() == "zh"
    return problem_response(
        status=known.status,
        code=known.code,
        title=known.title_zh if zh else known.title_en,
        detail=str(getattr(error, "detail_zh" if zh else "detail_en", "") or getattr(error, "detail", "")),
        law=tuple(getattr(error, "law", ())),
        errors={name: [translate_message(m) for m in texts] for name, texts in getattr(error, "errors", {}).items()},
        headers=headers,
    )


def refused_by_http(error: HTTPException) -> Any:
    """The answer to whatever Werkzeug, Flask or webargs refused; headers such as ``Allow`` are kept."""
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 a redirect is no error
        return error
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    code, zh, en = HTTP_PROBLEMS.get(status, ("http-error", "请求未被接受", "The request was not accepted"))
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    headers |= data.get("headers") or {}
    errors = flatten(data.get("errors") or data.get("messages") or {})
    return problem_response(
        status=status,
        code=code,
        title=zh if language() == "zh" else en,
        detail=str(data.get("message", "")),
        errors={name: [translate_message(m) for m in texts] for name, texts in errors.items()},
        headers=headers,
    )


def failed(error: Exception) -> Response:
    """The answer to a malfunction: nothing of it leaves the house but the request id."""
    if isinstance(error, (OperationalError, InterfaceError)):
        _log.exception("database_unavailable", error=type(error).__name__)
        return _plain(503, {"Retry-After": str(RETRY_AFTER_S)})
    if current_app.testing:
        raise error
    _log.exception("request_failed", error=type(error).__name__)
    return _plain(500, {})


def _plain(status: int, headers: Mapping[str, str]) -> Response:
    code, zh, en = HTTP_PROBLEMS[status]
    return problem_response(status=status, code=code, title=zh if language() == "zh" else en, headers=headers)


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested validation messages as ``{"items.0.name": [...]}``; the request's part (json, query …) is left out."""
    if not prefix and isinstance(messages, Mapping) and set(messages) <= set(_LOCATIONS):
        merged: dict[str, list[str]] = {}
        for location, inner in messages.items():
            merged |= flatten(inner, "" if isinstance(inner, Mapping) else location)
        return merged
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in messages.items():
            where = prefix if name == "_schema" else f"{prefix}.{name}" if prefix else str(name)
            for place, texts in flatten(inner, where or "body").items():
                found.setdefault(place, []).extend(texts)
        return found
    if isinstance(messages, (list, tuple)):
        return {prefix or "body": [str(message) for message in messages]}
    return {prefix or "body": [str(messages)]}


_LOCATIONS = ("json", "query", "querystring", "form", "files", "headers", "json_or_form", "path", "view_args")
