"""Service of documents: when it takes effect, by method and facts (APL 61).

Direct, left and postal service follow the rules of civil procedure to which APL 61(1) refers; electronic service needs
the party's signed consent (APL 61(2)). The day is the act's own day; what must hold differs by method.
"""

from collections.abc import Callable
from datetime import date

from cases.domain import errors
from cases.domain.acts import Serve
from cases.domain.values import ServiceMethod


def effective_on(act: Serve) -> date:
    """The day on which the document counts as served.

    Raises:
        ServiceNotValid: when the facts do not make a valid service.
    """
    if act.done_on < act.sent_on:
        raise errors.ServiceNotValid(
            "送达日期早于发出日期。",
            "It cannot have arrived before it was sent.",
            errors={"sent_on": ["after done_on"]},
        )
    _METHODS[act.method](act)
    return act.done_on


def _direct(act: Serve) -> None:
    """Handed over and signed for by the recipient; effective on the day of signature."""
    if not act.recipient:
        raise errors.ServiceNotValid("应写明签收人。", "Name who signed for it.", errors={"recipient": ["is missing"]})


def _left(act: Serve) -> None:
    """Left because acceptance was refused; a witness or a recording proves it."""
    if not act.witness and not act.recorded:
        raise errors.ServiceNotValid(
            "留置送达应有见证人或者全程录像。",
            "A document that is left needs a witness or a recording.",
            errors={"witness": ["a witness or a recording is needed"]},
        )


def _post(act: Serve) -> None:
    """Effective on the day of receipt that the return slip states."""
    if not act.receipt:
        raise errors.ServiceNotValid(
            "邮寄送达应附回执。", "Postal service needs the return slip.", errors={"receipt": ["is missing"]}
        )


def _electronic(act: Serve) -> None:
    """Effective on the day it reached the party's system; only with consent signed before."""
    if act.consent_signed_on is None or act.consent_signed_on > act.sent_on:
        raise errors.ElectronicServiceNeedsConsent(
            "发出前应取得当事人签订的确认书。",
            "The party must have signed the consent before the document is sent.",
            errors={"consent_signed_on": ["must be on or before sent_on"]},
        )


_METHODS: dict[ServiceMethod, Callable[[Serve], None]] = {
    ServiceMethod.DIRECT: _direct,
    ServiceMethod.LEFT: _left,
    ServiceMethod.POST: _post,
    ServiceMethod.ELECTRONIC: _electronic,
}
