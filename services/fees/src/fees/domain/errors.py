"""Every refusal of the fees service: one class each, with stable code, status and the article where a rule refused."""

from typing import ClassVar


class FeesError(Exception):
    """A step that the fees service does not take. ``law`` cites the articles that forbid it, where some do."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "不予办理"
    title_en: ClassVar[str] = "Refused"
    law: tuple[str, ...] = ()

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = errors or {}


class BadSignature(FeesError):
    """A notice without a valid signature of a registered agent; the answer never says what was wrong with it."""

    code, status, title_zh, title_en = "bad-signature", 401, "签名无效", "The signature is not valid"
    law = ("DECREE-235 6",)
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Gongzheng-Signature"}


class AgreementNotInForce(FeesError):
    """The agent had no agreement on the day the money was paid."""

    code, status = "agreement-not-in-force", 403
    title_zh, title_en = "代收协议不在有效期内", "The collecting agreement is not in force"
    law = ("DECREE-235 5", "DECREE-235 6")


class UnknownAgent(FeesError):
    """There is no such collecting agent."""

    code, status, title_zh, title_en = "not-found", 404, "未找到", "Not found"


class AgreementPeriodInvalid(FeesError):
    """An agreement that ends before it begins."""

    code, title_zh, title_en = "agreement-period-invalid", "协议期限有误", "The agreement ends before it begins"


class AgreementReferenceTaken(FeesError):
    """The same agreement was registered before."""

    code, status = "agreement-already-registered", 409
    title_zh, title_en = "该协议已登记", "This agreement is registered already"


class KeyNotAcceptable(FeesError):
    """A public key that is not 32 bytes of Ed25519 in base64."""

    code, title_zh, title_en = "key-not-acceptable", "密钥不合要求", "The key cannot be used"


class ReferenceReused(FeesError):
    """The bank gave one reference to two different payments."""

    code, status = "bank-reference-conflict", 409
    title_zh, title_en = "同一银行流水号对应不同款项", "The bank reference was used for another payment"
    law = ("DECREE-235 10",)


class PaidInFuture(FeesError):
    """A payment that is said to have happened after now."""

    code, title_zh, title_en = "paid-in-future", "缴款时间在未来", "The payment lies in the future"


class ItemsDoNotAddUp(FeesError):
    """The items of a notice do not add up to its amount."""

    code, title_zh, title_en = "items-do-not-add-up", "明细合计与金额不符", "The items do not add up to the amount"


class ChargeWithoutBasis(FeesError):
    """A charge that stands on no obligation: nothing else may be collected along with a penalty."""

    code, title_zh, title_en = "charge-without-basis", "无依据收费", "A charge without legal basis"
    law = ("CONDUCT 13",)


class SegmentOverlaps(FeesError):
    """Receipt numbers that were loaded before."""

    code, status = "receipt-segment-overlaps", 409
    title_zh, title_en = "票据号段重叠", "The receipt numbers overlap with a loaded segment"
    law = ("APL 70",)


class SegmentInvalid(FeesError):
    """A receipt segment that is no range of numbers."""

    code, title_zh, title_en = "receipt-segment-invalid", "票据号段无效", "The receipt segment is not valid"
    law = ("APL 70",)


class ReceiptNotFound(FeesError):
    """No receipt fits all of what was given; which part does not fit is not said."""

    code, status, title_zh, title_en = "receipt-not-found", 404, "未查到该票据", "No such receipt"


class ReceiptNotLive(FeesError):
    """A receipt that was voided before."""

    code, status = "receipt-not-live", 409
    title_zh, title_en = "票据已作废", "The receipt is void already"
    law = ("APL 70",)


class ReceiptCannotBePrinted(FeesError):
    """The machine lacks what a receipt needs to be readable, such as its Chinese font."""

    code, status = "receipt-cannot-be-printed", 503
    title_zh, title_en = "暂时无法生成票据", "The receipt cannot be produced right now"


class ObligationNotFound(FeesError):
    """No obligation fits all of what was given; which part does not fit is not said."""

    code, status, title_zh, title_en = "obligation-not-found", 404, "未查到应缴款项", "Nothing to pay was found"


class DecisionContradicts(FeesError):
    """A second event for the same decision says something else: an operator must look at both."""

    code, status = "decision-contradicts", 409
    title_zh, title_en = "同一决定的事件相互矛盾", "Two events about one decision contradict each other"
    law = ("APL 67",)


class DecisionIncomplete(FeesError):
    """A decision that asks for money and does not say until when."""

    code, title_zh, title_en = "decision-incomplete", "决定缺少缴款期限", "The decision sets no payment deadline"
    law = ("DECREE-235 7",)


class ImportDoesNotBalance(FeesError):
    """decided + surcharge + interest - waived - paid is not the balance that the import states."""

    code, title_zh, title_en = "import-does-not-balance", "历史案件余额不平", "The imported balance does not add up"


class LedgerUnbalanced(FeesError):
    """A transaction whose debits and credits differ: a fault of ours, never of the caller."""

    code, status, title_zh, title_en = "ledger-unbalanced", 500, "账务不平", "The ledger transaction is not balanced"


class RulesInvalid(FeesError):
    """A rule file that cites nothing, or names what does not exist."""

    code, status, title_zh, title_en = "rules-invalid", 500, "规则文件有误", "The rule file is not valid"
