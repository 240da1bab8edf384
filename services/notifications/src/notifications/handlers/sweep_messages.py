"""Find what was left lying: claims that ran out, addresses that are known by now, waits that lasted too long."""

from notifications.handlers.learn_contact import EMAIL
from notifications.handlers.ports import UnitOfWork
from notifications.handlers.publishing import publish

BATCH = 100


def recover_stuck(uow: UnitOfWork) -> int:
    """Put messages whose worker vanished back on their way, on record as perhaps sent; how many."""
    with uow:
        stuck = uow.messages.stuck(uow.now, limit=BATCH)
        for message in stuck:
            message.recover(now=uow.now, ladder=uow.policy.ladders[message.channel])
            uow.messages.save(message)
            uow.attempts.cut_off(f"message/{message.id}", uow.now)
            publish(uow, message, cause=message.cause_id)
        return len(stuck)


def settle_waiting(uow: UnitOfWork, after: str = "") -> tuple[int, str]:
    """Address or give up the waiting messages of one batch.

    How many changed, and the id to go on after ("" at the end).

    A message that began to wait in the very moment in which its address was learnt in another transaction is found
    here.
    """
    with uow:
        batch = uow.messages.waiting(limit=BATCH, after=after)
        changed = 0
        for message in batch:
            party_id = message.party_id or (message.case_id and uow.contacts.party_of_case(message.case_id))
            point = uow.contacts.of_party(party_id, EMAIL) if party_id else None
            if point is not None and point.address is not None:
                text = uow.templates.get(message.template, message.template_version)
                rendered = text.render(message.facts, point.language)
                message.address_to(address=point.address, language=point.language, text=rendered, now=uow.now)
            elif message.due_at is not None and message.due_at <= uow.now:
                message.give_up("no-address", now=uow.now)
            else:
                continue
            uow.messages.save(message)
            publish(uow, message, cause=message.cause_id)
            changed += 1
        return changed, batch[-1].id if len(batch) == BATCH else ""


def forget_contacts(uow: UnitOfWork) -> int:
    """Forget contact points whose time of keeping is over; how many."""
    with uow:
        return uow.contacts.forget_before(uow.now)
