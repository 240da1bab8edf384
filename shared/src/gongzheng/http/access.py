"""Who may call a route, said beside the route and nowhere else.

The decorators only mark the view; the frame enforces the marks before any argument is read, so their order among other
decorators does not matter, and a route without a mark keeps the application from starting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

ACCESS = "gongzheng_access"
IDEMPOTENT = "gongzheng_idempotent"


@dataclass(frozen=True)
class Requires:
    """A valid access token with at least one of the roles; no roles named means any valid token."""

    roles: frozenset[str]


@dataclass(frozen=True)
class Public:
    """No token. ``throttle`` names the class of routes that share a limit of ``limit`` calls per ``per_s`` seconds."""

    throttle: str | None = None
    limit: int = 60
    per_s: int = 60
    machine: str | None = None


Access = Requires | Public


def requires(*roles: str) -> Callable[[View], View]:
    """The caller must show a token that carries one of ``roles``; otherwise 401 or 403."""

    def mark(view: View) -> View:
        _mark_access(view, Requires(frozenset(roles)))
        return view

    return mark


def public(*, throttle: str | None = None, limit: int = 60, per_s: int = 60) -> Callable[[View], View]:
    """Anyone may call; at most ``limit`` calls per ``per_s`` seconds from one address to the class ``throttle``."""
    if limit < 1 or per_s < 1:
        raise ValueError("a throttle lets at least one call through per second or more")

    def mark(view: View) -> View:
        _mark_access(view, Public(throttle, limit, per_s))
        return view

    return mark


def machine(scheme: str, *, limit: int = 600, per_s: int = 60) -> Callable[[View], View]:
    """A machine proves itself by signing the request (the view checks the signature); documented as scheme ``scheme``.

    For the frame the route is public and throttled; the documentation names the signature header as its security.
    """

    def mark(view: View) -> View:
        _mark_access(view, Public(f"machine.{scheme}", limit, per_s, machine=scheme))
        return view

    return mark


def idempotent(view: View) -> View:
    """The route creates something: it needs ``Idempotency-Key``, and a repetition gets the first answer again."""
    setattr(view, IDEMPOTENT, True)
    return view


def access_of(view: object) -> Access | None:
    """The mark of a view, or None when it has none."""
    return getattr(view, ACCESS, None)


def is_idempotent(view: object) -> bool:
    """Whether the view needs an ``Idempotency-Key``."""
    return bool(getattr(view, IDEMPOTENT, False))


def _mark_access(view: Any, access: Access) -> None:
    if ACCESS in vars(view):
        raise TypeError(f"{view.__qualname__} already says who may call it; a route has exactly one of requires/public")
    setattr(view, ACCESS, access)
