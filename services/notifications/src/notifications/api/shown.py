"""How domain objects are shown: no address in full, no text, no secret."""

import hashlib
from collections.abc import Sequence
from typing import Any

from notifications.adapters.tables import Attempt
from notifications.domain.contact import ContactPoint, mask
from notifications.domain.delivery import Delivery
from notifications.domain.message import Message, TimelineEntry
from notifications.domain.subscription import Subscription

_MESSAGE = ("template", "template_version", "channel", "urgency", "legal_notice", "party_id", "case_id",
            "subscription_id", "cause_id", "language", "attempts", "due_at", "created_at", "sent_at", "reason",
            "maybe_repeated")  # fmt: skip
_DELIVERY = ("subscription_id", "event_id", "event_type", "lane", "position", "attempts", "created_at", "finished_at",
             "reason", "maybe_repeated")  # fmt: skip
_SUBSCRIPTION = ("name", "owner", "url", "types", "language", "disabled_reason", "failing_since", "created_at")


def shown_message(message: Message) -> dict[str, Any]:
    """A message for a list."""
    values = {name: getattr(message, name) for name in _MESSAGE}
    return values | {
        "message_id": message.id,
        "state": message.state.value,
        "recipient": message.masked_address,
    }


def shown_proof(message: Message, timeline: Sequence[TimelineEntry], attempts: Sequence[Attempt]) -> dict[str, Any]:
    """A message with its timeline and attempts, and the hash of the text that went out."""
    text = None if message.subject is None else f"{message.subject}\n{message.body}"
    return shown_message(message) | {
        "content_sha256": None if text is None else hashlib.sha256(text.encode()).hexdigest(),
        "timeline": timeline,
        "attempt_list": attempts,
    }


def shown_delivery(delivery: Delivery) -> dict[str, Any]:
    """A delivery for a list."""
    values = {name: getattr(delivery, name) for name in _DELIVERY}
    return values | {"delivery_id": delivery.id, "state": delivery.state.value}


def shown_subscription(subscription: Subscription) -> dict[str, Any]:
    """A subscription without its secret."""
    values = {name: getattr(subscription, name) for name in _SUBSCRIPTION}
    return values | {
        "subscription_id": subscription.id,
        "state": subscription.state.value,
        "grants": subscription.grants,
        "contact_email": mask(subscription.contact_email) if subscription.contact_email else None,
    }


def shown_contact(point: ContactPoint) -> dict[str, Any]:
    """A contact point, masked."""
    return {
        "contact_point_id": point.id,
        "party_id": point.party_id,
        "channel": point.channel,
        "address": mask(point.address) if point.address else None,
        "language": point.language,
        "learnt_from": point.learnt_from,
        "as_of": point.as_of,
        "verified_at": point.verified_at,
    }
