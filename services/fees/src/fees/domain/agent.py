"""Collecting agents: banks that collect under a registered agreement and sign every notice (DECREE-235 5-6)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fees.domain.errors import AgreementNotInForce, AgreementPeriodInvalid


class Algorithm(StrEnum):
    """How an agent signs: with its own private key, or with a secret that both sides know."""

    ED25519 = "ed25519"
    HMAC_SHA256 = "hmac-sha256"


@dataclass(frozen=True, kw_only=True)
class AgentKey:
    """A key of an agent. ``material`` is the raw public key, or the sealed secret; it is never shown again."""

    id: str
    agent_id: str
    algorithm: Algorithm
    material: bytes
    added_at: datetime
    revoked_at: datetime | None = None


@dataclass(kw_only=True)
class CollectingAgent:
    """A bank with its agreement; ``agreement_until`` None means until further notice, both days included."""

    id: str
    name_zh: str
    name_en: str
    agreement_reference: str
    agreement_from: date
    agreement_until: date | None = None
    version: int = 1

    def check(self) -> None:
        """An agreement ends on or after the day it begins.

        Raises:
            AgreementPeriodInvalid: when it does not.
        """
        if self.agreement_until is not None and self.agreement_until < self.agreement_from:
            raise AgreementPeriodInvalid("agreement_until lies before agreement_from")

    def may_collect(self, on: date) -> None:
        """The agreement is in force on the day the money was paid.

        Raises:
            AgreementNotInForce: when it is not.
        """
        if on < self.agreement_from or (self.agreement_until is not None and on > self.agreement_until):
            raise AgreementNotInForce(f"{self.agreement_reference}: {on.isoformat()}")


def signed_bytes(timestamp: str, body: bytes) -> bytes:
    """What an agent signs: its time stamp (seconds since 1970, as sent), a full stop, the raw body."""
    return timestamp.encode("ascii", "replace") + b"." + body


_SECONDS_DIGITS_MAX = 12


def fresh(timestamp: str, now: datetime, window_s: int) -> bool:
    """Whether a time stamp lies within ``window_s`` seconds of now, before or after."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _SECONDS_DIGITS_MAX):
        return False
    return abs(now.timestamp() - int(timestamp)) <= window_s
