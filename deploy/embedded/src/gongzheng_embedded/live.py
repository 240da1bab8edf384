"""What happens, as it happens: the four outboxes and the story's own steps, as one numbered list that pages follow."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gongzheng.db.mechanism import Mechanism
from gongzheng.ids import new_id

ITEMS_MAX = 2_000  # a page shows far fewer; older ones stay in the services' own logs
BATCH = 500
POLL_S = 0.2  # a person does not see the difference to at once
KEEPALIVE_S = 15.0  # proxies and browsers drop a silent stream sooner or later

Item = dict[str, Any]
EventSink = Callable[[str, dict[str, Any]], None]


class Live:
    """A bounded, numbered list of items that many readers follow at their own pace."""

    def __init__(self, items_max: int = ITEMS_MAX) -> None:
        self._items: deque[Item] = deque(maxlen=items_max)
        self.boot = new_id()
        self._next = 1
        self._changed = threading.Condition()
        self._closed = False

    def add(self, kind: str, **facts: Any) -> None:
        """Append an item and wake the readers."""
        with self._changed:
            self._items.append({"n": self._next, "kind": kind, **facts})
            self._next += 1
            self._changed.notify_all()

    def after(self, n: int, *, timeout_s: float) -> list[Item]:
        """The items numbered above ``n``; waits for one at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._next > n + 1 or self._closed, timeout_s)
            return [item for item in self._items if item["n"] > n]

    def close(self) -> None:
        """Let every reader end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the suite is going down."""
        return self._closed


def server_sent(live: Live, last_id: str) -> Iterator[str]:
    """The items as server-sent events, from the one after ``last_id``, so that a reader that returns misses nothing.

    An id names the process as well: numbers begin anew with it, and a page of an earlier one must begin anew too.
    """
    boot, _, number = last_id.partition(".")
    after = int(number) if boot == live.boot and number.isascii() and number.isdigit() else 0
    yield f'retry: 1000\nevent: hello\ndata: {{"boot": "{live.boot}"}}\n\n'
    while not live.closed:
        items = live.after(after, timeout_s=KEEPALIVE_S)
        if not items:
            yield ": still here\n\n"
        for item in items:
            after = item["n"]
            yield f"id: {live.boot}.{after}\nevent: {item['kind']}\ndata: {json.dumps(item, ensure_ascii=False)}\n\n"


class OutboxFollower(threading.Thread):
    """Reads the events that the four services recorded, in the order they were recorded, and hands them to ``sink``.

    It reads the outboxes and not the bus: what is shown here is what the services themselves keep as their log.
    """

    def __init__(self, mechanisms: Mapping[str, Mechanism], sink: EventSink) -> None:
        super().__init__(name="outbox-follower", daemon=True)
        self._mechanisms = mechanisms
        self._sink = sink
        self._last = dict.fromkeys(mechanisms, 0)
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Follow until asked to stop."""
        while not self._stop_asked.wait(POLL_S):
            self.follow_once()

    def follow_once(self) -> int:
        """Hand on what is new; returns how many events that were."""
        rows = sorted(row for service in self._mechanisms for row in self._new(service))
        for _, service, _, body in rows:
            self._sink(service, json.loads(body))
        return len(rows)

    def stop(self) -> None:
        """End the thread."""
        self._stop_asked.set()
        if self.is_alive():
            self.join()

    def _new(self, service: str) -> Iterable[tuple[str, str, int, str]]:
        mechanism = self._mechanisms[service]
        mechanism.ensure_connected()
        rows = mechanism.execute(
            "SELECT recorded_at, id, body FROM outbox WHERE id > ? ORDER BY id LIMIT ?", (self._last[service], BATCH)
        ).fetchall()
        for recorded_at, row_id, body in rows:
            self._last[service] = row_id
            yield recorded_at, service, row_id, body
