"""A message to one recipient, from the event that caused it to the proof of what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from notifications.domain.contact import mask
from notifications.domain.errors import NotRedrivable
from notifications.domain.events import Event, MessageFailed, MessageSent
from notifications.domain.outcome import Ladder, Outcome, OutcomeKind
from notifications.domain.template import Rendered


class MessageState(StrEnum):
    """Where a message stands.

    ``WAITING`` has no address yet; ``SENDING`` is held by one worker until its claim runs out; ``DELIVERED``,
    ``READ`` and ``CONFIRMED`` are told by channels that can tell.
    """

    WAITING = "waiting"
    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One line of the proof: when, what, and a short code that says how; never an address or a text."""

    at: datetime
    what: str
    detail: str = ""


@dataclass(kw_only=True)
class Message:
    """One message in one channel to one recipient.

    ``dedup_key`` is made from the causing event, the template and the recipient, so the same cause never makes two.
    ``facts`` are the values of the placeholders; the text is made when the address, and with it the language, is known.
    ``due_at`` is when the next attempt may begin, or until when an address is waited for. ``maybe_repeated`` says that
    an attempt ended without an answer and another followed.
    """

    id: str
    dedup_key: str
    cause_id: str | None
    template: str
    template_version: int
    channel: str
    urgency: str
    legal_notice: bool
    facts: Mapping[str, Any]
    party_id: str | None
    case_id: str | None
    subscription_id: str | None = None
    address: str | None = None
    language: str | None = None
    subject: str | None = None
    body: str | None = None
    state: MessageState = MessageState.WAITING
    attempts: int = 0
    attempts_in_round: int = 0
    due_at: datetime | None = None
    claim: str | None = None
    claimed_until: datetime | None = None
    created_at: datetime
    sent_at: datetime | None = None
    reason: str | None = None
    maybe_repeated: bool = False
    version: int = 0
    new_entries: list[TimelineEntry] = field(default_factory=list)
    new_events: list[Event] = field(default_factory=list)

    @property
    def masked_address(self) -> str | None:
        """What may be shown of the address."""
        return mask(self.address) if self.address else None

    def queue(self, *, now: datetime, patience: timedelta) -> None:
        """Enter the table; until an address is known the message waits, at most for ``patience``."""
        self.due_at = now + patience
        self._note(now, "queued")
        self._note(now, "waiting", "no-address")

    def address_to(self, *, address: str, language: str, text: Rendered, now: datetime) -> None:
        """Take the address, the language and the finished text; the message is due at once."""
        self.address, self.language = address, language
        self.subject, self.body = text.subject, text.body
        self.state, self.due_at, self.reason = MessageState.DUE, now, None
        self._note(now, "addressed", language)

    def claim_for(self, *, claim: str, now: datetime, lease: timedelta) -> None:
        """One worker takes it; the attempt counts from here, so a crash cannot make it free."""
        self.state, self.claim, self.claimed_until = MessageState.SENDING, claim, now + lease
        self.attempts += 1
        self.attempts_in_round += 1
        self._note(now, "sending", f"attempt-{self.attempts}")

    def finish(self, outcome: Outcome, *, now: datetime, ladder: Ladder) -> None:
        """Record how the attempt ended: sent, due again on the ladder, or given up."""
        self.claim = self.claimed_until = None
        if outcome.accepted:
            self.state, self.due_at, self.sent_at, self.reason = MessageState.SENT, None, now, None
            self._note(now, "sent", outcome.code)
            self.new_events.append(self._sent(now))
            return
        if outcome.kind is OutcomeKind.UNKNOWN:
            self.maybe_repeated = True
            self._note(now, "maybe_sent", outcome.code)
        self.reason = outcome.code
        wait = ladder.wait_after(self.attempts_in_round, outcome)
        if wait is None:
            self.give_up(outcome.code, now=now)
            return
        self.state, self.due_at = MessageState.DUE, now + wait
        self._note(now, "retry", outcome.code)

    def recover(self, *, now: datetime, ladder: Ladder) -> None:
        """The claim ran out: nobody knows whether the channel took it, so it goes again under the same Message-ID.

        A message whose every attempt ends its worker is given up like any other when the ladder is used up.
        """
        self.claim = self.claimed_until = None
        self.maybe_repeated = True
        self._note(now, "maybe_sent", "claim-ran-out")
        if self.attempts_in_round >= ladder.attempts_max:
            self.give_up("claim-ran-out", now=now)
        else:
            self.state, self.due_at = MessageState.DUE, now

    def give_up(self, reason: str, *, now: datetime) -> None:
        """Keep it as failed, with the reason, and make that known."""
        self.state, self.due_at, self.reason = MessageState.FAILED, None, reason
        self._note(now, "failed", reason)
        self.new_events.append(
            MessageFailed(
                message_id=self.id,
                template=self.template,
                template_version=self.template_version,
                channel=self.channel,
                cause_id=self.cause_id,
                case_id=self.case_id,
                party_id=self.party_id,
                subscription_id=self.subscription_id,
                attempts=self.attempts,
                failed_at=now,
                reason=reason,
            )
        )

    def redrive(self, *, now: datetime, patience: timedelta) -> None:
        """Send a failed message on its way again, from the foot of the ladder.

        Raises:
            NotRedrivable: when it has not failed.
        """
        if self.state is not MessageState.FAILED:
            raise NotRedrivable("Only a failed message can be redriven; 只有发送失败的消息可以重发。")
        self.attempts_in_round = 0
        self._note(now, "redriven")
        if self.address is None:
            self.state, self.due_at = MessageState.WAITING, now + patience
        else:
            self.state, self.due_at = MessageState.DUE, now

    def _sent(self, now: datetime) -> MessageSent:
        return MessageSent(
            message_id=self.id,
            template=self.template,
            template_version=self.template_version,
            channel=self.channel,
            language=self.language or "both",
            cause_id=self.cause_id,
            case_id=self.case_id,
            party_id=self.party_id,
            subscription_id=self.subscription_id,
            attempts=self.attempts,
            sent_at=now,
            maybe_repeated=self.maybe_repeated,
        )

    def _note(self, at: datetime, what: str, detail: str = "") -> None:
        self.new_entries.append(TimelineEntry(at=at, what=what, detail=detail))
