"""The refusals of oversight: each with a stable code, a status, titles for people, and the article that refuses."""

from typing import ClassVar


class OversightError(Exception):
    """A step that oversight does not take, and why; ``errors`` names fields."""

    code: ClassVar[str] = "oversight-refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "监督系统不予办理"
    title_en: ClassVar[str] = "Refused by oversight"
    law: tuple[str, ...] = ()

    def __init__(
        self, detail: str = "", *, law: tuple[str, ...] | None = None, errors: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = errors or {}
        if law is not None:
            self.law = law


class NotFound(OversightError):
    """There is no such thing, or the caller may not know that there is."""

    code, status, title_zh, title_en = "not-found", 404, "未找到", "Not found"


class TrackingCodeUnknown(OversightError):
    """No report belongs to the code; the answer is the same for every wrong code."""

    code, status = "tracking-code-unknown", 404
    title_zh, title_en = "查询码不正确", "No report belongs to this code"


class ComplaintStateForbids(OversightError):
    """The complaint has already gone another way."""

    code, status = "complaint-state-forbids", 409
    title_zh, title_en = "该举报投诉的当前状态不允许此操作", "The complaint's state does not allow this step"


class InactionStateForbids(OversightError):
    """Somebody has the item in hand, or the clock turned out not to have been missed."""

    code, status = "inaction-state-forbids", 409
    title_zh, title_en = "该事项的当前状态不允许此操作", "The item's state does not allow this step"


class RoutedToAccused(OversightError):
    """A complaint about an official would reach the organisation complained about."""

    code = "routed-to-accused"
    title_zh, title_en = "不得转给被举报的单位", "Not to be handed to the organisation complained about"
    law = ("XINFANG 30(3)", "SUPERVISION 10")


class AccusedMustBeNamed(OversightError):
    """Without knowing whom a complaint is about, nobody can tell whom it must be kept from."""

    code = "accused-organisation-required"
    title_zh, title_en = "须先确定被举报的单位", "Name the organisation complained about first"
    law = ("XINFANG 30(3)",)


class SummaryRevealsReporter(OversightError):
    """The text to be released names the reporter or a way to reach them."""

    code = "summary-reveals-reporter"
    title_zh, title_en = "摘要泄露举报人身份", "The summary would give the reporter away"
    law = ("SUPERVISION 10", "XINFANG 30(3)")


class SummaryRepeatsReport(OversightError):
    """The text to be released repeats the reporter's own words."""

    code = "summary-repeats-report"
    title_zh, title_en = "摘要照抄了举报原文", "The summary repeats the reporter's own words"
    law = ("SUPERVISION 10",)


class SummaryRequired(OversightError):
    """A department that is to act on a report of a violation needs a summary of it."""

    code = "summary-required"
    title_zh, title_en = "须写明转交摘要", "A summary for the department is required"
    law = ("XINFANG 23(1)",)


class DateNotPossible(OversightError):
    """An act is dated in the future, or before what it follows."""

    code = "date-not-possible"
    title_zh, title_en = "日期不成立", "The date cannot be right"


class ExtensionRefused(OversightError):
    """The time for resolving a complaint may be lengthened once, by at most what the article allows."""

    code = "extension-refused"
    title_zh, title_en = "不得延长办理期限", "The time cannot be lengthened so"


class AmountTargetRefused(OversightError):
    """A plan or measure ties people's standing to how much or how often they fine."""

    code = "amount-target-refused"
    title_zh, title_en = "不得以罚款数额、数量为指标", "No target on the amount or number of fines"
    law = ("APL 74", "DECREE-281")


class FilingThresholdMissing(OversightError):
    """The operator names a province without saying what is a major decision there."""

    code = "filing-threshold-missing"
    title_zh, title_en = "未设定重大处罚备案标准", "No filing threshold is set"
    law = ("SUPERVISION 9",)
