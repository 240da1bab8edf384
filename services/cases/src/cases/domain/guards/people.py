"""Guards on people: who may act, on which day, and not in two functions at once (APL 42, 43, 58)."""

from collections.abc import Iterable
from datetime import date

from cases.domain import errors
from cases.domain.case_people import functions_of
from cases.domain.facts import Facts
from cases.domain.register import Officer
from cases.domain.rules import rule_file

OFFICERS_AT_LEAST = 2
"""APL 42(1)."""
_BEFORE_THEY_ARE_ASSIGNED = frozenset({"assign_officers", "decide_on_the_spot"})

__all__ = [
    "actor_is_credentialed_officer",
    "actor_is_investigator_of_the_case",
    "actor_is_not_recused",
    "case_officers_credentialed",
    "functions_kept_apart",
    "officers_keep_functions_apart",
    "officers_known_and_not_recused",
    "organisation_has_the_power",
    "reviewer_is_legally_qualified",
    "two_officers_required",
]


def organisation_has_the_power(facts: Facts) -> None:
    """The organisation may enforce in the matter's field on that day (APL 17 to 21)."""
    found = facts.matter
    if found is not None and not facts.register.organisation.qualified(found.matter.field, facts.day):
        raise errors.OrganisationNotQualified(
            f"{facts.register.organisation.name_zh}在{facts.day}对“{found.matter.field}”无处罚权。",
            f"{facts.register.organisation.name_en} has no power over {found.matter.field!r} on {facts.day}.",
        )


def actor_is_credentialed_officer(facts: Facts) -> None:
    """Who acts is an officer of the organisation with a valid credential, and has not been recused (APL 42, 43)."""
    officer = _actor(facts)
    _not_recused(facts, [officer])
    _credential_holds(officer, facts.day)
    if not officer.formal:
        raise errors.TwoOfficersRequired(
            "临时人员不得单独从事执法活动。",
            "Temporary staff do not carry out enforcement.",
            law=("APL 42(1)", "CONDUCT 4"),
        )


def actor_is_not_recused(facts: Facts) -> None:
    """Whoever was recused does nothing more in the case, in whatever role (APL 43)."""
    if not facts.actor.agent and facts.actor.subject in facts.case.recused_subjects(facts.day):
        raise errors.OfficerRecused(
            f"{facts.actor.name}已回避，不得再参与本案。",
            f"{facts.actor.name} has been recused and acts no more in this case.",
        )


def actor_is_investigator_of_the_case(facts: Facts) -> None:
    """Who records an investigative act is one of the officers on the case, with a credential that holds (APL 42)."""
    officer = _actor(facts)
    _not_recused(facts, [officer])
    if officer.formal:
        _credential_holds(officer, facts.day)
    if facts.actor.subject not in {a.subject for a in facts.case.officers_on(facts.day)}:
        raise errors.OfficerUnknown("仅本案办案人员可以办理。", "Only an officer assigned to the case does this.")


def officers_known_and_not_recused(facts: Facts) -> None:
    """Those to be assigned are officers of the organisation whom no recusal keeps out (APL 42, 43)."""
    known_and_not_recused(facts)


def two_officers_required(facts: Facts) -> None:
    """At least two formal officers with credentials valid on the day; temporary staff never count (APL 42(1)).

    But for the assignment itself, and on the spot, they are officers who are on the case.
    """
    _all_known(facts)
    _not_recused(facts, facts.officers)
    formal = [officer for officer in facts.officers if officer.formal]
    for officer in formal:
        _credential_holds(officer, facts.day)
    if facts.act.row not in _BEFORE_THEY_ARE_ASSIGNED:
        on_case = {a.subject for a in facts.case.officers_on(facts.day)}
        strangers = [officer.id for officer in formal if officer.subject not in on_case]
        if strangers:
            raise errors.OfficerUnknown(
                f"以下人员未被指定办理本案：{'、'.join(strangers)}。",
                f"Not assigned to this case: {', '.join(strangers)}.",
                errors={"officer_ids": [f"{officer_id} is not assigned" for officer_id in strangers]},
            )
    if len({officer.subject for officer in formal}) < OFFICERS_AT_LEAST:
        raise errors.TwoOfficersRequired(
            "请列明两名以上持有效执法证的正式执法人员，临时人员不计入。",
            "Name at least two formal officers with valid credentials; temporary staff do not count.",
            errors={"officer_ids": ["fewer than two formal officers"]},
        )


def case_officers_credentialed(facts: Facts) -> None:
    """On the day of the decision the case still has two officers whose credentials held when they reported (APL 42)."""
    report = facts.case.file.reports[-1] if facts.case.file.reports else None
    known = [facts.register.officers[i] for i in (report.officer_ids if report else ()) if i in facts.register.officers]
    formal = {officer.subject for officer in known if officer.formal}
    for officer in known:
        if report is not None and officer.formal:
            _credential_holds(officer, report.done_on)
    if len(formal) < OFFICERS_AT_LEAST:
        raise errors.TwoOfficersRequired(
            "调查报告应由两名以上正式执法人员提出。", "The report must rest on at least two formal officers."
        )


def functions_kept_apart(facts: Facts) -> None:
    """Who takes this function holds none in the case that excludes it (APL 58, RESPONSIBILITY 7)."""
    _not_recused(facts, [_actor(facts)])
    if facts.row is not None and facts.row.function is not None:
        keep_apart(facts, facts.actor.subject, facts.row.function)


def officers_keep_functions_apart(facts: Facts) -> None:
    """Nobody is put on a case that he or she has reviewed, decided or heard."""
    for officer in facts.officers:
        keep_apart(facts, officer.subject, "investigator")


def reviewer_is_legally_qualified(facts: Facts) -> None:
    """The reviewer holds the legal qualification on that day (APL 58(2))."""
    if not _actor(facts).may_review(facts.day):
        raise errors.ReviewerNotQualified(
            "请由已取得法律职业资格的人员审核。", "Have somebody with the legal qualification review the case."
        )


def known_and_not_recused(facts: Facts) -> None:
    """The officers whom an act names belong to the organisation, and no recusal keeps them out (APL 43)."""
    _all_known(facts)
    _not_recused(facts, facts.officers)


def _actor(facts: Facts) -> Officer:
    officer = facts.register.actor
    if officer is None or officer.organisation_id != facts.case.organisation_id:
        raise errors.OfficerUnknown(
            "该账号未对应本机关的执法人员。", "This login belongs to no officer of the organisation."
        )
    return officer


def _all_known(facts: Facts) -> None:
    unknown = [
        officer_id
        for officer_id in facts.act.officer_ids
        if officer_id not in facts.register.officers
        or facts.register.officers[officer_id].organisation_id != facts.case.organisation_id
    ]
    if unknown:
        raise errors.OfficerUnknown(
            f"本机关没有以下执法人员：{'、'.join(unknown)}。",
            f"Not officers of this organisation: {', '.join(unknown)}.",
            errors={"officer_ids": [f"{officer_id} is not known" for officer_id in unknown]},
        )


def _not_recused(facts: Facts, officers: Iterable[Officer]) -> None:
    kept_out = facts.case.recused_subjects(facts.day)
    for officer in officers:
        if officer.subject in kept_out:
            raise errors.OfficerRecused(
                f"{officer.name_zh}已回避，不得再参与本案。",
                f"{officer.name_en or officer.name_zh} has been recused and acts no more in this case.",
            )


def _credential_holds(officer: Officer, day: date) -> None:
    fault = officer.credential_fault(day)
    if fault is not None:
        zh, en = fault
        raise errors.CredentialNotValid(
            f"{officer.name_zh}（{officer.id}）在{day}：{zh}。",
            f"{officer.name_en or officer.name_zh} ({officer.id}) on {day}: {en}.",
            errors={"officer_ids": [f"{officer.id}: {en}"]},
        )


def keep_apart(facts: Facts, subject: str, function: str) -> None:
    """Refuse a function to somebody who holds one that excludes it (``rules/separation.toml``)."""
    held = functions_of(facts.case.file, subject)
    for pair in rule_file("separation")["pair"]:
        if function in pair["functions"] and held & (set(pair["functions"]) - {function}):
            raise errors.SeparationOfDuties(pair["zh"], pair["en"], law=tuple(pair["law"]))
