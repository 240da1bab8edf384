"""Texts in both languages; the caller's choice comes from ``?lang=``, a cookie or Accept-Language, else Chinese."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

from flask import has_request_context, request

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
COOKIE = "lang"


@dataclass(frozen=True)
class Text:
    """One text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """The text in the language of the current request."""
        return self.zh if language() == "zh" else self.en


@dataclass(frozen=True)
class Texts:
    """A catalogue of texts by key, from a TOML file with ``zh`` and ``en`` under each key."""

    entries: Mapping[str, Text] = field(default_factory=dict)

    @classmethod
    def load(cls, package: str, name: str = "texts.toml") -> "Texts":
        """Read a catalogue that a package carries.

        Raises:
            ValueError: when an entry lacks one of the languages.
        """
        raw = tomllib.loads((files(package) / name).read_text(encoding="utf-8"))
        lacking = [key for key, entry in raw.items() if set(entry) != set(LANGUAGES)]
        if lacking:
            raise ValueError(f"{package}/{name}: needs zh and en: {', '.join(lacking)}")
        return cls({key: Text(entry["zh"], entry["en"]) for key, entry in raw.items()})

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key in the language of the current request, with ``{placeholders}`` filled in."""
        return str(self.entries[key]).format(**values)

    def __or__(self, other: "Texts") -> "Texts":
        return Texts({**self.entries, **other.entries})


def language() -> Language:
    """The language of the current request; Chinese outside of one."""
    if not has_request_context():
        return "zh"
    for chosen in (request.args.get("lang"), request.cookies.get(COOKIE)):
        for known in LANGUAGES:
            if chosen == known:
                return known
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh")
    return "en" if best == "en" else "zh"


@cache
def shared_texts() -> Texts:
    """The texts that all services share."""
    return Texts.load("gongzheng.ui")


@cache
def _messages() -> list[tuple[re.Pattern[str], str]]:
    """Messages as patterns, in which a {placeholder} stands for any text, with their Chinese."""
    raw = tomllib.loads((files("gongzheng.ui") / "messages.toml").read_text(encoding="utf-8"))
    return [(re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(en))), str(zh)) for en, zh in raw.items()]


_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


def translate_message(message: str, to: Language | None = None) -> str:
    """A validation message in the caller's language, where a translation of it is known; otherwise as it is."""
    if (to or language()) == "en":
        return message
    for pattern, zh in _messages():
        if match := pattern.fullmatch(message):
            return zh.format(**match.groupdict())
    return message
