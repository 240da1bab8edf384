"""Subscriptions of other systems: webhooks signed as Standard Webhooks."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import (
    Blueprint,
    audited_read,
    current_actor,
    idempotent,
    if_match,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from notifications.adapters.sealing import new_webhook_secret
from notifications.api.access import OWNERS, READERS, own_subscription, sees_all
from notifications.api.schemas import (
    DeliveryPage,
    DeliveryQuery,
    GrantsIn,
    NewSecretOut,
    SubscriptionIn,
    SubscriptionOut,
    SubscriptionPage,
)
from notifications.api.shown import shown_delivery, shown_subscription
from notifications.domain.errors import (
    DestinationRefused,
    SubscriptionNotActive,
    SubscriptionNotFound,
    UnknownEventType,
)
from notifications.domain.subscription import Subscription
from notifications.handlers.change_subscription import (
    GrantAccess,
    change_secret,
    disable_subscription,
    end_subscription,
    grant_access,
    resume_subscription,
)
from notifications.handlers.create_subscription import CreateSubscription, create_subscription

subscriptions = Blueprint(
    "subscriptions", __name__, url_prefix="/subscriptions", description="Events for other systems, by webhook."
)


def _answer(subscription: Subscription) -> dict[str, Any]:
    with_etag(subscription.version)
    return shown_subscription(subscription)


@subscriptions.route("")
class Subscriptions(MethodView):
    """All subscriptions that the caller may know of."""

    @requires(*READERS)
    @audited_read("subscription.list")
    @subscriptions.response(200, SubscriptionPage)
    def get(self) -> Any:
        """List subscriptions, newest first; a subscriber sees its own."""
        page = page_args()
        after = str(page.after) if page.after is not None else None
        owner = None if sees_all() else current_actor().subject
        found = unit_of_work().look().subscriptions.listed(limit=page.limit + 1, after=after, owner=owner)
        listed = page_of(found, page.limit, lambda subscription: subscription.id)
        return listed | {"items": [shown_subscription(subscription) for subscription in listed["items"]]}

    @requires(*OWNERS)
    @idempotent
    @refuses(DestinationRefused, UnknownEventType)
    @subscriptions.arguments(SubscriptionIn)
    @subscriptions.response(201, NewSecretOut)
    def post(self, data: dict[str, Any]) -> Any:
        """Subscribe; the signing secret is in this answer and in no other."""
        secret = new_webhook_secret()
        command = CreateSubscription(**data | {"types": tuple(dict.fromkeys(data["types"]))})
        return _answer(create_subscription(unit_of_work(), command, secret=secret)) | {"secret": secret}


@subscriptions.route("/<ulid:subscription_id>")
class OneSubscription(MethodView):
    """One subscription."""

    @requires(*READERS)
    @refuses(SubscriptionNotFound)
    @subscriptions.response(200, SubscriptionOut)
    def get(self, subscription_id: str) -> Any:
        """Read a subscription."""
        return _answer(own_subscription(unit_of_work().look(), subscription_id))

    @requires(*OWNERS)
    @refuses(SubscriptionNotFound, SubscriptionNotActive)
    @subscriptions.response(200, SubscriptionOut)
    def delete(self, subscription_id: str) -> Any:
        """End a subscription for good; its record stays."""
        own_subscription(unit_of_work().look(), subscription_id)
        return _answer(end_subscription(unit_of_work(), subscription_id, if_match()))


@subscriptions.route("/<ulid:subscription_id>/secret")
class SecretOf(MethodView):
    """The signing secret."""

    @requires(*OWNERS)
    @refuses(SubscriptionNotFound, SubscriptionNotActive)
    @subscriptions.response(200, NewSecretOut)
    def post(self, subscription_id: str) -> Any:
        """Take a new secret; the one before signs along for a day, so that the receiver can change over."""
        own_subscription(unit_of_work().look(), subscription_id)
        secret = new_webhook_secret()
        changed = change_secret(unit_of_work(), subscription_id, if_match(), secret=secret)
        return _answer(changed) | {"secret": secret}


@subscriptions.route("/<ulid:subscription_id>/grants")
class GrantsOf(MethodView):
    """What the subscriber may see of what is confidential."""

    @requires("notifications.operator")
    @refuses(SubscriptionNotFound, SubscriptionNotActive)
    @subscriptions.arguments(GrantsIn)
    @subscriptions.response(200, SubscriptionOut)
    def put(self, data: dict[str, Any], subscription_id: str) -> Any:
        """Replace the grants; each states its purpose, and who gave it is on record (PIPL 6)."""
        grants = [
            GrantAccess(types=g["types"], fields=tuple(g["fields_"]), purpose=g["purpose"]) for g in data["grants"]
        ]
        return _answer(grant_access(unit_of_work(), subscription_id, if_match(), grants))


@subscriptions.route("/<ulid:subscription_id>/disablement")
class DisablementOf(MethodView):
    """Stopping."""

    @requires(*OWNERS)
    @refuses(SubscriptionNotFound, SubscriptionNotActive)
    @subscriptions.response(200, SubscriptionOut)
    def post(self, subscription_id: str) -> Any:
        """Stop delivering; events are kept and wait."""
        own_subscription(unit_of_work().look(), subscription_id)
        return _answer(disable_subscription(unit_of_work(), subscription_id, if_match()))


@subscriptions.route("/<ulid:subscription_id>/resumption")
class ResumptionOf(MethodView):
    """Going on."""

    @requires(*OWNERS)
    @refuses(SubscriptionNotFound, SubscriptionNotActive)
    @subscriptions.response(200, SubscriptionOut)
    def post(self, subscription_id: str) -> Any:
        """Go on where delivery stopped, in order."""
        own_subscription(unit_of_work().look(), subscription_id)
        return _answer(resume_subscription(unit_of_work(), subscription_id, if_match()))


@subscriptions.route("/<ulid:subscription_id>/deliveries")
class DeliveriesOf(MethodView):
    """What was and is to be delivered."""

    @requires(*READERS)
    @refuses(SubscriptionNotFound)
    @subscriptions.arguments(DeliveryQuery, location="query")
    @subscriptions.response(200, DeliveryPage)
    def get(self, query: dict[str, str], subscription_id: str) -> Any:
        """List the deliveries of a subscription, newest first; parked ones hold their lane."""
        page = page_args()
        uow = unit_of_work().look()
        own_subscription(uow, subscription_id)
        after = str(page.after) if page.after is not None else None
        found = uow.deliveries.listed(subscription_id, limit=page.limit + 1, after=after, state=query.get("state"))
        listed = page_of(found, page.limit, lambda delivery: delivery.id)
        return listed | {"items": [shown_delivery(delivery) for delivery in listed["items"]]}
