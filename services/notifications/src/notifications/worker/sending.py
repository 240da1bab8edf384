"""Sending messages: one thread per channel takes what is due, hands it over and records what became of it."""

from typing import Protocol

import structlog

from notifications.adapters import metrics
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.send_message import Parcel, claim_message, finish_message
from notifications.worker.loop import NewUnitOfWork

RUN_MAX = 500
_log = structlog.get_logger(__name__)


class Channel(Protocol):
    """A way to reach a person."""

    name: str

    def send(self, parcel: Parcel) -> Outcome:
        """Try once."""
        ...

    def close(self) -> None:
        """End what was kept open between messages."""
        ...


class Sender:
    """Sends the messages of one channel."""

    def __init__(self, new_unit_of_work: NewUnitOfWork, channel: Channel) -> None:
        self._new, self._channel = new_unit_of_work, channel

    def run(self) -> int:
        """Send what is due; how many attempts were made."""
        done = 0
        try:
            parcel = claim_message(self._new(), self._channel.name) if self._has_due() else None
            while parcel is not None:
                outcome = self._send(parcel)
                metrics.attempted(self._channel.name, outcome)
                done += 1
                # The end of one and the claim of the next are one transaction: half the commits.
                with self._new() as uow:
                    finish_message(uow, parcel, outcome)
                    parcel = claim_message(uow, self._channel.name) if done < RUN_MAX else None
        finally:
            self._channel.close()
        return done

    def _has_due(self) -> bool:
        # Looking first costs no write lock, which SQLite has only one of.
        uow = self._new().look()
        return uow.messages.any_due(self._channel.name, uow.now)

    def _send(self, parcel: Parcel) -> Outcome:
        try:
            return self._channel.send(parcel)
        except Exception as error:  # noqa: BLE001 logged with its trace; it becomes the attempt's outcome
            # A fault of ours must neither lose the message nor try it for ever; nobody knows how far it came.
            _log.exception("message_sending_failed", message_id=parcel.message_id, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, code="internal-error")
