"""Take in one event: log it for feeds, learn addresses from it, pass it to subscribers, write to those it concerns."""

from gongzheng.messaging.envelope import Envelope
from notifications.handlers.compose_messages import compose_messages
from notifications.handlers.fan_out import fan_out
from notifications.handlers.learn_contact import learn_contact
from notifications.handlers.ports import UnitOfWork


def receive_event(uow: UnitOfWork, event: Envelope) -> None:
    """Everything that an event causes here, in the consumer's transaction; nothing of it touches the network.

    Raises:
        TemplateFault: when a message's text cannot be filled from the event; the event's lane is parked then.
    """
    with uow:
        uow.log.append(event)
        learn_contact(uow, event)
        fan_out(uow, event)
        compose_messages(uow, event)
