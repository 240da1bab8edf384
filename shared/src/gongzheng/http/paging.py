"""Cursor paging: a cursor is the key of the last item seen, opaque to the caller; pages are never counted."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gongzheng.errors import InvalidCursor
from gongzheng.http.problems import told

LIMIT_DEFAULT = 50
LIMIT_MAX = 100
CURSOR_CHARS_MAX = 512

Item = TypeVar("Item")
CursorKey = str | int | list[str | int]


@dataclass(frozen=True)
class Page:
    """What a list request asks for: at most ``limit`` items whose key lies after ``after``.

    Read ``limit + 1`` items and hand them to :func:`page_of`, which sees by the one too many that there is more.
    """

    limit: int = LIMIT_DEFAULT
    after: Any = None


def page_of(items: Sequence[Item], limit: int, key: Callable[[Item], CursorKey]) -> dict[str, Any]:
    """The page ``{"items": […], "next_cursor": …}`` of ``items``, of which there may be ``limit + 1``."""
    shown = list(items[:limit])
    more = len(items) > limit
    return {"items": shown, "next_cursor": encode_cursor(key(shown[-1])) if more and shown else None}


def encode_cursor(key: CursorKey) -> str:
    """A key as opaque URL-safe text."""
    text = json.dumps(key, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> CursorKey:
    """The key in a cursor.

    Raises:
        InvalidCursor: when the text is not one that :func:`encode_cursor` made.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True), parse_float=_refuse)
    except (ValueError, binascii.Error, RecursionError):
        raise unknown_cursor() from None
    parts = key if isinstance(key, list) else [key]
    if len(cursor) > CURSOR_CHARS_MAX or not parts or not all(_storable(part) for part in parts):
        raise unknown_cursor()
    return key


def unknown_cursor() -> InvalidCursor:
    """The refusal of a cursor that this list did not give out."""
    zh, en = "请使用上一页的 next_cursor。", "Take next_cursor from the page before."
    return told(InvalidCursor(), zh, en)


def _storable(part: object) -> bool:
    if isinstance(part, str):
        return "\0" not in part and part.isprintable()
    return isinstance(part, int) and not isinstance(part, bool) and abs(part) < 2**63


def _refuse(text: str) -> float:
    raise ValueError(text)
