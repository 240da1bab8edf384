"""Refusals about evidence and measures."""

from cases.domain.errors.base import CasesError


class SensitiveCategoryRefused(CasesError):
    """Health, religion, biometrics and whereabouts do not enter this system (PIPL 28, 34)."""

    code, law = "sensitive-category-refused", ("PIPL 28", "PIPL 34")
    title_zh, title_en = "本系统不接收该类敏感个人信息", "This category of sensitive data is not taken in"


class HashMismatch(CasesError):
    """The file that arrived is not the file that was sent."""

    code, law = "hash-mismatch", ("APL 46(2)",)
    title_zh, title_en = "文件摘要不一致", "The file's digest does not match"


class DeviceNotReviewed(CasesError):
    """Recordings of fixed surveillance count only after legal and technical review of the device (APL 41)."""

    code, law = "device-not-reviewed", ("APL 41(1)",)
    title_zh, title_en = "电子技术监控设备未经审核", "The surveillance device has not been reviewed"


class EvidenceNotSufficient(CasesError):
    """Facts rest on evidence that is verified and not excluded (APL 40, 46)."""

    code, law = "evidence-not-sufficient", ("APL 40", "APL 46(2)")
    title_zh, title_en = "证据不足", "The evidence does not suffice"


class MeasureNotLawful(CasesError):
    """Preservation and seizure need a basis, an approval and an inventory, and they end in time (APL 56, AEL 22)."""

    code, law = "measure-not-lawful", ("APL 56", "AEL 22")
    title_zh, title_en = "先行登记保存或者查封、扣押不符合规定", "The preservation or seizure is not as the law has it"


class CustodyBroken(CasesError):
    """Evidence is handed on by who has it (APL 47)."""

    code, law = "custody-broken", ("APL 47",)
    title_zh, title_en = "证据保管链条中断", "The chain of custody is broken"
