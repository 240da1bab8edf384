"""Contact points: where a party can be reached and in which language, as events have told it."""

import re
from dataclasses import dataclass
from datetime import datetime

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}")
_EMAIL_CHARACTERS_MAX = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
LANGUAGES = ("zh", "en")
BOTH = "both"


def usable_email(text: object) -> str | None:
    """The address when it can be written into an envelope line, else None; nothing is guessed or repaired."""
    if not isinstance(text, str) or len(text) > _EMAIL_CHARACTERS_MAX or not text.isascii():
        return None
    return text if _EMAIL.fullmatch(text) else None


def usable_language(text: object) -> str:
    """``zh`` or ``en``, or ``both`` when the language is not known."""
    return text if isinstance(text, str) and text in LANGUAGES else BOTH


def mask(address: str) -> str:
    """What may be shown of an address: ``zhang@example.cn`` → ``z***@e***.cn``."""
    local, _, host = address.rpartition("@")
    name, dot, top = host.rpartition(".")
    return f"{local[:1]}***@{(name or top)[:1]}***{dot}{top if dot else ''}"


@dataclass(kw_only=True)
class ContactPoint:
    """One way to reach one party.

    ``as_of`` is the time of the event that told it: an older event never overwrites a newer one. ``verified_at`` is
    empty until the party has confirmed the address. ``keep_until`` is the day after which it is forgotten.
    """

    id: str
    party_id: str
    channel: str
    address: str | None
    language: str
    learnt_from: str
    as_of: datetime
    verified_at: datetime | None = None
    keep_until: datetime | None = None
    version: int = 0

    def learn(self, *, address: str | None, language: str, learnt_from: str, as_of: datetime) -> bool:
        """Take over what a newer event says; True when that changed anything."""
        if as_of <= self.as_of:
            return False
        changed = (address, language) != (self.address, self.language)
        if address != self.address:
            self.verified_at = None
        self.address, self.language, self.learnt_from, self.as_of = address, language, learnt_from, as_of
        return changed
