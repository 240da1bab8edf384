"""What became of one attempt, and when the next one is due."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class OutcomeKind(StrEnum):
    """How an attempt ended.

    ``UNKNOWN`` means that the other side may have taken the message over and its answer was lost: the one case in
    which a message can arrive twice, so it is recorded as such.
    """

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of one attempt.

    ``code`` is a short stable text such as ``smtp-451`` or ``http-503``, never what the other side wrote.
    ``retry_after_s`` is the pause the other side asked for, in seconds. ``unreachable`` says that nobody answered, so
    the fault is the destination's and not this message's. ``gone`` says that the destination wants no more.
    """

    kind: OutcomeKind
    code: str
    retry_after_s: int | None = None
    unreachable: bool = False
    gone: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the other side took it over."""
        return self.kind is OutcomeKind.ACCEPTED


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The pauses between attempts, in seconds; after the last one the message is given up, kept and shown."""

    steps_s: tuple[int, ...]
    retry_after_max_s: int

    def __post_init__(self) -> None:
        if not self.steps_s or any(step < 1 for step in self.steps_s):
            raise ValueError("a ladder has at least one step and each lasts at least a second")

    @property
    def attempts_max(self) -> int:
        """How often something is tried before it is given up."""
        return len(self.steps_s) + 1

    def wait_after(self, attempts: int, outcome: Outcome) -> timedelta | None:
        """The pause after the n-th failed attempt (n ≥ 1), or None when there is none left to try.

        A longer pause that the other side asks for is kept, up to ``retry_after_max_s``.
        """
        if outcome.kind is OutcomeKind.PERMANENT or attempts >= self.attempts_max:
            return None
        asked = min(outcome.retry_after_s or 0, self.retry_after_max_s)
        return timedelta(seconds=max(self.steps_s[attempts - 1], asked))
