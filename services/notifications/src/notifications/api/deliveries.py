"""Deliveries: what became of one event for one subscription, and what to do when it holds its lane."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import Blueprint, if_match, refuses, requires, unit_of_work, with_etag
from notifications.api.access import OWNERS, READERS, own_delivery
from notifications.api.schemas import DeliveryDetailOut, DeliveryOut
from notifications.api.shown import shown_delivery
from notifications.domain.delivery import Delivery
from notifications.domain.errors import DeliveryNotFound, NotRedrivable, NotSkippable
from notifications.handlers.redrive_delivery import redrive_delivery, skip_delivery

deliveries = Blueprint("deliveries", __name__, url_prefix="/deliveries", description="Single deliveries of events.")


def _answer(delivery: Delivery) -> dict[str, Any]:
    with_etag(delivery.version)
    return shown_delivery(delivery)


@deliveries.route("/<ulid:delivery_id>")
class OneDelivery(MethodView):
    """One delivery."""

    @requires(*READERS)
    @refuses(DeliveryNotFound)
    @deliveries.response(200, DeliveryDetailOut)
    def get(self, delivery_id: str) -> Any:
        """Read a delivery with every attempt that was made."""
        uow = unit_of_work().look()
        delivery = own_delivery(uow, delivery_id)
        with_etag(delivery.version)
        return shown_delivery(delivery) | {"attempt_list": uow.attempts.listed(f"delivery/{delivery_id}")}


@deliveries.route("/<ulid:delivery_id>/redrive")
class Redrive(MethodView):
    """Another try."""

    @requires(*OWNERS)
    @refuses(DeliveryNotFound, NotRedrivable)
    @deliveries.response(200, DeliveryOut)
    def post(self, delivery_id: str) -> Any:
        """Try a parked event again; what waits behind it follows in order."""
        own_delivery(unit_of_work().look(), delivery_id)
        return _answer(redrive_delivery(unit_of_work(), delivery_id, if_match()))


@deliveries.route("/<ulid:delivery_id>/skip")
class Skip(MethodView):
    """Going on without it."""

    @requires(*OWNERS)
    @refuses(DeliveryNotFound, NotSkippable)
    @deliveries.response(200, DeliveryOut)
    def post(self, delivery_id: str) -> Any:
        """Pass over a parked event; what waits behind it follows in order."""
        own_delivery(unit_of_work().look(), delivery_id)
        return _answer(skip_delivery(unit_of_work(), delivery_id, if_match()))
