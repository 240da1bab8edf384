"""The folder of caught mail: what came, who it was for, and reading it again."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

from gongzheng.ids import new_id

LISTED_MAX = 200
_ID = re.compile(r"[0-9A-Z]{26}", re.ASCII)
_ENVELOPE = "X-Caught-"


@dataclass(frozen=True, kw_only=True)
class Caught:
    """One message: the envelope as the conversation had it, and the message as it came."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        """The plain text part."""
        part = self.message.get_body(preferencelist=("plain", "html"))
        return "" if part is None else str(part.get_content())

    def summary(self) -> dict[str, Any]:
        """For the list."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.recipients),
            "subject": str(self.message["Subject"] or ""),
            "date": str(self.message["Date"] or ""),
            "message_id": str(self.message["Message-ID"] or ""),
        }

    def detail(self) -> dict[str, Any]:
        """With headers and text."""
        return self.summary() | {"headers": [[k, str(v)] for k, v in self.message.items()], "text": self.text}


class Mailbox:
    """The folder of .eml files; the envelope stands in headers of our own before the message's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Store a message; its id."""
        mail_id = new_id()
        before = f"{_ENVELOPE}From: {sender}\r\n{_ENVELOPE}To: {', '.join(recipients)}\r\n".encode()
        # Written whole under another name first: whoever lists meanwhile must not see half a message.
        draft = self._folder / f"{mail_id}.part"
        draft.write_bytes(before + content)
        draft.rename(self._folder / f"{mail_id}.eml")
        return mail_id

    def all(self) -> list[Caught]:
        """The newest messages, oldest of them first."""
        return [self._read(path) for path in sorted(self._folder.glob("*.eml"))[-LISTED_MAX:]]

    def get(self, mail_id: str) -> Caught | None:
        """One message."""
        path = self._folder / f"{mail_id}.eml"
        return self._read(path) if _ID.fullmatch(mail_id) and path.exists() else None

    def clear(self) -> None:
        """Throw everything away."""
        for path in self._folder.glob("*.eml"):
            path.unlink(missing_ok=True)

    def _read(self, path: Path) -> Caught:
        raw = path.read_bytes()
        message = message_from_bytes(raw, policy=modern)
        recipients = str(message[f"{_ENVELOPE}To"] or "")
        return Caught(
            id=path.stem,
            sender=str(message[f"{_ENVELOPE}From"] or ""),
            recipients=tuple(part.strip() for part in recipients.split(",") if part.strip()),
            message=message,
            raw=raw,
        )
