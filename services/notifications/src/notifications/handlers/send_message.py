"""Send one message: claim it in one transaction, send outside of any, record the end in another."""

from dataclasses import dataclass

from gongzheng.ids import new_id
from notifications.domain.message import MessageState
from notifications.domain.outcome import Outcome
from notifications.handlers.ports import UnitOfWork
from notifications.handlers.publishing import publish


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What a channel needs to send a message; the same message always goes under the same ``message_id``."""

    message_id: str
    claim: str
    address: str
    language: str
    subject: str
    body: str


def claim_message(uow: UnitOfWork, channel: str) -> Parcel | None:
    """Take the message of a channel that has been due longest; None when none is due."""
    with uow:
        message = uow.messages.next_due(channel, uow.now)
        if message is None or message.address is None or message.subject is None or message.body is None:
            return None
        claim = new_id()
        message.claim_for(claim=claim, now=uow.now, lease=uow.policy.lease)
        uow.messages.save(message)
        uow.attempts.begin(_owner(message.id), message.attempts, claim, uow.now)
        return Parcel(
            message_id=message.id,
            claim=claim,
            address=message.address,
            language=message.language or "both",
            subject=message.subject,
            body=message.body,
        )


def finish_message(uow: UnitOfWork, parcel: Parcel, outcome: Outcome) -> bool:
    """Record how the attempt ended.

    False when the claim had run out and the message is in other hands: then only the attempt's own row is completed.
    """
    with uow:
        uow.attempts.end(_owner(parcel.message_id), parcel.claim, outcome, uow.now)
        message = uow.messages.get(parcel.message_id)
        if message.state is not MessageState.SENDING or message.claim != parcel.claim:
            return False
        message.finish(outcome, now=uow.now, ladder=uow.policy.ladders[message.channel])
        uow.messages.save(message)
        publish(uow, message, cause=message.cause_id)
        return True


def _owner(message_id: str) -> str:
    return f"message/{message_id}"
