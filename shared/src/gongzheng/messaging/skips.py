"""Letting a lane go on without an event: one operator asks, another one confirms, and both stand in the audit trail.

The request names exactly what stood at the head of the lane. When anything else stands there by the time it is to be
confirmed, or :data:`REQUEST_HOURS` have passed, it is void, and has to be asked for again by whoever looked again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.db.unit_of_work import Actor
from gongzheng.messaging import parked
from gongzheng.messaging.lanes import Lanes
from gongzheng.messaging.parked import NoSuchLane

REQUEST_HOURS = 24
_COLUMNS = (
    "lane", "last_sequence", "sequence", "event_id", "reason", "requested_by", "requested_by_name", "requested_at",
)  # fmt: skip


class SkipRefused(ValueError):
    """A skip that may not be; the text is one sentence that says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class SkipRequest:
    """What one operator asked for: to go on without the event ``sequence``, or without what is missing before it.

    ``last_sequence`` is how far the lane had come; moments are ISO text in UTC.
    """

    lane: str
    last_sequence: int
    sequence: int
    event_id: str | None
    reason: str
    requested_by: str
    requested_by_name: str
    requested_at: str

    @property
    def expires_at(self) -> datetime:
        """From this moment on it can no longer be confirmed."""
        return datetime.fromisoformat(self.requested_at) + timedelta(hours=REQUEST_HOURS)


class Skips:
    """Requests to skip, in one consumer's database."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes, self._mechanism = lanes, lanes.consumer.mechanism
        self._uow_factory = lanes.consumer.uow_factory

    def pending(self) -> list[SkipRequest]:
        """What was asked for and can still be confirmed, the oldest first."""
        self._mechanism.ensure_connected()
        since = iso(self._mechanism.clock.now() - timedelta(hours=REQUEST_HOURS))
        rows = self._mechanism.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM skip_request WHERE requested_at > ? ORDER BY requested_at",  # noqa: S608 constants
            (since,),
        ).fetchall()
        return [SkipRequest(**dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def request(self, lane: str, reason: str, actor: Actor) -> SkipRequest:
        """Ask to let a lane go on without what stands at its head; nothing happens to the lane.

        Asking again replaces one's own request; that of somebody else stands until it is confirmed or void.

        Raises:
            NoSuchLane: when nothing waits there.
            SkipRefused: without a reason, or when somebody else has asked for the same already.
        """
        if not reason.strip():
            raise SkipRefused("a skip needs a reason")
        with self._uow_factory(actor) as uow:
            last, sequence, event_id = _head(self._mechanism, lane)
            earlier = self._find(lane)
            if earlier and earlier.requested_by != actor.subject and not self._void(earlier):
                raise SkipRefused(
                    f"{earlier.requested_by} has asked for this already: confirm it instead, if you agree with"
                    f" {earlier.reason!r}"
                )
            made = SkipRequest(
                lane=lane,
                last_sequence=last,
                sequence=sequence,
                event_id=event_id,
                reason=reason,
                requested_by=actor.subject,
                requested_by_name=actor.name,
                requested_at=iso(uow.now),
            )
            self._forget(lane)
            self._mechanism.execute(
                f"INSERT INTO skip_request ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 as above
                [getattr(made, name) for name in _COLUMNS],
            )
            uow.audit(
                "lane.skip_request", lane, sequence=sequence, event_id=event_id, last_sequence=last, reason=reason
            )
        return made

    def confirm(self, lane: str, actor: Actor) -> int:
        """Do what somebody else asked for; returns how many waiting events then took effect.

        Raises:
            NoSuchLane: when nothing waits there.
            SkipRefused: when nobody asked, the same person did, the request is too old, or the lane has moved.
        """
        with self._uow_factory(actor) as uow:
            request = self._confirmable(lane, actor)
            missing = self._lanes.pass_over(lane, request.reason)
            self._forget(lane)
            uow.audit(
                "lane.skip",
                lane,
                sequence=request.sequence,
                event_id=request.event_id,
                missing=missing,
                reason=request.reason,
                requested_by=request.requested_by,
                requested_at=request.requested_at,
            )
        try:
            return self._lanes.retry(lane)
        except NoSuchLane:
            return 0  # nothing waited behind it

    def _confirmable(self, lane: str, actor: Actor) -> SkipRequest:
        # Locked before it is looked at: between the look and the skip nothing may move.
        self._lanes.hold(lane)
        request = self._find(lane, lock=True)
        if request is None:
            raise SkipRefused("nobody has asked to skip anything in this lane: ask with `gongzheng lanes skip`")
        if request.requested_by == actor.subject:
            raise SkipRefused(f"{actor.subject} has asked for it: a skip takes two people, so another one must confirm")
        void = self._void(request)
        if void:
            raise SkipRefused(void)
        return request

    def _void(self, request: SkipRequest) -> str | None:
        """Why a request can no longer be confirmed; None when it can.

        Raises:
            NoSuchLane: when nothing waits in its lane any more.
        """
        if self._mechanism.clock.now() >= request.expires_at:
            return f"the request is older than {REQUEST_HOURS} hours and void: ask again"
        if _head(self._mechanism, request.lane) != (request.last_sequence, request.sequence, request.event_id):
            return "the lane has moved since it was asked for, so the request is void: look again and ask again"
        return None

    def _find(self, lane: str, *, lock: bool = False) -> SkipRequest | None:
        sql = f"SELECT {', '.join(_COLUMNS)} FROM skip_request WHERE lane = ?"  # noqa: S608 constants
        if lock and self._mechanism.postgresql:
            sql += " FOR UPDATE"
        row = self._mechanism.execute(sql, (lane,)).fetchone()
        return SkipRequest(**dict(zip(_COLUMNS, row, strict=True))) if row else None

    def _forget(self, lane: str) -> None:
        self._mechanism.execute("DELETE FROM skip_request WHERE lane = ?", (lane,))


def _head(mechanism: Mechanism, lane: str) -> tuple[int, int, str | None]:
    """How far a lane has come, and the number and id of what waits first."""
    waiting = parked.waiting(mechanism, lane, 1)
    if not waiting:
        raise NoSuchLane(lane)
    row = mechanism.execute("SELECT last_sequence FROM lane WHERE lane = ?", (lane,)).fetchone()
    return int(row[0]) if row else 0, waiting[0].sequence, waiting[0].event_id
