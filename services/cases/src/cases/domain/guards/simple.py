"""Guards on the simple procedure (APL 51, 52)."""

from cases.domain import errors
from cases.domain.acts import DecideOnTheSpot
from cases.domain.facts import Facts
from cases.domain.rules import rule_file
from cases.domain.values import PartyKind, Procedure
from gongzheng.money import format_minor

__all__ = [
    "handed_in_where_on_the_spot",
    "is_not_handed_in_yet",
    "shown_told_and_handed_over",
    "simple_procedure_is_open",
]


def simple_procedure_is_open(facts: Facts) -> None:
    """The matter allows it, and the sanction is a warning or a fine within the limit for the party (APL 51)."""
    act, found, rule = facts.expect(DecideOnTheSpot), facts.matter, rule_file("thresholds")["simple"]
    law = tuple(rule["law"])
    if found is not None and Procedure.SIMPLE.value not in found.matter.procedures:
        raise errors.SimpleProcedureLimit(
            "该事项不适用简易程序。", "The matter is not one for the simple procedure.", law=law
        )
    if found is not None and found.matter.correct_first:
        raise errors.CorrectionFirst(
            "该事项以责令改正而拒不改正为前提，应适用普通程序。",
            "The matter opens a sanction only after a disobeyed order to correct: the ordinary way.",
        )
    limit = rule["person_fen"] if act.party.kind is PartyKind.PERSON else rule["organisation_fen"]
    others = {kind.value for kind in act.sanction.kinds} - set(rule["sanctions"])
    if others or act.sanction.fine_fen > limit or act.sanction.confiscation_fen:
        raise errors.SimpleProcedureLimit(
            f"当场处罚限于警告和{format_minor(limit)}元以下罚款，其他应适用普通程序。",
            f"On the spot: a warning or a fine of up to {format_minor(limit)} yuan; all else takes the ordinary way.",
            law=law,
            errors={"sanction": ["above the limit, or of another kind"]},
        )


def shown_told_and_handed_over(facts: Facts) -> None:
    """Credentials shown, rights told, the party heard, the decision handed over and signed or the refusal noted."""
    act = facts.expect(DecideOnTheSpot)
    wrong: dict[str, list[str]] = {}
    if not act.credentials_shown:
        wrong["credentials_shown"] = ["must be true"]
    if not act.told_of_rights:
        wrong["told_of_rights"] = ["must be true"]
    if act.statement.strip() and not act.statement_opinion.strip():
        wrong["statement_opinion"] = ["say what came of the party's statement"]
    if not act.signed and not act.refusal_note.strip():
        wrong["refusal_note"] = ["is needed when not signed"]
    if wrong:
        raise errors.PartyNotHeard(
            "当场处罚应出示证件、告知并听取陈述申辩、当场交付决定书；拒绝签收的应注明。",
            "Show credentials, tell and hear the party, hand the decision over; a refusal to sign is noted.",
            law=("APL 52(1)", "APL 44", "APL 45(1)", "APL 62"),
            errors=wrong,
        )


def is_not_handed_in_yet(facts: Facts) -> None:
    """Only a decision on the spot is handed in, and once (APL 52(3))."""
    if facts.case.procedure is not Procedure.SIMPLE or facts.case.file.handed_in_on is not None:
        raise errors.ActOutOfOrder(
            "不是当场处罚案件，或者已经备案。", "Not decided on the spot, or handed in already.", law=("APL 52(3)",)
        )


def handed_in_where_on_the_spot(facts: Facts) -> None:
    """A decision on the spot is on record with the organisation before its case is closed (APL 52(3))."""
    if facts.case.procedure is Procedure.SIMPLE and facts.case.file.handed_in_on is None:
        raise errors.NotPerformed(
            "当场处罚决定尚未报所属机关备案。",
            "The decision on the spot is not on record with the organisation yet.",
            law=("APL 52(3)",),
        )
