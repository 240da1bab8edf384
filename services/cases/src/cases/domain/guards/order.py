"""Guards on the order of things: days, organisation, review, service, and what must be finished."""

from cases.domain import errors
from cases.domain.acts import ApplyForRecusal, DecideRecusal
from cases.domain.facts import Facts
from cases.domain.values import Outcome

__all__ = [
    "not_before_what_it_presupposes",
    "not_in_the_future",
    "nothing_left_to_perform",
    "recusal_names_an_officer",
    "recusal_not_decided_by_its_subject",
    "within_own_organisation",
]


def within_own_organisation(facts: Facts) -> None:
    """Who acts belongs to the organisation whose case it is; the service itself acts for all (APL 17)."""
    if facts.actor.agent:
        return
    # The register is asked as well as the token, because a token may be older than a move to another organisation.
    known = facts.register.actor
    homes = {facts.actor.organisation_id} | ({known.organisation_id} if known is not None else set())
    if homes != {facts.case.organisation_id}:
        raise errors.OutsideOrganisation("请由案件所属机关办理。", "Only the organisation of the case acts in it.")


def not_in_the_future(facts: Facts) -> None:
    """An act may be recorded later than it was done, never earlier."""
    if facts.day > facts.today:
        raise errors.DateNotPossible(
            f"办理日期 {facts.day} 晚于今日 {facts.today}。",
            f"{facts.day} lies after today, {facts.today}.",
            errors={"done_on": ["lies in the future"]},
        )


def not_before_what_it_presupposes(facts: Facts) -> None:
    """No act lies before the acts on which it rests."""
    for name in facts.row.after if facts.row else ():
        earlier = facts.case.last_day(name)
        if earlier is not None and facts.day < earlier:
            raise errors.DateNotPossible(
                f"办理日期 {facts.day} 早于其前提行为的日期 {earlier}。",
                f"{facts.day} lies before {earlier}, the day of an act that it presupposes ({name}).",
                errors={"done_on": [f"lies before {name}"]},
            )


def recusal_names_an_officer(facts: Facts) -> None:
    """Whoever is to keep out of the case is an officer of its organisation (APL 43)."""
    officer = facts.register.officers.get(facts.expect(ApplyForRecusal).officer_id)
    if officer is None or officer.organisation_id != facts.case.organisation_id:
        raise errors.OfficerUnknown(
            "本机关没有该执法人员。",
            "Not an officer of this organisation.",
            law=("APL 43(1)",),
            errors={"officer_id": ["is not known"]},
        )


def recusal_not_decided_by_its_subject(facts: Facts) -> None:
    """Nobody decides on the own recusal (APL 43(3))."""
    act = facts.expect(DecideRecusal)
    recusal = facts.case.recusal(act.recusal_id)
    if recusal.granted is not None:
        raise errors.ActOutOfOrder("该回避申请已经决定。", "This application has been decided.", law=("APL 43(3)",))
    if recusal.subject == facts.actor.subject:
        raise errors.SeparationOfDuties(
            "本人的回避由其他负责人决定。", "Nobody decides on the own recusal.", law=("APL 43(3)",)
        )


def nothing_left_to_perform(facts: Facts) -> None:
    """A penalty is closed when performed; other outcomes when they are served or, for a transfer, decided."""
    decision = facts.case.file.decision
    if decision is None:
        raise errors.ActOutOfOrder("尚未作出决定。", "There is no decision yet.", law=("APL 66(1)",))
    served = decision.service is not None
    performed = decision.performed_on is not None
    if decision.outcome is Outcome.TRANSFERRED:
        return
    if not served:
        raise errors.NotPerformed("决定书尚未送达。", "The decision has not been served.", law=("APL 61(1)",))
    if decision.sanction.money_fen > 0 and not performed:
        raise errors.NotPerformed("罚没款尚未缴清。", "What is owed has not been paid in full.")
