"""Document numbers like 甬市监罚〔2026〕12号: prefix of the organisation, word of the kind, year, running number.

Numbers run without gap per organisation, kind and year; the year is that of the day of the act.
"""

from collections.abc import Mapping
from typing import Final

from cases.domain.values import Outcome

CASE_FILED: Final = "立"
PRIOR_NOTICE: Final = "罚告"
ON_THE_SPOT: Final = "当罚"
DECISION_NUMBERS: Final[Mapping[Outcome, str]] = {
    Outcome.PENALTY: "罚",
    Outcome.NO_PENALTY: "不罚",
    Outcome.DISMISSED: "撤",
    Outcome.TRANSFERRED: "移",
}


def document_number(prefix: str, word: str, year: int, number: int) -> str:
    """The number as it stands on the document, without leading zeros."""
    return f"{prefix}{word}〔{year}〕{number}号"
