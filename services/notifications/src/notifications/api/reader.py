"""The feed as one reader may see it."""

from dataclasses import replace
from typing import Any

from gongzheng.db.unit_of_work import Actor
from gongzheng.messaging.envelope import Envelope
from notifications.adapters.log import LoggedEvent, read_log
from notifications.domain.redaction import Grant, matches, show
from notifications.handlers.deliver_event import body_for

SCANNED_MAX = 1000
_BATCH = 200
_SEES_EVERYTHING = frozenset({"auditor", "system.feed"})


class Reader:
    """Reads the log for one actor.

    A subscriber sees what its own subscriptions were granted. Auditors and the suite's own services see everything.
    """

    def __init__(self, uow: Any, actor: Actor, types: str) -> None:
        self._uow, self._types = uow, types
        self._unrestricted = bool(_SEES_EVERYTHING & actor.roles)
        own = [s for s in uow.subscriptions.receiving() if s.owner == actor.subject]
        self._grants: list[Grant] = [grant for subscription in own for grant in subscription.grants]

    def read(self, after: int, *, limit: int) -> tuple[list[LoggedEvent], int]:
        """At most ``limit`` events after a position, and the position up to which the log was looked through.

        At most :data:`SCANNED_MAX` events are looked at, so a narrow filter costs bounded time; the position still
        goes on.
        """
        self._uow.look()
        found: list[LoggedEvent] = []
        position, scanned = after, 0
        while scanned < SCANNED_MAX:
            batch = read_log(position, limit=_BATCH)
            for logged in batch:
                position = logged.position
                event = self._shown(logged)
                if event is not None:
                    found.append(event)
                    if len(found) == limit:
                        return found, position
            scanned += len(batch)
            if len(batch) < _BATCH:
                break
        return found, position

    def _shown(self, logged: LoggedEvent) -> LoggedEvent | None:
        if not matches(self._types, logged.type):
            return None
        if self._unrestricted:
            return logged
        event = Envelope.parse(logged.body)
        rules = self._uow.confidential(event.type)
        shown = show(event.type, event.dataclass_, event.data, rules=rules, grants=self._grants)
        return None if shown is None else replace(logged, body=body_for(event, shown))
