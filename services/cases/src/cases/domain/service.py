"""Service of documents: when it takes effect, by method and facts (APL 61; ``rules/service.toml``).

The day is the act's own day; what must hold differs by method. A public announcement takes effect on the day on which
its period has passed, and on no other.
"""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from cases.domain import errors
from cases.domain.acts import Serve
from cases.domain.records import ServiceAnnouncement, ServiceAttempt
from cases.domain.rules import rule_file
from cases.domain.values import DocumentKind, PartyKind, RecipientCapacity, ServiceMethod
from gongzheng.legaltime import deadline

if TYPE_CHECKING:
    from cases.domain.case import Case
    from cases.domain.facts import Facts

_FOR = {
    RecipientCapacity.FAMILY: PartyKind.PERSON,
    RecipientCapacity.REPRESENTATIVE: PartyKind.ORGANISATION,
    RecipientCapacity.RECEIVER: PartyKind.ORGANISATION,
}


def issued(case: "Case", document: DocumentKind) -> tuple[str, date, bool] | None:
    """The number and day of the document as it was issued, and whether it has been served; None before it is issued."""
    if document is DocumentKind.PRIOR_NOTICE:
        notice = case.notice
        return None if notice is None else (notice.document_number, notice.issued_on, notice.service is not None)
    decision = case.file.decision
    return None if decision is None else (decision.document_number, decision.done_on, decision.service is not None)


def attempts_of(case: "Case", document: DocumentKind) -> list[ServiceAttempt]:
    """The failed attempts to serve the document as it stands now."""
    found = issued(case, document)
    return [] if found is None else [a for a in case.file.attempts if a.document_number == found[0]]


def announcement_of(case: "Case", document: DocumentKind) -> ServiceAnnouncement | None:
    """The announcement of the document as it stands now."""
    found = issued(case, document)
    made = [a for a in case.file.announcements if found is not None and a.document_number == found[0]]
    return made[-1] if made else None


def effective_on(facts: "Facts") -> date:
    """The day on which the document counts as served.

    Raises:
        ServiceNotValid: when the facts do not make a valid service.
    """
    act = facts.expect(Serve)
    if act.done_on < act.sent_on:
        raise errors.ServiceNotValid(
            "送达日期早于发出日期。",
            "It cannot have arrived before it was sent.",
            errors={"sent_on": ["after done_on"]},
        )
    _METHODS[act.method](act, facts)
    return act.done_on


def _direct(act: Serve, facts: "Facts") -> None:
    """Handed over and signed for by the recipient, or by who may sign for it (CPL 88)."""
    _signed_for(act, facts)


def _signed_for(act: Serve, facts: "Facts") -> None:
    if not act.recipient:
        raise errors.ServiceNotValid("应写明签收人。", "Name who signed for it.", errors={"recipient": ["is missing"]})
    party = facts.case.party
    if party is not None and _FOR.get(act.capacity, party.kind) is not party.kind:
        raise errors.ServiceNotValid(
            "该签收人身份不适用于此类当事人。",
            "Who signed cannot do so for this kind of party.",
            law=("CPL 88(1)",),
            errors={"capacity": ["not for this kind of party"]},
        )


def _left(act: Serve, _facts: "Facts") -> None:
    """Left because acceptance was refused; a witness or a recording proves it, and the reason is noted (CPL 89)."""
    if not act.witness and not act.recorded:
        raise errors.ServiceNotValid(
            "留置送达应有见证人或者全程录像。",
            "A document that is left needs a witness or a recording.",
            law=("CPL 89",),
            errors={"witness": ["a witness or a recording is needed"]},
        )
    if not act.note.strip():
        raise errors.ServiceNotValid(
            "留置送达应记明拒收事由。",
            "Note why acceptance was refused.",
            law=("CPL 89",),
            errors={"note": ["is missing"]},
        )


def _entrusted(act: Serve, facts: "Facts") -> None:
    """Handed over by another body, and signed for (CPL 91)."""
    if not act.carrier.strip():
        raise errors.ServiceNotValid(
            "应写明受委托送达的机关。",
            "Name the body that served it.",
            law=("CPL 91",),
            errors={"carrier": ["is missing"]},
        )
    _signed_for(act, facts)


def _post(act: Serve, _facts: "Facts") -> None:
    """Effective on the day of receipt that the return slip states (CPL 91)."""
    if not act.receipt:
        raise errors.ServiceNotValid(
            "邮寄送达应附回执。",
            "Postal service needs the return slip.",
            law=("CPL 91",),
            errors={"receipt": ["is missing"]},
        )


def _electronic(act: Serve, _facts: "Facts") -> None:
    """Effective on the day it reached the party's system; only with consent signed before (APL 61(2))."""
    if act.consent_signed_on is None or act.consent_signed_on > act.sent_on:
        raise errors.ElectronicServiceNeedsConsent(
            "发出前应取得当事人签订的确认书。",
            "The party must have signed the consent before the document is sent.",
            errors={"consent_signed_on": ["must be on or before sent_on"]},
        )


def _announcement(act: Serve, facts: "Facts") -> None:
    """Effective when the period since the announcement has passed (CPL 95)."""
    made, rule = announcement_of(facts.case, act.document), rule_file("service")["announcement"]
    if made is None or act.sent_on != made.done_on:
        raise errors.ServiceNotValid(
            "应先依法发布公告。",
            "Announce it first; sent_on is the day of the announcement.",
            law=(rule["law"],),
            errors={"sent_on": ["is not the day of an announcement"]},
        )
    due = deadline(made.done_on, rule["length"], rule["unit"], calendar=facts.calendar, law=rule["law"]).due
    if act.done_on != due:
        raise errors.ServiceNotValid(
            f"{made.done_on}公告，至{due}视为送达。",
            f"Announced on {made.done_on}, it counts as served on {due}.",
            law=(rule["law"],),
            errors={"done_on": [f"must be {due}"]},
        )


_METHODS: dict[ServiceMethod, Callable[[Serve, "Facts"], None]] = {
    ServiceMethod.DIRECT: _direct,
    ServiceMethod.LEFT: _left,
    ServiceMethod.ENTRUSTED: _entrusted,
    ServiceMethod.POST: _post,
    ServiceMethod.ELECTRONIC: _electronic,
    ServiceMethod.ANNOUNCEMENT: _announcement,
}
