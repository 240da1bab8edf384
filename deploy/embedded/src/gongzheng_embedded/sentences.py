"""Events in words that a person reads, in Chinese and English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from gongzheng.money import format_minor

UNKNOWN = {"zh": "{type}", "en": "{type}"}
HASH_CHARS_SHOWN = 12


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "sentences.toml").read_text(encoding="utf-8"))


def stages() -> list[dict[str, str]]:
    """The path of a case: ``id``, ``zh``, ``en`` in order."""
    return list(_table()["stage"])


def known_types() -> frozenset[str]:
    """The event types that have a sentence, as ``<service>.<entity>.<verb>``."""
    return frozenset(_table()["events"])


def short_type(type_: str) -> str:
    """``cn.gongzheng.cases.case.filed.v1`` as ``cases.case.filed``."""
    return ".".join(type_.split(".")[2:-1])


def describe(type_: str, data: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """The sentence of an event: ``zh``, ``en``, ``stage`` and ``lawful`` (a citation) where there are such.

    A confidential event's data is not read: its sentence has gaps rather than secrets.
    """
    entry = _table()["events"].get(short_type(type_), UNKNOWN)
    told = {lang: entry[lang].format_map(_words(type_, {} if confidential else data, lang)) for lang in ("zh", "en")}
    return {**told, "stage": entry.get("stage"), "lawful": entry.get("lawful")}


class _Gaps(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def _words(type_: str, data: Mapping[str, Any], lang: str) -> _Gaps:
    """The data's values as a sentence says them: amounts in yuan, codes in words, hashes short."""
    meanings: dict[str, dict[str, str]] = _table()["words"]
    words = _Gaps(type=short_type(type_))
    for name, value in data.items():
        if name.endswith("_fen") and isinstance(value, int):
            sign = "¥" if data.get("currency", "CNY") == "CNY" else f"{data['currency']} "
            words[name.removesuffix("_fen")] = sign + _grouped(value)
        elif name == "sha256":
            words[name] = f"{str(value)[:HASH_CHARS_SHOWN]}…"
        elif value is not None:
            words[name] = meanings[str(value)][lang] if str(value) in meanings else str(value)
    return words


def _grouped(fen: int) -> str:
    whole, _, cents = format_minor(fen).partition(".")
    return f"{int(whole):,}.{cents}"
