"""Turns what the domain holds into what the API gives."""

from collections.abc import Iterable
from typing import Any

from oversight.domain.complaint import Complaint, Step
from oversight.domain.items import InactionItem, omission_title, withdrawal_reason
from oversight.domain.rulebook import progress_texts


def shown_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps with their words in both languages."""
    texts = progress_texts()
    return [
        {
            "step": step.step,
            "on": step.on,
            "text_zh": texts[step.step][0],
            "text_en": texts[step.step][1],
            "note": step.note,
        }
        for step in steps
    ]


def shown_complaint(complaint: Complaint) -> dict[str, Any]:
    """A complaint as the API gives it."""
    return vars(complaint) | {"kind": complaint.kind.value, "steps": shown_steps(complaint.steps)}


def shown_inaction(item: InactionItem) -> dict[str, Any]:
    """An inaction item with its omission, and why it was withdrawn, in words."""
    zh, en = omission_title(item.omission, item.clock.kind)
    why = withdrawal_reason(item.withdrawn_because) if item.withdrawn_because else (None, None)
    words = {"omission_zh": zh, "omission_en": en, "withdrawn_because_zh": why[0], "withdrawn_because_en": why[1]}
    return vars(item) | words
