"""Refusals about the substance of a case."""

from cases.domain.errors.base import CasesError


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


class SimpleProcedureLimit(CasesError):
    """On the spot only a warning or a small fine is decided (APL 51)."""

    code, law = "simple-procedure-limit", ("APL 51",)
    title_zh, title_en = "不适用简易程序", "Not for the simple procedure"


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
