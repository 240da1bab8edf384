"""The event feed of a service: its persisted log over HTTP, for consumers that fill gaps and for outside systems."""

import json
from typing import Any

from marshmallow import fields, validate

from gongzheng.http.access import requires
from gongzheng.http.blueprint import Blueprint
from gongzheng.http.context import current_actor, frame, page_args
from gongzheng.http.paging import encode_cursor, unknown_cursor
from gongzheng.http.schemas import Query, Schema

FEED_ROLES = ("system.feed", "auditor", "notifications.subscriber")
_OUTSIDE = ("public", "internal")


class FeedQuery(Query):
    """Which part of the log."""

    stream = fields.String(validate=validate.Regexp(r"^[a-z_]{1,40}$"))
    subject = fields.String(validate=validate.Regexp(r"^[A-Za-z0-9._:-]{1,80}$"))
    from_sequence = fields.Integer(validate=validate.Range(min=1, max=10**10 - 1))


class FeedPage(Schema):
    """Events in the order of the log."""

    items = fields.List(fields.Dict(keys=fields.String()), required=True)
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Give it as ?after= for what comes next, also later; null while the log is empty."},
    )


def feed_blueprint() -> Blueprint:
    """The route ``/api/v1/events``."""
    blueprint = Blueprint("events", __name__, url_prefix="/events", description="The service's persisted event log.")

    @blueprint.route("")
    @requires(*FEED_ROLES)
    @blueprint.arguments(FeedQuery, location="query")
    @blueprint.response(200, FeedPage)
    def events(asked: dict[str, Any]) -> dict[str, Any]:
        """The service's events, oldest first.

        Without stream and subject: the whole log by its commit-ordered position. With both: one aggregate by
        sequence, which includes what was committed but not yet given a position.
        """
        page = page_args()
        if "stream" in asked and "subject" in asked:
            return _of_aggregate(asked, page.limit, page.after)
        return _of_log(asked.get("stream"), page.limit, page.after)

    return blueprint


def _hidden() -> str:
    """Subscribers outside the suite do not see confidential events; the suite's own services and auditors do."""
    trusted = {"system.feed", "auditor"} & current_actor().roles
    return "" if trusted else f" AND dataclass IN ({', '.join(repr(kind) for kind in _OUTSIDE)})"


def _of_log(stream: str | None, limit: int, after: Any) -> dict[str, Any]:
    position = _position(after)
    narrowed, params = (" AND stream = ?", [stream]) if stream else ("", [])
    rows = _rows(
        "SELECT position, body FROM outbox WHERE position > ?"  # noqa: S608 only constants are joined in
        f"{narrowed}{_hidden()} ORDER BY position LIMIT ?",
        [position, *params, limit],
    )
    return _page(rows, after=position)


def _of_aggregate(asked: dict[str, Any], limit: int, after: Any) -> dict[str, Any]:
    first = max(asked.get("from_sequence", 1), _position(after) + 1)
    rows = _rows(
        "SELECT sequence, body FROM outbox WHERE stream = ? AND subject = ? AND sequence >= ?"  # noqa: S608 as above
        f"{_hidden()} ORDER BY sequence LIMIT ?",
        [asked["stream"], asked["subject"], first, limit],
    )
    return _page(rows, after=first - 1)


def _rows(sql: str, params: list[Any]) -> list[tuple[int, str]]:
    mechanism = frame().mechanism
    mechanism.ensure_connected()
    return [(int(row[0]), str(row[1])) for row in mechanism.execute(sql, params).fetchall()]


def _page(rows: list[tuple[int, str]], *, after: int) -> dict[str, Any]:
    last = rows[-1][0] if rows else after
    return {"items": [json.loads(body) for _, body in rows], "next_cursor": encode_cursor(last) if last else None}


def _position(after: Any) -> int:
    if after is None:
        return 0
    if not isinstance(after, int) or after < 0:
        raise unknown_cursor()
    return after
