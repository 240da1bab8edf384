"""Send a failed message on its way again."""

from notifications.domain.message import Message
from notifications.handlers.ports import UnitOfWork


def redrive_message(uow: UnitOfWork, message_id: str, expected_version: int) -> Message:
    """Put a failed message back at the foot of its ladder.

    Raises:
        MessageNotFound: when there is none.
        NotRedrivable: when it has not failed.
    """
    with uow:
        message = uow.messages.get(message_id, expected_version)
        message.redrive(now=uow.now, patience=uow.policy.patience)
        uow.messages.save(message)
        uow.audit("message.redrive", f"message/{message.id}")
        return message
