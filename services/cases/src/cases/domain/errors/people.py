"""Refusals about people and bodies."""

from cases.domain.errors.base import CasesError


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
