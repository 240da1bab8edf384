"""The names in the table in plain words, read from ``rules/words.toml``."""

from cases.domain.rules import rule_file
from cases.domain.table import Row

LANGUAGES = ("zh", "en")


def word(kind: str, name: str, language: str) -> str:
    """A state, role or guard in "zh" or "en".

    Raises:
        KeyError: when ``rules/words.toml`` has no words for it.
    """
    text: str = rule_file("words")[kind][name][LANGUAGES.index(language)]
    return text


def title(row: Row, language: str) -> str:
    """What a row does."""
    return row.zh if language == "zh" else row.en
