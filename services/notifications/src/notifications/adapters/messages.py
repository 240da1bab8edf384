"""Messages, their timelines and attempts in the database; what names or reaches a person is sealed."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from gongzheng.errors import Conflict, PreconditionFailed
from notifications.adapters import tables
from notifications.adapters.locking import locked_skipping
from notifications.adapters.sealing import Sealer
from notifications.domain.errors import MessageNotFound
from notifications.domain.message import Message, MessageState, TimelineEntry
from notifications.domain.outcome import Outcome, OutcomeKind

_SEALED = {"facts", "address", "subject", "body", "new_entries", "new_events"}
_PLAIN = [f.name for f in fields(Message) if f.name not in _SEALED]
_WAITING_MAX = 200


class PeeweeMessages:
    """Messages with their timelines."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def get(self, message_id: str, expected_version: int | None = None) -> Message:
        """One message.

        Raises:
            MessageNotFound: when there is none.
            PreconditionFailed: when it is not in the expected version.
        """
        row = tables.Message.get_or_none(tables.Message.id == message_id)
        if row is None:
            raise MessageNotFound("There is no message of this id; 没有此编号的消息。")
        if expected_version not in (None, row.version):
            raise PreconditionFailed
        return self._message(row)

    def add_once(self, message: Message) -> bool:
        """Keep a new message; False when the same cause has made it already."""
        insert = tables.Message.insert(self._values(message)).on_conflict_ignore()
        if not insert.as_rowcount().execute():
            return False
        self._write_entries(message)
        return True

    def save(self, message: Message) -> None:
        """Keep a changed message with its new timeline entries.

        Raises:
            Conflict: when somebody else changed it meanwhile.
        """
        row, values = tables.Message, self._values(message)
        values["version"] = message.version + 1
        if not row.update(values).where((row.id == message.id) & (row.version == message.version)).execute():
            raise Conflict
        message.version += 1
        self._write_entries(message)

    def timeline(self, message_id: str) -> list[TimelineEntry]:
        """What happened to a message, oldest first."""
        row = tables.MessageEntry
        query = row.select().where(row.message_id == message_id).order_by(row.id)
        return [TimelineEntry(at=r.at, what=r.what, detail=r.detail) for r in query]

    def waiting_for(self, party_id: str, case_ids: Sequence[str], channel: str) -> list[Message]:
        """The messages that wait for an address of this party."""
        row = tables.Message
        about = (row.party_id == party_id) | (row.party_id.is_null() & row.case_id.in_(list(case_ids)))
        return self._some(row.select().where(self._waits(channel) & about).order_by(row.id).limit(_WAITING_MAX))

    def waiting(self, *, limit: int, after: str = "") -> list[Message]:
        """Messages that wait for an address, by id."""
        row = tables.Message
        query = row.select().where((row.state == MessageState.WAITING.value) & (row.id > after))
        return self._some(query.order_by(row.id).limit(limit))

    def any_due(self, channel: str, now: datetime) -> bool:
        """Whether a message of the channel is due; a look without locks."""
        return bool(tables.Message.select(tables.Message.id).where(_due(channel, now)).limit(1).exists())

    def next_due(self, channel: str, now: datetime) -> Message | None:
        """The message that has been due longest, locked against other workers until the unit of work ends."""
        row = tables.Message
        found = self._some(locked_skipping(row.select().where(_due(channel, now)).order_by(row.due_at).limit(1)))
        return found[0] if found else None

    def stuck(self, now: datetime, *, limit: int) -> list[Message]:
        """Messages whose claim has run out."""
        row = tables.Message
        lost = (row.state == MessageState.SENDING.value) & (row.claimed_until < now)
        return self._some(locked_skipping(row.select().where(lost).order_by(row.claimed_until).limit(limit)))

    def listed(self, *, limit: int, after: str | None, filters: dict[str, str]) -> list[Message]:
        """Messages, newest first, before the id ``after``; ``filters`` by column."""
        row = tables.Message
        query = row.select().order_by(row.id.desc()).limit(limit)
        for column, value in filters.items():
            query = query.where(getattr(row, column) == value)
        return self._some(query if after is None else query.where(row.id < after))

    def _waits(self, channel: str) -> Any:
        row = tables.Message
        return (row.state == MessageState.WAITING.value) & (row.channel == channel)

    def _some(self, query: Any) -> list[Message]:
        return [self._message(row) for row in query]

    def _write_entries(self, message: Message) -> None:
        rows = [
            {"message_id": message.id, "at": entry.at, "what": entry.what, "detail": entry.detail}
            for entry in message.new_entries
        ]
        if rows:
            tables.MessageEntry.insert_many(rows).execute()
        message.new_entries.clear()

    def _values(self, message: Message) -> dict[str, Any]:
        values = {name: getattr(message, name) for name in _PLAIN}
        values["state"] = message.state.value
        text = None if message.subject is None else json.dumps([message.subject, message.body], ensure_ascii=False)
        values["facts"] = self._seal(message.id, json.dumps(message.facts, ensure_ascii=False))
        values["text"] = self._seal(message.id, text)
        values["address"] = self._seal(message.id, message.address)
        return values

    def _message(self, row: Any) -> Message:
        values = {name: getattr(row, name) for name in _PLAIN}
        text = self._open(row.id, row.text)
        subject, body = json.loads(text) if text else (None, None)
        facts = json.loads(self._open(row.id, row.facts) or "{}")
        values |= {"state": MessageState(row.state), "facts": facts, "subject": subject, "body": body}
        return Message(**values, address=self._open(row.id, row.address))

    def _seal(self, message_id: str, text: str | None) -> str | None:
        return None if text is None else self._sealer.seal(text, f"message/{message_id}")

    def _open(self, message_id: str, sealed: str | None) -> str | None:
        return None if sealed is None else self._sealer.open(sealed, f"message/{message_id}")


def _due(channel: str, now: datetime) -> Any:
    row = tables.Message
    return (row.channel == channel) & (row.state == MessageState.DUE.value) & (row.due_at <= now)


class PeeweeAttempts:
    """Attempts as rows; they are never deleted."""

    def begin(self, owner: str, number: int, claim: str, now: datetime) -> None:
        """An attempt begins."""
        tables.Attempt.insert(owner=owner, number=number, claim=claim, started_at=now).execute()

    def end(self, owner: str, claim: str, outcome: Outcome, now: datetime) -> None:
        """An attempt ended; one that was already closed as cut off learns how it really ended."""
        row = tables.Attempt
        ended = row.update(ended_at=now, outcome=outcome.kind.value, code=outcome.code)
        ended.where((row.owner == owner) & (row.claim == claim)).execute()

    def cut_off(self, owner: str, now: datetime) -> None:
        """Close attempts of this owner that never reported their end."""
        row = tables.Attempt
        lost = row.update(ended_at=now, outcome=OutcomeKind.UNKNOWN.value, code="claim-ran-out")
        lost.where((row.owner == owner) & row.ended_at.is_null()).execute()

    def listed(self, owner: str) -> list[tables.Attempt]:
        """The attempts of one message or delivery, oldest first."""
        return list(tables.Attempt.select().where(tables.Attempt.owner == owner).order_by(tables.Attempt.number))
