"""The consumer: lets each event take effect exactly once and in order, whatever the transport delivers.

Knows nothing of the transport. A whole batch is one transaction; when that fails, each event gets a savepoint of its
own, so that one event that cannot be handled parks its own lane and no other.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import structlog

from gongzheng.contracts import ContractViolation
from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.db.unit_of_work import SYSTEM, Actor, UnitOfWork
from gongzheng.messaging import inbox, metrics
from gongzheng.messaging.envelope import Envelope, Trust
from gongzheng.messaging.failures import describe, is_outage
from gongzheng.messaging.inbox import Inbox, Lane, Parked, next_attempt
from gongzheng.messaging.reading import EVERY_TYPE, Arrival, Delivery, Reader

__all__ = ["EVERY_TYPE", "Consumer", "Delivery", "Feed", "Handler", "UnitOfWorkFactory"]

log = structlog.get_logger()

Handler = Callable[[Any, Envelope], None]
Feed = Callable[[str, str, int], list[str]]
"""A producer's feed: (stream, subject, after sequence) → the bodies of the following events, in order."""


class UnitOfWorkFactory(Protocol):
    """Makes the consuming service's unit of work."""

    def __call__(self, actor: Actor, /) -> UnitOfWork:
        """A unit of work that is not open yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    handled: int = 0
    duplicate: int = 0
    parked: int = 0
    unblocked: bool = False


class Consumer:
    """Applies events to one service.

    ``handlers`` maps event types to functions of (unit of work, envelope); a type without a handler advances its lane
    silently. ``feeds`` maps producers to their feeds, for events that went missing. Without ``trust`` signatures are
    not looked at.
    """

    def __init__(
        self,
        mechanism: Mechanism,
        uow_factory: UnitOfWorkFactory,
        handlers: Mapping[str, Handler],
        feeds: Mapping[str, Feed] | None = None,
        *,
        trust: Trust | None = None,
        error_texts: bool = False,
    ) -> None:
        self.mechanism, self.uow_factory, self.feeds = mechanism, uow_factory, dict(feeds or {})
        self.inbox = Inbox(mechanism)
        self.reader = Reader(mechanism, trust, every_type=EVERY_TYPE in handlers)
        self._handlers, self._error_texts = dict(handlers), error_texts
        self._transaction = () if mechanism.postgresql else ("IMMEDIATE",)
        # Set when something that waits can go on at once: whoever retries lanes need not sleep on.
        self.ready = threading.Event()

    def process(self, deliveries: Sequence[Delivery]) -> None:
        """Let a batch take effect and commit it; on return every delivery is durable and may be acknowledged.

        Raises:
            Exception: only in an outage (see ``failures.is_outage``); nothing was committed, try the same again.
        """
        self.mechanism.ensure_connected()
        arrivals, quarantined = self.reader.read_all(deliveries)
        if not any(a.unfit for a in arrivals) and self._together(arrivals, quarantined):
            return
        self._one_by_one(arrivals, quarantined)

    def _together(self, arrivals: list[Arrival], quarantined: list[Parked]) -> bool:
        try:
            with self.uow_factory(SYSTEM) as uow:
                if quarantined:
                    self.inbox.park(quarantined)
                if arrivals:
                    outcome = self._apply(uow, arrivals, self._lanes_of(arrivals))
        except Exception as error:
            if is_outage(error):
                raise
            log.info("consumer_batch_split", service=self.mechanism.service, error=describe(error))
            return False
        if arrivals:
            self._tell(arrivals, outcome)
        return True

    def _lanes_of(self, arrivals: list[Arrival]) -> dict[str, Lane]:
        """The lanes as they are now; locked unless every event simply follows in a lane where nothing waits.

        In that case nobody else works on the lane, as a rule, and if somebody did, saving it tells. But where something
        waits, it may be redriven this very moment, and what is parked on the ground of an old count would be forgotten.
        """
        names = {arrival.envelope.lane for arrival in arrivals}
        lanes = self.inbox.read(names, lock=False)
        last = {name: lane.last for name, lane in lanes.items()}
        for arrival in arrivals:
            lane, sequence = arrival.envelope.lane, arrival.envelope.sequence
            if lanes[lane].parked or sequence > last[lane] + 1:
                return self.inbox.lock(names)
            last[lane] = max(last[lane], sequence)
        return lanes

    def _one_by_one(self, arrivals: list[Arrival], quarantined: list[Parked]) -> None:
        with self.mechanism.database.atomic(*self._transaction):
            if quarantined:
                self.inbox.park(quarantined)
            # All lanes first and in order; what changed since is read again below.
            self.inbox.lock({a.envelope.lane for a in arrivals})
            outcomes = [self._alone(arrival) for arrival in arrivals]
        # The inner units of work spoke before anything was committed.
        self.mechanism.wakeup.set()
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            self._tell([arrival], outcome)

    def _alone(self, arrival: Arrival) -> _Outcome:
        try:
            with self.uow_factory(SYSTEM) as uow:
                return self._apply(uow, [arrival], self.inbox.lock([arrival.envelope.lane]))
        except Exception as error:
            if is_outage(error):
                raise
            self.park_failed(arrival.envelope, arrival.body, error)
            return _Outcome(parked=1)

    def _apply(self, uow: UnitOfWork, arrivals: Sequence[Arrival], lanes: dict[str, Lane]) -> _Outcome:
        taken, early, others = self._sort(arrivals, lanes)
        fresh: set[str] = set()
        blocked: list[Lane] = []
        if taken:
            fresh = self.inbox.record(taken)
            for envelope in taken:
                if envelope.id in fresh:
                    self.handle(uow, envelope)
            advanced = [lanes[name] for name in dict.fromkeys(envelope.lane for envelope in taken)]
            self.inbox.save(advanced)
            blocked = [lane for lane in advanced if lane.parked]
        if early:
            self.inbox.park(early)
        if others:
            self._keep_strangers(others)
        return _Outcome(
            handled=len(fresh),
            duplicate=len(arrivals) - len(fresh) - len(early),
            parked=len(early),
            unblocked=bool(blocked) and self.inbox.hasten(blocked),
        )

    def _sort(
        self, arrivals: Sequence[Arrival], lanes: dict[str, Lane]
    ) -> tuple[list[Envelope], list[Parked], list[Arrival]]:
        """Those whose turn it is; rows for those that came too early; and, with these, those whose number is taken."""
        taken: list[Envelope] = []
        early: list[Parked] = []
        others: list[Arrival] = []
        for arrival in arrivals:
            envelope, lane = arrival.envelope, lanes[arrival.envelope.lane]
            if envelope.sequence > lane.last + 1:
                early.append(self._early(arrival, lane))
                others.append(arrival)
                lane.parked += 1
            elif envelope.sequence <= lane.last or (lane.parked and self.inbox.is_parked(lane.name, envelope.sequence)):
                others.append(arrival)
            else:
                if arrival.unfit is not None:
                    raise arrival.unfit
                taken.append(envelope)
                lane.last = envelope.sequence
        return taken, early, others

    def _keep_strangers(self, arrivals: Sequence[Arrival]) -> None:
        """A number that is taken makes a duplicate only of the same event; another one under it must not vanish."""
        strangers = self.inbox.strangers([arrival.envelope for arrival in arrivals])
        rows = [self.reader.conflicting(arrival) for arrival in arrivals if arrival.envelope.id in strangers]
        if rows:
            self.inbox.park(rows)

    def handle(self, uow: UnitOfWork, envelope: Envelope) -> None:
        """Call the handlers of one event; what they emit names it as its cause."""
        uow.cause = envelope
        try:
            for key in (envelope.type, EVERY_TYPE):
                handler = self._handlers.get(key)
                if handler is not None:
                    handler(uow, envelope)
        finally:
            uow.cause = None

    def _early(self, arrival: Arrival, lane: Lane) -> Parked:
        envelope = arrival.envelope
        grace = iso(self.mechanism.clock.now() + timedelta(seconds=inbox.GAP_GRACE_S))
        return Parked(
            lane=lane.name,
            sequence=envelope.sequence,
            body=arrival.body,
            reason=inbox.BEHIND if lane.parked else inbox.GAP,
            event_id=envelope.id,
            type=envelope.type,
            next_attempt_at=None if lane.parked else grace,
        )

    def park_failed(self, envelope: Envelope, body: str, error: Exception) -> None:
        """Park an event whose handler failed, at the head of its lane, to be tried again."""
        reason = inbox.CONTRACT if isinstance(error, ContractViolation) else inbox.FAILED
        log.warning("event_parked", lane=envelope.lane, event_id=envelope.id, reason=reason, error=describe(error))
        self.inbox.park(
            [
                Parked(
                    lane=envelope.lane,
                    sequence=envelope.sequence,
                    body=body,
                    reason=reason,
                    event_id=envelope.id,
                    type=envelope.type,
                    error=self.describe(error),
                    attempts=1,
                    next_attempt_at=next_attempt(self.mechanism.clock.now(), 1),
                )
            ]
        )

    def describe(self, error: Exception) -> str:
        """An error as it may be stored: contracts name places and never values; other texts only when switched on."""
        return describe(error, with_text=self._error_texts or isinstance(error, ContractViolation))

    def _tell(self, arrivals: Sequence[Arrival], outcome: _Outcome) -> None:
        """After the commit: count, and wake whoever retries lanes."""
        for name in ("handled", "duplicate", "parked"):
            metrics.received(self.mechanism.service, name, getattr(outcome, name))
        if outcome.unblocked:
            self.ready.set()
        metrics.took(self.mechanism.service, [a.envelope for a in arrivals], self.mechanism.clock.now())
