"""Guards on the substance: basis in force, limitation, party, sanction (APL 4, 16, 34, 36, 45)."""

from datetime import date

from cases.domain import errors
from cases.domain.acts import Decide, DecideOnTheSpot, IssuePriorNotice, ReportInvestigation
from cases.domain.facts import Facts
from cases.domain.guards.leniency import conduct_end
from cases.domain.register import Matter
from cases.domain.sanction import Sanction, faults, heavier
from cases.domain.values import HeardKind, Outcome, PartyKind
from gongzheng.money import format_minor

__all__ = [
    "fine_within_the_level_of_the_organisation",
    "legal_basis_in_force",
    "legal_basis_is_repealed",
    "not_heavier_because_of_the_defence",
    "not_heavier_than_announced",
    "nothing_is_imposed",
    "order_to_correct_came_first",
    "party_is_known",
    "sanction_within_band",
    "within_limitation",
]


def party_is_known(facts: Facts) -> None:
    """The case is against somebody, and somebody whom the matter can concern (APL 54(2))."""
    party = facts.party
    if party is None:
        raise errors.PartyRequired(
            "立案前应查明当事人。", "Identify the party before filing.", errors={"party": ["is missing"]}
        )
    found = facts.matter
    if found is not None and party.kind not in found.matter.party_kinds:
        raise errors.PartyRequired(
            "该事项不适用于此类当事人。",
            "The matter does not concern this kind of party.",
            errors={"party": ["wrong kind"]},
        )


def legal_basis_in_force(facts: Facts) -> None:
    """Matter and basis are in force on the day of the act and were on the day of the conduct (APL 4, 16, 38)."""
    for found in (facts.matter, facts.register.matter_at_conduct):
        if found is None:
            raise errors.Unknown.thing("执法事项", "matter")
        if not found.in_force or found.matter.closing_only:
            ended = found.basis.period.until or found.matter.period.until
            raise errors.LegalBasisRepealed(
                f"《{found.basis.title_zh}》在{found.day}不具有效力（{ended or found.basis.period.since}）。",
                f"{found.basis.title_en} was not in force on {found.day}"
                + (f"; its last day was {ended}." if ended else f"; it begins on {found.basis.period.since}."),
            )


def legal_basis_is_repealed(facts: Facts) -> None:
    """The way out of a case whose basis has been repealed is open only when it has."""
    found = facts.matter
    if found is None or found.in_force:
        raise errors.ActOutOfOrder(
            "该依据仍然有效，不适用此结案方式。",
            "The basis is in force; the case cannot end this way.",
            law=("APL 38(1)",),
        )


def within_limitation(facts: Facts) -> None:
    """The organisation took the conduct up within the years of limitation (APL 36).

    What counts is the day on which the lead was taken up, because the conduct is discovered with it; a continuing act
    is counted from its last day (APL 36(2)).
    """
    conduct_on = conduct_end(facts)
    found = facts.matter
    if conduct_on is None or found is None:
        return
    years = _limitation_years(found.matter, harm=facts.case.harm or bool(getattr(facts.act, "harm", False)))
    last = _years_after(conduct_on, years)
    taken_up_on = facts.day if facts.case.state is None else facts.case.received_on
    if taken_up_on > last:
        raise errors.LimitationExpired(
            f"违法行为发生于{conduct_on}，追责期限{years}年，至{last}届满。",
            f"The conduct was on {conduct_on}; the limitation of {years} years ended on {last}.",
        )


def sanction_within_band(facts: Facts) -> None:
    """The sanction is one the matter opens for this party, and within its range (APL 34)."""
    sanction, party, found = _sanction(facts), facts.party, facts.matter
    if sanction is None or found is None:
        return
    kind = party.kind if party is not None else PartyKind.ORGANISATION
    # The law of the day of the act applies; the present one where it is lighter (APL 37), which a further guard asks.
    then = facts.register.matter_at_conduct
    versions = [found.matter] if then is None or then.matter == found.matter else [found.matter, then.matter]
    wrong = min((list(faults(sanction, matter, kind)) for matter in versions), key=len)
    if wrong:
        raise errors.SanctionOutsideBand(
            "；".join(zh for zh, _ in wrong) + "。",
            "; ".join(en for _, en in wrong) + ".",
            law=("APL 34", *found.matter.sanctioned),
            errors={"sanction": [en for _, en in wrong]},
        )


def fine_within_the_level_of_the_organisation(facts: Facts) -> None:
    """Where a statute leaves high fines to higher bodies, a lower one does not impose them (APL 23)."""
    sanction, found = _sanction(facts), facts.matter
    if sanction is None or found is None or found.matter.fine_level is None:
        return
    matter, level = found.matter, facts.register.organisation.level
    if sanction.fine_fen >= matter.fine_level_from_fen and not level.at_least(found.matter.fine_level):
        raise errors.OrganisationNotQualified(
            f"{format_minor(matter.fine_level_from_fen)}元以上的罚款由{found.matter.fine_level}级以上机关决定。",
            f"Fines from {format_minor(matter.fine_level_from_fen)} yuan are for {matter.fine_level} level and above.",
            law=tuple(law for law in (matter.fine_level_law, "APL 23") if law),
            errors={"sanction": ["above what this level may impose"]},
        )


def nothing_is_imposed(facts: Facts) -> None:
    """A decision that is no penalty takes nothing from the party: otherwise it would go round notice and hearing."""
    act = facts.expect(Decide)
    if act.sanction.kinds or act.sanction.money_fen or act.sanction.confiscated_goods:
        raise errors.SanctionOutsideBand(
            "不予处罚、不能成立或者移送的案件不得科处处罚。",
            "A case that ends without penalty imposes none.",
            law=("APL 57(1)", "APL 62"),
            errors={"sanction": ["must be empty for this outcome"]},
        )


def not_heavier_than_announced(facts: Facts) -> None:
    """The decision takes nothing that the party was not told of and could not answer (APL 44, 45)."""
    notice = facts.case.notice
    if notice is not None and heavier(facts.expect(Decide).sanction, notice.sanction):
        raise errors.HeavierThanNoticed(
            f"决定不得重于{notice.document_number}告知的内容。",
            f"The decision may not be heavier than notice {notice.document_number}.",
        )


def not_heavier_because_of_the_defence(facts: Facts) -> None:
    """A new notice after a defence is no heavier than the one defended against, unless new evidence came (APL 45)."""
    answered = {heard.notice_id: heard.done_on for heard in facts.case.file.heard if heard.kind is HeardKind.STATEMENT}
    defended = [notice for notice in facts.case.file.notices if notice.notice_id in answered]
    if not defended or not heavier(facts.expect(IssuePriorNotice).sanction, defended[-1].sanction):
        return
    since = answered[defended[-1].notice_id]
    if not any(piece.counts and piece.done_on > since for piece in facts.case.evidence):
        raise errors.HeavierThanNoticed(
            "不得因当事人陈述申辩而加重处罚；确有新的证据方可重新告知。",
            "Not heavier because of the defence; only new evidence opens a heavier notice.",
        )


def order_to_correct_came_first(facts: Facts) -> None:
    """Where the article opens the sanction only after a disobeyed order to correct, there was one (APL 28)."""
    act, found = facts.expect(ReportInvestigation), facts.matter
    if found is None or not found.matter.correct_first or act.proposal is not Outcome.PENALTY:
        return
    if act.correction_ordered_on is None or not act.correction_disobeyed or act.correction_ordered_on > act.done_on:
        raise errors.CorrectionFirst(
            "该事项以责令改正而拒不改正（逾期不改正）为前提。",
            "The matter opens a sanction only after an order to correct was not obeyed.",
            law=("APL 28(1)", *found.matter.sanctioned),
        )


def _sanction(facts: Facts) -> Sanction | None:
    act = facts.act
    if isinstance(act, ReportInvestigation):
        return act.sanction if act.proposal is Outcome.PENALTY else None
    if isinstance(act, Decide | DecideOnTheSpot | IssuePriorNotice):
        return act.sanction
    return None


def _limitation_years(matter: Matter, *, harm: bool) -> int:
    return (matter.limitation_years_with_harm or matter.limitation_years) if harm else matter.limitation_years


def _years_after(day: date, years: int) -> date:
    """The corresponding day so many years later; for 29 February, where there is none, the last day of that month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
