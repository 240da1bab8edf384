"""More time for a clock, and time that is not counted."""

from dataclasses import dataclass

from cases.domain.acts.base import Act

SUSPENSION = "suspension"
"""The cause that only the head may bring about; the others are facts that somebody records."""


@dataclass(frozen=True, kw_only=True)
class ExtendTime(Act):
    """Grant a clock more time: ``length`` where the law leaves it open, heads and ``record`` where they decide."""

    name = "extend_time"
    clock_id: str
    reason: str
    length: int | None = None
    record: str = ""


@dataclass(frozen=True, kw_only=True)
class StopTime(Act):
    """From this day on, the time of a cause is not counted."""

    cause: str
    reason: str

    @property
    def row(self) -> str:
        """A suspension is the head's, and a row of its own."""
        return "suspend" if self.cause == SUSPENSION else "stop_time"


@dataclass(frozen=True, kw_only=True)
class ResumeTime(Act):
    """From this day on, the time of a cause is counted again."""

    cause: str
    reason: str = ""

    @property
    def row(self) -> str:
        """As for the stop."""
        return "resume" if self.cause == SUSPENSION else "resume_time"
