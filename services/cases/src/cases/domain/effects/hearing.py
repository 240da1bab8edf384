"""The prior notice, the party's answer, the hearing."""

from typing import TYPE_CHECKING

from cases.domain import acts, events
from cases.domain.facts import Facts
from cases.domain.numbering import PRIOR_NOTICE
from cases.domain.records import Heard, Hearing, Notice
from cases.domain.sanction import hearing_offered
from cases.domain.values import PartyKind

if TYPE_CHECKING:
    from cases.domain.case import Case


def issue_prior_notice(case: "Case", act: acts.IssuePriorNotice, facts: Facts) -> None:
    """The notice gets its number and says whether a hearing can be asked for."""
    kind = case.party.kind if case.party is not None else PartyKind.ORGANISATION
    case.file.notices.append(
        Notice(
            notice_id=act.notice_id,
            document_number=facts.draw_number(PRIOR_NOTICE),
            issued_on=act.done_on,
            facts=act.facts,
            reasons=act.reasons,
            sanction=act.sanction,
            basis=facts.matter.matter.basis_laws if facts.matter is not None else (),
            hearing_law=hearing_offered(act.sanction, kind, case.region_code),
        )
    )


def hear(case: "Case", act: acts.HearParty, _facts: Facts) -> None:
    """The answer belongs to the notice that is current."""
    notice = case.notice
    case.file.heard.append(
        Heard(
            notice_id=notice.notice_id if notice is not None else "",
            kind=act.kind,
            done_on=act.done_on,
            content=act.content,
            hearing_requested=act.hearing_requested,
            hearing_waived=act.hearing_waived,
        )
    )
    case.events.append(events.StatementReceived(case_id=case.id, kind=act.kind.value, received_on=act.done_on))


def hold(case: "Case", act: acts.HoldHearing, facts: Facts) -> None:
    """The record of the hearing joins the file; the decision rests on it (APL 65)."""
    notice_id = case.notice.notice_id if case.notice is not None else ""
    case.file.hearings.append(
        Hearing(
            notice_id=notice_id,
            done_on=act.done_on,
            announced_on=act.announced_on,
            chair_subject=facts.actor.subject,
            record=act.record,
            place=act.place,
        )
    )
    case.events.append(events.HearingHeld(case_id=case.id, notice_id=notice_id, held_on=act.done_on))
