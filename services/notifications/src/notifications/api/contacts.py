"""Contact points: how a party can be reached, masked; who looked is on record."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import Blueprint, audited_read, requires, unit_of_work
from notifications.api.schemas import ContactList, ContactQuery
from notifications.api.shown import shown_contact

contacts = Blueprint(
    "contact-points", __name__, url_prefix="/contact-points", description="How parties can be reached, masked."
)


@contacts.route("")
class ContactPoints(MethodView):
    """The contact points of one party."""

    @requires("notifications.operator", "auditor")
    @audited_read("contact_point.list")
    @contacts.arguments(ContactQuery, location="query")
    @contacts.response(200, ContactList)
    def get(self, query: dict[str, str]) -> Any:
        """List a party's contact points."""
        found = unit_of_work().look().contacts.list_of_party(query["party_id"])
        return {"items": [shown_contact(point) for point in found]}
