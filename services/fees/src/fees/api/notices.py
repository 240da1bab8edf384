"""Payment notices: the one door through which collecting agents tell of money, each time signed."""

from typing import Any

from flask import Response, g, request

from fees.adapters.signatures import is_signed
from fees.api import schemas, shown
from fees.domain.agent import fresh, signed_bytes
from fees.domain.errors import (
    AgreementNotInForce,
    BadSignature,
    ChargeWithoutBasis,
    ItemsDoNotAddUp,
    PaidInFuture,
    ReferenceReused,
)
from fees.domain.payment import Item, Notice
from fees.handlers.record_notice import record_notice
from fees.handlers.refuse_charge import refuse_charge
from gongzheng.db.unit_of_work import Actor
from gongzheng.http import Blueprint, current_actor, idempotent, machine, refuses, unit_of_work

ROLE = "fees.collecting_agent"
# A bank tells of a whole town's payments from one address.
NOTICES_PER_MINUTE = 6000
_ID_CHARS_MAX = 40

blueprint = Blueprint("notices", __name__, description="Signed notices of collecting agents")


@blueprint.before_request
def authenticate() -> None:
    """The request is signed by a registered agent, now; whatever is wrong, the answer is the same.

    The signature covers ``Gongzheng-Timestamp`` + "." + the raw body. It is checked before anything else, so that a
    repetition is answered to the agent alone.

    Raises:
        BadSignature: otherwise.
    """
    header = request.headers
    agent_id, key_id = header.get("Gongzheng-Agent", ""), header.get("Gongzheng-Key", "")
    timestamp, signature = header.get("Gongzheng-Timestamp", ""), header.get("Gongzheng-Signature", "")
    if any(len(text) > _ID_CHARS_MAX or not text.isalnum() for text in (agent_id, key_id)):
        raise BadSignature
    with unit_of_work() as uow:
        key = uow.agents.key(agent_id, key_id)
        valid = (
            key is not None
            and key.revoked_at is None
            and fresh(timestamp, uow.now, uow.tools.replay_window_s)
            and is_signed(key, signed_bytes(timestamp, request.get_data(cache=True)), signature, vault=uow.tools.vault)
        )
    if not valid:
        raise BadSignature
    # From here on the agent is the caller: its idempotency keys and audit rows are its own.
    g.pop("gongzheng_uow", None)
    g.gongzheng_actor = Actor(subject=f"agent:{agent_id}", name=agent_id, roles=frozenset({ROLE}), agent=True)


@blueprint.route("/payment-notices", methods=["POST"])
@machine("collectingAgent", limit=NOTICES_PER_MINUTE)
@idempotent
@refuses(BadSignature, AgreementNotInForce, ChargeWithoutBasis, ItemsDoNotAddUp, PaidInFuture, ReferenceReused)
@blueprint.arguments(schemas.NoticeIn)
@blueprint.response(201, schemas.NoticeOut)
def notify(given: dict[str, Any]) -> dict[str, Any]:
    """Tell of a payment: it is booked as of the day it was paid, or held where no debt can take it; never lost."""
    items = tuple(Item(code=item["description_code"], amount_fen=item["amount_fen"]) for item in given.pop("items"))
    notice = Notice(agent_id=current_actor().name, items=items, **given)
    try:
        with unit_of_work() as uow:
            return shown.outcome(record_notice(uow, notice))
    except ChargeWithoutBasis:
        g.fees_refused_notice = notice
        raise


@blueprint.after_request
def put_on_record(response: Response) -> Response:
    """A charge without basis is recorded in a transaction of its own: that of the notice was rolled back."""
    notice = g.pop("fees_refused_notice", None)
    if notice is not None:
        with unit_of_work() as uow:
            refuse_charge(uow, notice)
    return response
