"""What a view may ask of its request: who calls, the unit of work, the expected version, the page."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, g, request

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import Actor, UnitOfWork
from gongzheng.errors import PreconditionFailed, PreconditionRequired, Refusal
from gongzheng.http.paging import LIMIT_DEFAULT, LIMIT_MAX, Page, decode_cursor
from gongzheng.http.problems import told
from gongzheng.settings import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from gongzheng.http.operations import Operation
    from gongzheng.http.tokens import TokenVerifier

EXTENSION = "gongzheng"
PUBLIC = Actor(subject="public", name="public", roles=frozenset({"public"}))


@dataclass
class Frame:
    """What :func:`create_app` bound to one application."""

    service: str
    mechanism: Mechanism
    settings: HttpSettings
    uow_factory: "Callable[[Actor], UnitOfWork]"
    verifier: "TokenVerifier"
    refusals: tuple[type[Exception], ...]
    operations: "dict[tuple[str, str], Operation]" = field(default_factory=dict)


def frame() -> Frame:
    """The frame of the current application."""
    return cast("Frame", current_app.extensions[EXTENSION])


class MalformedParameter(Refusal):
    """A header or query parameter has not the form that the documentation gives."""

    code, status, title_zh, title_en = "malformed-parameter", 400, "参数格式不符", "A parameter is malformed"


class InvalidQuery(Refusal):
    """A query parameter is unknown or out of its range."""

    code, status, title_zh, title_en = "invalid", 422, "内容不符合要求", "The content does not meet the requirements"


def current_operation() -> "Operation | None":
    """The operation that answers the current request, or None where no route matched."""
    method = "GET" if request.method == "HEAD" else request.method
    return frame().operations.get((request.endpoint or "", method))


def current_actor() -> Actor:
    """Who calls: the bearer of the token, or the public."""
    return cast("Actor", g.get("gongzheng_actor", PUBLIC))


def current_request_id() -> str:
    """The id of this request, which the caller reads in X-Request-Id and in every problem."""
    return cast("str", g.gongzheng_request_id)


def unit_of_work() -> Any:
    """The service's unit of work for this request; the same object however often it is asked for."""
    if "gongzheng_uow" not in g:
        uow = frame().uow_factory(current_actor())
        uow.request_id = current_request_id()
        g.gongzheng_uow = uow
    return g.gongzheng_uow


def service_now() -> datetime:
    """The moment, by the service's own clock."""
    return frame().mechanism.clock.now()


def if_match() -> int:
    """The version that the caller saw last, from ``If-Match: "<version>"``.

    Raises:
        PreconditionRequired: 428, when the header is absent.
        PreconditionFailed: 412, for a tag that no version of ours can have.
        MalformedParameter: 400, when the header is no single entity tag.
    """
    _must_declare("if_match")
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise told(
            PreconditionRequired(),
            "请以 If-Match 注明您最近看到的 ETag。",
            "Send If-Match with the ETag of the last answer you saw.",
        )
    tag = header.removeprefix("W/")
    if len(tag) < 3 or tag[0] != '"' or tag[-1] != '"' or '"' in tag[1:-1]:  # noqa: PLR2004 two quotes and a digit
        error = MalformedParameter(errors={"If-Match": ["Invalid value."]})
        raise told(error, 'If-Match 只写一个实体标签，例如 "3"。', 'If-Match holds one entity tag, for example "3".')
    version = tag[1:-1]
    if header.startswith("W/") or not version.isascii() or not version.isdigit() or len(version) > 18:  # noqa: PLR2004 fits a bigint
        raise told(
            PreconditionFailed(),
            "请重新读取，并送回当前的 ETag。",
            "Read the resource again and send its current ETag.",
        )
    return int(version)


def with_etag(version: int) -> None:
    """Give the current answer ``ETag: "<version>"``."""
    g.gongzheng_etag = f'"{version}"'


def page_args() -> Page:
    """The page asked for by ``?limit=`` (1 to 100, default 50) and ``?after=``.

    Raises:
        InvalidQuery: 422, when the limit is no such number.
        InvalidCursor: 422, when the cursor was not given out by us.
    """
    _must_declare("page_args")
    text = request.args.get("limit", str(LIMIT_DEFAULT))
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= LIMIT_MAX:  # noqa: PLR2004 digits of 100
        message = f"Must be greater than or equal to 1 and less than or equal to {LIMIT_MAX}."
        raise InvalidQuery(errors={"limit": [message]})
    cursor = request.args.get("after")
    return Page(limit=int(text), after=None if cursor is None else decode_cursor(cursor))


def _must_declare(name: str) -> None:
    """The documentation of an operation is read off its view; a call it does not show would be undocumented."""
    operation = current_operation()
    if operation is not None and name not in operation.uses:
        raise RuntimeError(f"{operation.endpoint} calls {name}() where the documentation cannot see it; mark the view"
                           f" with @declares({name!r})")  # fmt: skip
