"""Messages: what was sent to whom, the proof of it, and another try of what failed."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import (
    Blueprint,
    audited_read,
    if_match,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from notifications.api.schemas import MessageDetailOut, MessageOut, MessagePage, MessageQuery
from notifications.api.shown import shown_message, shown_proof
from notifications.domain.errors import MessageNotFound, NotRedrivable
from notifications.handlers.redrive_message import redrive_message

READS = ("notifications.operator", "auditor")

messages = Blueprint("messages", __name__, url_prefix="/messages", description="Messages to people, with their proof.")


@messages.route("")
class Messages(MethodView):
    """All messages."""

    @requires(*READS)
    @audited_read("message.list")
    @messages.arguments(MessageQuery, location="query")
    @messages.response(200, MessagePage)
    def get(self, query: dict[str, str]) -> Any:
        """List messages, newest first; failed ones stay in the list until they are redriven."""
        page = page_args()
        after = str(page.after) if page.after is not None else None
        found = unit_of_work().look().messages.listed(limit=page.limit + 1, after=after, filters=query)
        listed = page_of(found, page.limit, lambda message: message.id)
        return listed | {"items": [shown_message(message) for message in listed["items"]]}


@messages.route("/<ulid:message_id>")
class OneMessage(MethodView):
    """One message."""

    @requires(*READS)
    @refuses(MessageNotFound)
    @messages.response(200, MessageDetailOut)
    def get(self, message_id: str) -> Any:
        """Read a message with its timeline: queued, sent, delivered, read, confirmed, or why not."""
        uow = unit_of_work().look()
        message = uow.messages.get(message_id)
        with_etag(message.version)
        return shown_proof(message, uow.messages.timeline(message_id), uow.attempts.listed(f"message/{message_id}"))


@messages.route("/<ulid:message_id>/redrive")
class Redrive(MethodView):
    """Another try."""

    @requires("notifications.operator")
    @refuses(MessageNotFound, NotRedrivable)
    @messages.response(200, MessageOut)
    def post(self, message_id: str) -> Any:
        """Send a failed message on its way again, from the foot of its retry ladder."""
        message = redrive_message(unit_of_work(), message_id, if_match())
        with_etag(message.version)
        return shown_message(message)
