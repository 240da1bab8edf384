"""Roles that the law keeps apart, and the refusal of a token that joins them."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gongzheng.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class ForbiddenPair:
    """Two sets of role patterns of which one token may not match both."""

    one: tuple[str, ...]
    other: tuple[str, ...]
    law: tuple[str, ...]
    why_zh: str
    why_en: str

    def joined_by(self, roles: Iterable[str]) -> tuple[str, str] | None:
        """The two roles that meet in ``roles``, or None."""
        held = sorted(roles)
        first = next((role for role in held if _matches(role, self.one)), None)
        second = next((role for role in held if _matches(role, self.other)), None)
        return (first, second) if first and second else None


class RolePairForbidden(Refusal):
    """The token carries two roles that the law keeps apart; it is good for nothing."""

    code, status = "role-pair-forbidden", 403
    title_zh, title_en = "令牌兼有依法应当分离的职务", "The token joins roles that the law keeps apart"

    def __init__(self, pair: ForbiddenPair, roles: tuple[str, str]) -> None:
        super().__init__()
        self.law = pair.law
        self.detail_zh = f"{roles[0]} ↔ {roles[1]}：{pair.why_zh}"
        self.detail_en = f"{roles[0]} ↔ {roles[1]}: {pair.why_en}"
        self.detail = self.detail_en


@cache
def forbidden_pairs() -> tuple[ForbiddenPair, ...]:
    """The table as shipped in ``forbidden_pairs.toml``."""
    raw = tomllib.loads((files("gongzheng.http") / "forbidden_pairs.toml").read_text(encoding="utf-8"))
    return tuple(
        ForbiddenPair(
            one=tuple(entry["one"]),
            other=tuple(entry["other"]),
            law=tuple(entry["law"]),
            why_zh=entry["why_zh"],
            why_en=entry["why_en"],
        )
        for entry in raw["pair"]
    )


def refuse_forbidden_pairs(roles: frozenset[str]) -> None:
    """Let pass only roles that one person may hold together.

    Raises:
        RolePairForbidden: naming the two roles and the law.
    """
    for pair in forbidden_pairs():
        if joined := pair.joined_by(roles):
            raise RolePairForbidden(pair, joined)


def _matches(role: str, patterns: tuple[str, ...]) -> bool:
    return any(role.startswith(p[:-1]) if p.endswith(".*") else role == p for p in patterns)
