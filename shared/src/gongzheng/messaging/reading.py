"""What a transport brought, read and checked before any of it may count."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gongzheng.contracts import ContractViolation
from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging import inbox
from gongzheng.messaging.envelope import BadSignature, Envelope, Trust, Undecodable
from gongzheng.messaging.inbox import Parked, next_attempt, quarantine_lane, storable

log = structlog.get_logger()

EVERY_TYPE = "*"
"""The key of a handler that is called for every event, after the handler of its own type."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a transport brought.

    ``origin`` is the producer whose exchange or feed it came from (only that producer can write there); None where the
    transport cannot tell. ``tag`` is the transport's own.
    """

    body: bytes | str
    origin: str | None = None
    tag: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery that is an event of its lane: the envelope, its text, and what its contract objects to."""

    envelope: Envelope
    body: str
    unfit: ContractViolation | None


class Reader:
    """Parses deliveries and checks origin, signature and contract.

    What is forged, altered or unreadable must not touch the lane that it claims, so it gets a quarantine lane of its
    own. With ``every_type`` also types without a contract here must be handled, hence known.
    """

    def __init__(self, mechanism: Mechanism, trust: Trust | None, *, every_type: bool) -> None:
        self._mechanism, self._trust, self._every_type = mechanism, trust, every_type

    def read_all(self, deliveries: Sequence[Delivery]) -> tuple[list[Arrival], list[Parked]]:
        """The events among deliveries, in order, and the rows of those for quarantine."""
        arrivals: list[Arrival] = []
        quarantined: list[Parked] = []
        for delivery in deliveries:
            read = self.read(delivery)
            if isinstance(read, Arrival):
                arrivals.append(read)
            else:
                quarantined.append(read)
        return arrivals, quarantined

    def read(self, delivery: Delivery) -> Arrival | Parked:
        """One delivery: an event, or a row for quarantine."""
        body = storable(delivery.body)
        try:
            envelope = Envelope.parse(delivery.body)
        except Undecodable as error:
            return self._quarantine(body, inbox.UNDECODABLE, str(error), None)
        if delivery.origin not in (None, envelope.service):
            return self._quarantine(body, inbox.ORIGIN, f"came from {delivery.origin}", envelope)
        if self._trust is not None:
            try:
                self._trust.verify(envelope, delivery.body)
            except BadSignature as error:
                return self._quarantine(body, inbox.SIGNATURE, str(error), envelope)
        return Arrival(envelope, body, self._contract_violation(envelope))

    def conflicting(self, arrival: Arrival) -> Parked:
        """The quarantine row of an event under whose number another one is on record."""
        text = f"{arrival.envelope.lane} has another event {arrival.envelope.sequence}"
        return self._quarantine(arrival.body, inbox.CONFLICT, text, arrival.envelope)

    def _contract_violation(self, envelope: Envelope) -> ContractViolation | None:
        # A type that a newer producer has and we do not know yet cannot have a handler of its own here.
        contracts = self._mechanism.contracts
        if envelope.type not in contracts and not self._every_type:
            return None
        try:
            contract = contracts[envelope.type]
            # A newer producer may have added fields. Who handles only what he knows passes over them; who passes events
            # on must not pass on what was not checked.
            contracts.check(envelope.type, envelope.data, further_fields=not self._every_type)
        except ContractViolation as error:
            return error
        if (envelope.stream, envelope.dataclass_) != (contract.stream, contract.dataclass_):
            return ContractViolation(envelope.type, "stream or dataclass", "const")
        return None

    def _quarantine(self, body: str, reason: str, error: str, envelope: Envelope | None) -> Parked:
        log.warning("event_quarantined", service=self._mechanism.service, reason=reason)
        # A key that is not known yet may become known; bytes that are no envelope never become one.
        retry = next_attempt(self._mechanism.clock.now(), 1) if reason == inbox.SIGNATURE else None
        return Parked(
            lane=quarantine_lane(body),
            sequence=0,
            body=body,
            reason=reason,
            event_id=envelope.id if envelope else None,
            type=envelope.type if envelope else None,
            error=error,
            attempts=1,
            next_attempt_at=retry,
        )
