"""Make the messages that an event causes, once per template and recipient."""

from collections.abc import Mapping
from dataclasses import dataclass

from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from notifications.domain.errors import SubscriptionNotFound
from notifications.domain.message import Message
from notifications.domain.template import Template
from notifications.handlers.learn_contact import EMAIL
from notifications.handlers.ports import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class _Recipient:
    """Whom a message is for; ``key`` is told by the event alone, so that a repetition finds the same one."""

    key: str
    party_id: str | None = None
    case_id: str | None = None
    subscription_id: str | None = None
    address: str | None = None
    language: str = "both"


def compose_messages(uow: UnitOfWork, event: Envelope) -> None:
    """Queue a message for every template that the event causes.

    Raises:
        TemplateFault: when a text cannot be filled from the event.
    """
    for template in uow.templates.caused_by(event.type):
        if template.applies(event.data):
            recipient = _recipient(uow, template, event.data)
            if recipient is not None:
                _queue(uow, template, recipient, event)


def _queue(uow: UnitOfWork, template: Template, recipient: _Recipient, event: Envelope) -> None:
    cause = f"day:{uow.today.isoformat()}" if template.once_a_day else event.id
    facts = template.facts(event.data)
    message = Message(
        id=new_id(),
        dedup_key=f"{cause}|{template.name}|{recipient.key}|{template.channel}",
        cause_id=event.id,
        template=template.name,
        template_version=template.version,
        channel=template.channel,
        urgency=template.urgency,
        legal_notice=template.legal_notice,
        facts=facts,
        party_id=recipient.party_id,
        case_id=recipient.case_id,
        subscription_id=recipient.subscription_id,
        created_at=uow.now,
    )
    message.queue(now=uow.now, patience=uow.policy.patience)
    if recipient.address is not None:
        text = template.render(facts, recipient.language)
        message.address_to(address=recipient.address, language=recipient.language, text=text, now=uow.now)
    uow.messages.add_once(message)


def _recipient(uow: UnitOfWork, template: Template, data: Mapping[str, object]) -> _Recipient | None:
    return _owner(uow, data) if template.recipient == "subscription_owner" else _party(uow, data)


def _party(uow: UnitOfWork, data: Mapping[str, object]) -> _Recipient | None:
    party, case_id = data.get("party"), data.get("case_id")
    named = party.get("party_id") if isinstance(party, Mapping) else data.get("party_id")
    if not named and not case_id:
        return None
    known = named or uow.contacts.party_of_case(str(case_id))
    point = uow.contacts.of_party(str(known), EMAIL) if known else None
    return _Recipient(
        key=f"party:{named}" if named else f"case:{case_id}",
        party_id=str(known) if known else None,
        case_id=str(case_id) if case_id else None,
        address=point.address if point else None,
        language=point.language if point else "both",
    )


def _owner(uow: UnitOfWork, data: Mapping[str, object]) -> _Recipient | None:
    """The owner of a subscription of ours; one who left no address reads of it in the API and in the events."""
    try:
        subscription = uow.subscriptions.get(str(data["subscription_id"]))
    except SubscriptionNotFound:
        return None
    if subscription.contact_email is None:
        return None
    return _Recipient(
        key=f"subscription:{subscription.id}",
        subscription_id=subscription.id,
        address=subscription.contact_email,
        language=subscription.language,
    )
