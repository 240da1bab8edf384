"""Why notifications refuses a step: one tree, each class with its stable code and HTTP status."""

from typing import ClassVar


class NotificationsError(Exception):
    """A step that is not taken, and why; answered as an RFC 9457 problem."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "不予办理"
    title_en: ClassVar[str] = "Refused"
    law: tuple[str, ...] = ()

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = errors or {}


class MessageNotFound(NotificationsError):
    """There is no such message, or the caller may not see it."""

    code, status, title_zh, title_en = "message-not-found", 404, "未找到该消息", "No such message"


class SubscriptionNotFound(NotificationsError):
    """There is no such subscription, or it belongs to somebody else."""

    code, status, title_zh, title_en = "subscription-not-found", 404, "未找到该订阅", "No such subscription"


class DeliveryNotFound(NotificationsError):
    """There is no such delivery, or it belongs to somebody else's subscription."""

    code, status, title_zh, title_en = "delivery-not-found", 404, "未找到该投递", "No such delivery"


class TemplateNotFound(NotificationsError):
    """There is no template of that name and version."""

    code, status, title_zh, title_en = "template-not-found", 404, "未找到该模板", "No such template"


class TemplateFault(NotificationsError):
    """A template whose placeholders, languages or facts do not fit together; ``errors`` names each place."""

    code, status = "template-fault", 422
    title_zh, title_en = "模板有误", "The template is not consistent"


class DestinationRefused(NotificationsError):
    """A webhook address that the service will not call: private, loopback, link-local, odd scheme, or unresolvable."""

    code, status = "destination-refused", 422
    title_zh, title_en = "不允许的推送地址", "This address is not called"


class UnknownEventType(NotificationsError):
    """A subscription names an event type that no contract describes."""

    code, status, title_zh, title_en = "unknown-event-type", 422, "未知的事件类型", "Unknown event type"


class NotRedrivable(NotificationsError):
    """Only what has been given up can be sent on its way again."""

    code, status = "not-redrivable", 409
    title_zh, title_en = "当前状态不能重发", "Cannot be sent again in this state"


class NotSkippable(NotificationsError):
    """Only an event that was given up and holds its lane can be passed over."""

    code, status = "not-skippable", 409
    title_zh, title_en = "当前状态不能跳过", "Cannot be passed over in this state"


class SubscriptionNotActive(NotificationsError):
    """The subscription is not in the state that the step needs."""

    code, status = "subscription-state", 409
    title_zh, title_en = "订阅当前状态不允许此操作", "The subscription is not in the state for this"


class TooManyStreams(NotificationsError):
    """As many event streams are open as this process has threads for."""

    code, status = "too-many-streams", 503
    title_zh, title_en = "实时连接过多", "Too many open streams"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class InvalidPosition(NotificationsError):
    """``Last-Event-ID`` is no position of this feed."""

    code, status, title_zh, title_en = "invalid-position", 422, "位置无效", "Not a position of this feed"
