"""Refusals of the mechanism itself; each service keeps its own tree of domain errors with the same attributes.

An error that has ``code``, ``status``, ``title_zh``, ``title_en``, ``law``, ``detail`` and ``errors`` is answered as an
RFC 9457 problem by ``gongzheng.http``.
"""

from typing import ClassVar


class Refusal(Exception):
    """A step that is not taken, and why."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "不予办理"
    title_en: ClassVar[str] = "Refused"
    law: tuple[str, ...] = ()

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = errors or {}


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is."""

    code, status, title_zh, title_en = "not-found", 404, "未找到", "Not found"


class Conflict(Refusal):
    """Somebody else changed the thing in the meantime."""

    code, status, title_zh, title_en = "edit-conflict", 409, "内容已被他人修改", "Changed by somebody else meanwhile"


class PreconditionFailed(Refusal):
    """``If-Match`` names a version that is no longer the current one."""

    code, status, title_zh, title_en = "precondition-failed", 412, "版本已变化", "The version has changed"


class PreconditionRequired(Refusal):
    """A change needs ``If-Match``."""

    code, status, title_zh, title_en = "precondition-required", 428, "须注明版本", "If-Match is required"


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code, status, title_zh, title_en = "forbidden", 403, "无权办理", "Not allowed"


class Unauthorized(Refusal):
    """The caller is not known."""

    code, status, title_zh, title_en = "unauthorized", 401, "未经认证", "Not authenticated"


class IdempotencyKeyRequired(Refusal):
    """A creating request needs ``Idempotency-Key``."""

    code, status, title_zh, title_en = "idempotency-key-required", 400, "须有幂等键", "Idempotency-Key is required"


class IdempotencyConflict(Refusal):
    """The same ``Idempotency-Key`` came with another content."""

    code, status = "idempotency-conflict", 409
    title_zh, title_en = "幂等键已用于其他内容", "The Idempotency-Key was used for another content"


class TooManyRequests(Refusal):
    """The caller asks more often than the limit allows."""

    code, status, title_zh, title_en = "too-many-requests", 429, "请求过于频繁", "Too many requests"

    def __init__(self, detail: str = "", *, retry_after_s: int = 60) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class InvalidCursor(Refusal):
    """The cursor was not given out by this list."""

    code, status, title_zh, title_en = "invalid-cursor", 422, "游标无效", "The cursor is not valid"
