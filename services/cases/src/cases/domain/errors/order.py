"""Refusals about the order of the procedure."""

from cases.domain.errors.base import CasesError


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
