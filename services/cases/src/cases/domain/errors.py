"""The refusals of this service: each class one stable code, one status and the article that forbids the step.

``detail_zh`` and ``detail_en`` say what to do; ``detail`` is the English one for callers that name no language.
"""

from typing import ClassVar


class CasesError(Exception):
    """A step that the case, or the law, does not allow."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    title_zh: ClassVar[str] = "不予办理"
    title_en: ClassVar[str] = "Refused"
    law: tuple[str, ...] = ()

    def __init__(
        self,
        detail_zh: str,
        detail_en: str,
        *,
        law: tuple[str, ...] | None = None,
        errors: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(detail_en)
        self.detail_zh, self.detail_en, self.detail = detail_zh, detail_en, detail_en
        if law is not None:
            self.law = law
        self.errors = errors or {}


# --- people and bodies -------------------------------------------------------------------------------------------


class TwoOfficersRequired(CasesError):
    """Enforcement is carried out by at least two qualified officers; temporary staff do not count (APL 42)."""

    code, law = "two-officers-required", ("APL 42(1)", "CONDUCT 14")
    title_zh, title_en = "执法应由不少于两名执法人员进行", "At least two formal officers are required"


class CredentialNotValid(CasesError):
    """The officer's credential does not cover the day of the act (APL 42)."""

    code, law = "credential-not-valid-on-date", ("APL 42(1)", "CONDUCT 4")
    title_zh, title_en = "执法资格在该日无效", "The officer's credential is not valid on that day"


class OfficerRecused(CasesError):
    """A recused officer acts no more in the case (APL 43)."""

    code, law = "officer-recused", ("APL 43(1)",)
    title_zh, title_en = "该执法人员已经回避", "The officer has been recused from this case"


class OfficerUnknown(CasesError):
    """The named person is no officer of the case's organisation, or not on this case."""

    code, law = "officer-not-of-this-case", ("APL 42(1)",)
    title_zh, title_en = "该人员不是本案执法人员", "The person is not an officer of this case"


class SeparationOfDuties(CasesError):
    """Handling, review and decision of one case are three different people (APL 58, responsibility rules 7)."""

    code, status, law = "separation-of-duties", 403, ("APL 58(1)", "RESPONSIBILITY 7")
    title_zh, title_en = "办案、审核、决定人员应当分离", "The same person may not hold both functions in one case"


class ReviewerNotQualified(CasesError):
    """Who reviews the legality of decisions must have passed the national legal qualification (APL 58(2))."""

    code, status, law = "reviewer-not-qualified", 403, ("APL 58(2)",)
    title_zh, title_en = "法制审核人员未取得法律职业资格", "The reviewer lacks the legal qualification"


class RoleNotEntitled(CasesError):
    """The caller's roles do not entitle to this act."""

    code, status, law = "role-not-entitled", 403, ("CONDUCT 6",)
    title_zh, title_en = "无权办理该事项", "The role does not entitle to this act"


class OutsideOrganisation(CasesError):
    """The case belongs to another organisation."""

    code, status, law = "outside-organisation", 403, ("APL 17", "CONDUCT 6")
    title_zh, title_en = "该案件属于其他机关", "The case belongs to another organisation"


class OrganisationNotQualified(CasesError):
    """Penalties are imposed by bodies with the power to do so, within its scope (APL 17 to 21)."""

    code, law = "organisation-not-qualified", ("APL 17", "APL 38(1)")
    title_zh, title_en = "该机关在该日无此项处罚权", "The organisation has no such power on that day"


# --- order of the procedure -------------------------------------------------------------------------------------


class ActOutOfOrder(CasesError):
    """The act does not follow from the state in which the case is."""

    code, status = "act-out-of-order", 409
    title_zh, title_en = "案件当前阶段不能办理该事项", "The act is not possible in the case's present state"


class EvidenceClosed(CasesError):
    """Nothing is added to the evidence after the decision (APL 46, conduct code 10)."""

    code, status, law = "evidence-closed", 409, ("APL 46(2)", "CONDUCT 10")
    title_zh, title_en = "作出决定后不得补充证据", "No evidence may be added after the decision"


class PartyNotHeard(CasesError):
    """No decision before the party was told and heard (APL 62)."""

    code, status, law = "party-not-heard", 409, ("APL 62", "APL 44", "APL 45(1)")
    title_zh, title_en = "未告知或者未听取当事人陈述申辩", "The party has not been told and heard"


class HearingNotHeld(CasesError):
    """The right to a hearing has been told and is neither waived, run out nor fulfilled (APL 63, 64)."""

    code, status, law = "hearing-right-open", 409, ("APL 63(1)", "APL 64")
    title_zh, title_en = "当事人的听证权利尚未行使完毕", "The party's right to a hearing is still open"


class ReviewRequired(CasesError):
    """Where the law asks for legal review, nothing is announced or decided before it has passed (APL 58)."""

    code, status, law = "review-required", 409, ("APL 58(1)",)
    title_zh, title_en = "未经法制审核或者审核未通过", "The legal review has not passed"


class ReasonsRequired(CasesError):
    """What is returned, refused or changed says why (APL 58, SAMR-PROC 54)."""

    code, law = "reasons-required", ("APL 58(1)",)
    title_zh, title_en = "应当说明理由", "The reasons are missing"


class DiscussionRequired(CasesError):
    """Complex or major violations are decided by the heads together (APL 57(2))."""

    code, status, law = "collective-discussion-required", 409, ("APL 57(2)",)
    title_zh, title_en = "应当由负责人集体讨论决定", "The heads must decide together"


class NotPerformed(CasesError):
    """A case is closed when the decision is carried out or nothing is left to carry out."""

    code, status, law = "decision-not-performed", 409, ("APL 66(1)",)
    title_zh, title_en = "处罚决定尚未履行完毕", "The decision has not been carried out"


class TimeNotExtended(CasesError):
    """A time limit is extended only as often and as long as its law says, and before it ends."""

    code, status, law = "time-not-extended", 409, ("APL 60",)
    title_zh, title_en = "该期限不得延长", "The time limit is not extended"


class DateNotPossible(CasesError):
    """An act cannot lie in the future, nor before an act that it presupposes."""

    code, law = "date-not-possible", ("CONDUCT 10",)
    title_zh, title_en = "办理日期不成立", "The act cannot have happened on that day"


# --- substance ----------------------------------------------------------------------------------------------------


class LegalBasisRepealed(CasesError):
    """Without a basis in force there is no penalty (APL 4, 16, 38)."""

    code, law = "legal-basis-repealed", ("APL 4", "APL 16", "APL 38(1)")
    title_zh, title_en = "该依据在该日不具有效力", "The legal basis is not in force on that day"


class LimitationExpired(CasesError):
    """After two years, in grave matters five, no penalty is imposed (APL 36)."""

    code, law = "limitation-expired", ("APL 36(1)",)
    title_zh, title_en = "违法行为已过追责期限", "The period of limitation has run out"


class SanctionOutsideBand(CasesError):
    """The sanction is not one that the matter opens, or not within its range (APL 34)."""

    code, law = "sanction-outside-band", ("APL 34", "APL 5(2)")
    title_zh, title_en = "处罚种类或者幅度超出法定范围", "The sanction is outside what the matter allows"


class HeavierThanNoticed(CasesError):
    """The decision is not heavier than what the party was told and could answer (APL 44, 45)."""

    code, law = "heavier-than-noticed", ("APL 45(2)", "APL 44")
    title_zh, title_en = "处罚重于事先告知的内容", "The sanction is heavier than the one announced"


class FinedBefore(CasesError):
    """The same act is fined once (APL 29)."""

    code, status, law = "same-act-fined-before", 409, ("APL 29",)
    title_zh, title_en = "同一违法行为不得给予两次以上罚款", "The same act has been fined before"


class NotPunished(CasesError):
    """The law keeps the party from being punished, or from being punished in full (APL 30 to 33)."""

    code, law = "not-to-be-punished", ("APL 33",)
    title_zh, title_en = "依法不予或者应当从轻、减轻处罚", "The law excludes or lessens a penalty here"


class LighterLawApplies(CasesError):
    """When the law has changed since the act, the lighter one applies (APL 37)."""

    code, law = "lighter-law-applies", ("APL 37",)
    title_zh, title_en = "应当适用处罚较轻的规定", "The lighter law applies"


class DefenceNotConsidered(CasesError):
    """Facts, reasons and evidence that the party brought forward are re-examined on record (APL 45)."""

    code, law = "defence-not-considered", ("APL 45(1)",)
    title_zh, title_en = "未记录对陈述申辩的复核意见", "The party's defence has not been re-examined on record"


class FilingIncomplete(CasesError):
    """Filing names matter and day of the conduct, not filing its reason (APL 54(2))."""

    code, law = "filing-incomplete", ("APL 54(2)",)
    title_zh, title_en = "立案内容不完整", "The decision on filing is not complete"


class PartyRequired(CasesError):
    """A case is filed against an identified party that the matter can concern."""

    code, law = "party-required", ("APL 54(2)",)
    title_zh, title_en = "当事人不明确或者不属于该事项的对象", "No party, or not one the matter can concern"


class CorrectionFirst(CasesError):
    """The sanction is open only after an order to correct was not obeyed."""

    code, law = "correction-first", ("APL 28(1)",)
    title_zh, title_en = "应当先责令改正", "An order to correct comes first"


class ServiceNotValid(CasesError):
    """The facts of service do not make the document served (APL 61)."""

    code, law = "service-not-valid", ("APL 61(1)",)
    title_zh, title_en = "送达不成立", "The document has not been served"


class ElectronicServiceNeedsConsent(ServiceNotValid):
    """Electronic service only with the party's signed consent (APL 61(2))."""

    code, law = "electronic-service-needs-consent", ("APL 61(2)",)
    title_zh, title_en = "电子送达须经当事人签订确认书", "Electronic service needs the party's signed consent"


# --- evidence -----------------------------------------------------------------------------------------------------


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


# --- things ---------------------------------------------------------------------------------------------------------


class Unknown(CasesError):
    """There is no such thing, or the caller may not know of it."""

    code, status = "not-found", 404
    title_zh, title_en = "未找到", "Not found"

    @classmethod
    def thing(cls, what_zh: str, what_en: str) -> "Unknown":
        """The refusal for one kind of thing."""
        return cls(f"没有这样的{what_zh}。", f"There is no such {what_en}.")


class FileNotLoadable(CasesError):
    """A data file that does not keep to its format; ``errors`` names entry and field."""

    code = "file-not-loadable"
    title_zh, title_en = "数据文件不符合格式", "The data file does not keep to its format"


class DocumentFailed(CasesError):
    """A document cannot be set: a font is missing or the template is at fault. The act is not taken."""

    code, status = "document-not-rendered", 500
    title_zh, title_en = "文书未能生成", "The document could not be produced"
