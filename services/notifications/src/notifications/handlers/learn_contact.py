"""Learn from an event how a party can be reached, and send on their way the messages that waited for it."""

from collections.abc import Mapping

from gongzheng.ids import new_id
from gongzheng.messaging.envelope import Envelope
from notifications.domain.contact import ContactPoint, usable_email, usable_language
from notifications.handlers.ports import UnitOfWork

EMAIL = "email"


def learn_contact(uow: UnitOfWork, event: Envelope) -> None:
    """Keep what the event says of a party's address and of the party of a case; an older event changes nothing.

    Events of our own only repeat what others said.
    """
    if event.service == "notifications":
        return
    party_id = _party_of(event)
    if not party_id:
        return
    news, party, case_id = note_case_party(uow, event), event.data.get("party"), event.data.get("case_id")
    if isinstance(party, Mapping):
        news = _learn_email(uow, event, party) or news
    if news:
        release_waiting(uow, party_id, [case_id] if case_id else [])


def note_case_party(uow: UnitOfWork, event: Envelope) -> bool:
    """Keep which party the case of an event is about, and do nothing else; whether that is news."""
    party_id, case_id = _party_of(event), event.data.get("case_id")
    if event.service == "notifications" or not party_id or not isinstance(case_id, str):
        return False
    return uow.contacts.note_case(case_id, party_id, event.time)


def _party_of(event: Envelope) -> str | None:
    party = event.data.get("party")
    found: str | None = party.get("party_id") if isinstance(party, Mapping) else event.data.get("party_id")
    return found


def _learn_email(uow: UnitOfWork, event: Envelope, party: Mapping[str, object]) -> bool:
    address, language = usable_email(party.get("email")), usable_language(party.get("language"))
    party_id = str(party["party_id"])
    point = uow.contacts.of_party(party_id, EMAIL)
    if point is None:
        uow.contacts.add(
            ContactPoint(
                id=new_id(),
                party_id=party_id,
                channel=EMAIL,
                address=address,
                language=language,
                learnt_from=event.id,
                as_of=event.time,
            )
        )
        return True
    if point.learn(address=address, language=language, learnt_from=event.id, as_of=event.time):
        uow.contacts.save(point)
        return True
    return False


def release_waiting(uow: UnitOfWork, party_id: str, case_ids: list[str]) -> int:
    """Address the messages that wait for this party, when an address is known; how many."""
    point = uow.contacts.of_party(party_id, EMAIL)
    if point is None or point.address is None:
        return 0
    waiting = uow.messages.waiting_for(party_id, case_ids, EMAIL)
    for message in waiting:
        text = uow.templates.get(message.template, message.template_version).render(message.facts, point.language)
        message.address_to(address=point.address, language=point.language, text=text, now=uow.now)
        uow.messages.save(message)
    return len(waiting)
