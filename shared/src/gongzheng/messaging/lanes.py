"""Parked lanes: retried when due, redriven in order, shown to an operator; what he decides is in ``skips``."""

import structlog

from gongzheng.db.mechanism import iso
from gongzheng.db.unit_of_work import SYSTEM, UnitOfWork
from gongzheng.messaging import inbox, parked
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.failures import is_outage
from gongzheng.messaging.inbox import QUARANTINE, Lane, next_attempt
from gongzheng.messaging.parked import NoSuchLane, ParkedEvent, ParkedLane
from gongzheng.messaging.reading import Arrival, Delivery

log = structlog.get_logger()

_LANES_PER_ROUND_MAX = 100
_EVENTS_PER_ROUND_MAX = 200


class NoLongerBelieved(ValueError):
    """An event that was accepted once and would be quarantined today, for instance because a key was withdrawn."""


class Lanes:
    """What waits in one consumer's database."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer = consumer
        self._mechanism, self._inbox = consumer.mechanism, consumer.inbox
        self._transaction = () if consumer.mechanism.postgresql else ("IMMEDIATE",)

    def overview(self, limit: int = 100) -> list[ParkedLane]:
        """The lanes that wait, those that wait longest first."""
        self._mechanism.ensure_connected()
        return parked.overview(self._mechanism, limit)

    def show(self, lane: str, limit: int = 100) -> list[ParkedEvent]:
        """The events that wait in a lane, in order.

        Raises:
            NoSuchLane: when there are none.
        """
        self._mechanism.ensure_connected()
        found = parked.waiting(self._mechanism, lane, limit)
        if not found:
            raise NoSuchLane(lane)
        return found

    def retry_due(self) -> int:
        """Try every lane whose time has come; returns how many events took effect.

        Safe in several processes at once: a lane is locked, and looked at again, before it is touched.
        """
        self._mechanism.ensure_connected()
        now = iso(self._mechanism.clock.now())
        due = self._mechanism.execute(
            "SELECT DISTINCT lane FROM parked WHERE next_attempt_at IS NOT NULL AND next_attempt_at <= ? LIMIT ?",
            (now, _LANES_PER_ROUND_MAX),
        ).fetchall()
        return sum(self._retry(name, due_by=now) for (name,) in due)

    def retry(self, lane: str) -> int:
        """Try a lane now, whatever its schedule says; returns how many events took effect.

        Raises:
            NoSuchLane: when nothing waits there.
        """
        self.show(lane, 1)
        return self._retry(lane, due_by=None)

    def _retry(self, lane: str, due_by: str | None) -> int:
        if lane.startswith(QUARANTINE):
            return self._read_again(lane)
        fetched, trouble = self._fetch_missing(lane)
        done = more = self._redrive(lane, None if fetched else due_by, trouble)
        while more == _EVENTS_PER_ROUND_MAX:
            more = self._redrive(lane, None, None)
            done += more
        return done

    def _read_again(self, lane: str) -> int:
        """Quarantined bytes: perhaps the key that signed them is known by now."""
        with self._mechanism.database.atomic(*self._transaction):
            waiting = parked.waiting(self._mechanism, lane, 1)
            if not waiting:
                return 0
            head = waiting[0]
            if head.reason in (inbox.ORIGIN, inbox.CONFLICT):
                return 0  # reading it again would not see where it came from, or what it conflicts with
            if not isinstance(self.consumer.reader.read(Delivery(head.body)), Arrival):
                self._postpone(lane, head, head.reason, head.error, head.attempts + 1)
                return 0
            self._mechanism.execute("DELETE FROM parked WHERE lane = ?", (lane,))
            # Inside this transaction: the bytes leave quarantine and enter their own lane together.
            self.consumer.process([Delivery(head.body)])
        return 1

    def _fetch_missing(self, lane: str) -> tuple[bool, str | None]:
        """Ask the producer's feed for what a lane lacks: whether something came, and what went wrong."""
        waiting = parked.waiting(self._mechanism, lane, 1)
        last = self._last(lane)
        if not waiting or waiting[0].sequence <= last + 1:
            return False, None
        read = self.consumer.reader.read(Delivery(waiting[0].body))
        if not isinstance(read, Arrival):
            return False, read.reason
        envelope = read.envelope
        feed = self.consumer.feeds.get(envelope.service)
        if feed is None:
            return False, f"no feed of {envelope.service} is known"
        try:
            bodies = feed(envelope.stream, envelope.subject, last)
        except Exception as error:  # noqa: BLE001 a feed is another service behind a network: anything can come of it
            log.warning("feed_failed", producer=envelope.service, error=self.consumer.describe(error))
            return False, f"feed: {self.consumer.describe(error)}"
        self.consumer.process([Delivery(body, origin=envelope.service) for body in bodies])
        return bool(bodies), None

    def _last(self, lane: str) -> int:
        row = self._mechanism.execute("SELECT last_sequence FROM lane WHERE lane = ?", (lane,)).fetchone()
        return int(row[0]) if row else 0

    def _redrive(self, lane: str, due_by: str | None, trouble: str | None) -> int:
        """Let what waits take effect, in order, until something is missing or fails; one transaction."""
        with self._mechanism.database.atomic(*self._transaction):
            state = self._inbox.lock([lane])[lane]
            if due_by is not None and not self._is_due(lane, due_by):
                return 0  # another process was faster
            done = 0
            for event in parked.waiting(self._mechanism, lane, _EVENTS_PER_ROUND_MAX):
                if event.sequence > state.last:
                    if not self._step(state, event, trouble):
                        break
                    done += 1
                self._mechanism.execute("DELETE FROM parked WHERE lane = ? AND sequence = ?", (lane, event.sequence))
            else:
                # The next round finds it due, also after a crash in between.
                self._inbox.hasten([state], across_gaps=True)
            self._inbox.save([state])
            self._inbox.count([lane])
        self._mechanism.wakeup.set()
        return done

    def _is_due(self, lane: str, due_by: str) -> bool:
        sql = "SELECT 1 FROM parked WHERE lane = ? AND next_attempt_at <= ? LIMIT 1"
        return self._mechanism.execute(sql, (lane, due_by)).fetchone() is not None

    def _step(self, state: Lane, event: ParkedEvent, trouble: str | None) -> bool:
        """One waiting event; when it cannot take effect now, it becomes the lane's head with a time of its own."""
        if event.sequence > state.last + 1:
            self._postpone(state.name, event, inbox.GAP, trouble, event.attempts + 1)
            return False
        try:
            with self.consumer.uow_factory(SYSTEM) as uow:
                self._take(uow, event)
        except Exception as error:
            if is_outage(error):
                raise
            text = self.consumer.describe(error)
            self._postpone(state.name, event, inbox.FAILED, text, event.attempts + 1)
            return False
        state.last = event.sequence
        return True

    def _take(self, uow: UnitOfWork, event: ParkedEvent) -> None:
        read = self.consumer.reader.read(Delivery(event.body))
        if not isinstance(read, Arrival):
            raise NoLongerBelieved(read.reason)
        if read.unfit is not None:
            raise read.unfit
        if self._inbox.record([read.envelope]):
            self.consumer.handle(uow, read.envelope)

    def _postpone(self, lane: str, event: ParkedEvent, reason: str, error: str | None, attempts: int) -> None:
        when = next_attempt(self._mechanism.clock.now(), attempts)
        if when is None and not lane.startswith(QUARANTINE):
            log.error("lane_exhausted", lane=lane, event_id=event.event_id, attempts=attempts)
            reason = inbox.EXHAUSTED
        # Whoever waits behind carries no time of its own: the head decides for the lane.
        self._mechanism.execute("UPDATE parked SET next_attempt_at = NULL WHERE lane = ?", (lane,))
        self._mechanism.execute(
            "UPDATE parked SET reason = ?, error = ?, attempts = ?, next_attempt_at = ?"
            " WHERE lane = ? AND sequence = ?",
            (reason, error, attempts, when, lane, event.sequence),
        )

    def hold(self, lane: str) -> None:
        """Keep others from moving a lane until the open transaction ends; quarantined bytes belong to none."""
        if not lane.startswith(QUARANTINE):
            self._inbox.lock([lane])

    def pass_over(self, lane: str, reason: str) -> bool:
        """Let a lane go on without its first waiting event, or without those it lacks; whether some were lacking.

        Inside the caller's transaction, which holds the lane from here on. The event stays in the table, marked as
        skipped with the reason. What may go on becomes due at once.

        Raises:
            NoSuchLane: when nothing waits there.
        """
        state = None if lane.startswith(QUARANTINE) else self._inbox.lock([lane])[lane]
        waiting = parked.waiting(self._mechanism, lane, 1)
        if not waiting:
            raise NoSuchLane(lane)
        head = waiting[0]
        missing = state is not None and head.sequence > state.last + 1
        if not missing:
            self._mechanism.execute(
                "UPDATE parked SET reason = 'skipped', error = ?, next_attempt_at = NULL"
                " WHERE lane = ? AND sequence = ?",
                (reason, lane, head.sequence),
            )
        if state is not None:
            state.last = head.sequence - 1 if missing else head.sequence
            self._inbox.save([state])
            self._inbox.hasten([state], across_gaps=True)
            self._inbox.count([lane])
        return missing
