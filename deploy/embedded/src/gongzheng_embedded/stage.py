"""What the home page shows, kept as it happens: events in words, the case at a glance, the steps of the story."""

from typing import Any

from gongzheng.legaltime.citation import check
from gongzheng_embedded.board import Board
from gongzheng_embedded.live import Live
from gongzheng_embedded.sentences import describe, short_type

QUIET_TYPES = frozenset({"cases.case.imported"})  # thousands of old cases would push everything else off the page


class Stage:
    """Turns what the outboxes and the story say into items of the live list."""

    def __init__(self) -> None:
        self.live = Live()
        self.board = Board()

    def event(self, service: str, envelope: dict[str, Any]) -> None:
        """An event that a service recorded, as CloudEvents JSON."""
        type_, data = envelope["type"], envelope["data"]
        confidential = envelope.get("dataclass") == "confidential"
        words = describe(type_, data, confidential=confidential)
        self.board.take(service, type_, data, words.pop("stage"))
        if short_type(type_) in QUIET_TYPES or data.get("origin") == "import":
            return
        lawful = words.pop("lawful")
        self.live.add(
            "event",
            service=service,
            type=short_type(type_),
            time=envelope["time"],
            subject=envelope["subject"],
            data=None if confidential else data,
            law=in_words(lawful) if lawful else None,
            **words,
        )
        self.show_board()

    def refused(self, *, zh: str, en: str, status: int, code: str, law: list[str]) -> None:
        """The story tried an unlawful step and got a problem back."""
        self.board.refuse()
        self.live.add("refused", zh=zh, en=en, status=status, code=code, law=[in_words(ref) for ref in law])
        self.show_board()

    def story(self, *, zh: str, en: str, running: bool) -> None:
        """Where the story is."""
        self.live.add("story", zh=zh, en=en, running=running)

    def follow(self, case_id: str) -> None:
        """The story's main case is known."""
        self.board.follow(case_id)

    def show_board(self) -> None:
        """Send the board as it stands."""
        self.live.add("board", board=self.board.shown())


def in_words(citation: str) -> dict[str, str]:
    """A citation as Chinese documents and English texts write it."""
    parsed = check(citation)
    return {"ref": citation, "zh": parsed.zh, "en": parsed.en}
