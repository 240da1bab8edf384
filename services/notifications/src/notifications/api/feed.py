"""The feed of everything received, by cursor and as server-sent events."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, current_app, request
from flask.views import MethodView

from gongzheng.errors import InvalidCursor
from gongzheng.http import Blueprint, current_actor, page_args, refuses, requires, unit_of_work
from gongzheng.http.paging import encode_cursor
from notifications.adapters.log import last_position
from notifications.api.reader import Reader
from notifications.api.schemas import ReceivedPage, ReceivedQuery
from notifications.domain.errors import InvalidPosition, TooManyStreams

READS = ("notifications.subscriber", "notifications.operator", "auditor", "system.feed")
HEARTBEAT_S = 15.0
LOOK_EVERY_S = 1.0
STREAMS = "notifications-streams"
_POSITION_DIGITS_MAX = 18

feed = Blueprint("feed", __name__, url_prefix="/feed", description="All events received, in commit order.")


@feed.route("")
class Feed(MethodView):
    """The log by cursor."""

    @requires(*READS)
    @refuses(InvalidCursor)
    @feed.arguments(ReceivedQuery, location="query")
    @feed.response(200, ReceivedPage)
    def get(self, query: dict[str, str]) -> Any:
        """Read events, oldest first; what is confidential is left out unless granted to the caller.

        The cursor stays good for ever: give the last one again later and read what came since.
        """
        page = page_args()
        after = _after(page.after)
        reader = Reader(unit_of_work().look(), current_actor(), query.get("type", "*"))
        events, position = reader.read(after, limit=page.limit)
        return {
            "items": [json.loads(event.body) for event in events],
            "next_cursor": encode_cursor(position) if position else None,
        }


@feed.route("/stream")
class Stream(MethodView):
    """The log as it grows."""

    @requires(*READS)
    @refuses(TooManyStreams, InvalidPosition)
    @feed.arguments(ReceivedQuery, location="query")
    @feed.response(200, description="Server-sent events; id is the position to go on from.",
                   content_type="text/event-stream")  # fmt: skip
    @feed.doc(parameters=[{"in": "header", "name": "Last-Event-ID", "schema": {"type": "string", "pattern": "^[0-9]+$"},
                           "description": "Go on after this event; without it from now on."}])  # fmt: skip
    def get(self, query: dict[str, str]) -> Any:
        """Follow events as they are committed; after a while the stream ends, and the reader comes back for more."""
        streams: Streams = current_app.extensions[STREAMS]
        uow = unit_of_work().look()
        reader = Reader(uow, current_actor(), query.get("type", "*"))
        start = _last_event_id()
        after = last_position() if start is None else start
        leave = streams.enter()
        response = Response(streams.events(reader, after), mimetype="text/event-stream")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"  # a proxy in front must pass each event on at once
        response.call_on_close(leave)
        return response


class Streams:
    """How many streams this process holds open, and how long each may last."""

    def __init__(self, bell: Any, *, streams_max: int, stream_s_max: float) -> None:
        self._places = threading.BoundedSemaphore(streams_max)
        self._bell, self._stream_s_max = bell, stream_s_max

    def enter(self) -> Callable[[], None]:
        """Take a place; what is returned gives it back, once, however often it is called.

        Raises:
            TooManyStreams: when none is free.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyStreams("Read /api/v1/feed instead, or come back in a moment; 请改用游标读取或稍后再试。")
        held = [self._places]

        def leave() -> None:
            if held:
                held.pop().release()

        return leave

    def events(self, reader: Reader, after: int) -> Iterator[bytes]:
        """The events after a position, as they are committed, until the time is over."""
        began = time.monotonic()
        # The comment sends the headers on their way; retry tells a browser when to come back.
        yield b"retry: 2000\n: listening\n\n"
        spoken = began
        while (now := time.monotonic()) - began < self._stream_s_max:
            seen = self._bell.rings
            events, position = reader.read(after, limit=100)
            for event in events:
                yield f"id: {event.position}\nevent: {event.type}\ndata: {event.body}\n\n".encode()
                spoken = now
            if position > after:
                after = position
                continue
            if now - spoken >= HEARTBEAT_S:
                yield b": still here\n\n"
                spoken = now
            self._bell.wait(seen, LOOK_EVERY_S)


def _after(cursor: Any) -> int:
    if cursor is None:
        return 0
    if not isinstance(cursor, int) or cursor < 0:
        raise InvalidCursor("Take next_cursor from the page before.")
    return cursor


def _last_event_id() -> int | None:
    text = request.headers.get("Last-Event-ID")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _POSITION_DIGITS_MAX:
        raise InvalidPosition("Send the id of the last event that you saw; 请提供最后收到的事件编号。")
    return int(text)
