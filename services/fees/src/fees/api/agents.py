"""Collecting agents and receipt segments: what the accountant registers before money can come."""

from typing import Any

from fees.adapters.signatures import make_secret_key, read_public_key
from fees.api import schemas, shown
from fees.api.roles import ACCOUNTANT, READERS
from fees.domain.agent import AgentKey, CollectingAgent
from fees.domain.errors import (
    AgreementPeriodInvalid,
    AgreementReferenceTaken,
    KeyNotAcceptable,
    SegmentInvalid,
    SegmentOverlaps,
    UnknownAgent,
)
from fees.domain.receipt import Segment
from fees.handlers.load_segment import load_segment
from fees.handlers.register_agent import add_agent_key, register_agent, revoke_agent_key
from gongzheng.http import Blueprint, idempotent, page_args, page_of, refuses, requires, unit_of_work, with_etag
from gongzheng.ids import new_id

blueprint = Blueprint("agents", __name__, description="Collecting agents, their keys, and receipt numbers")


@blueprint.route("/collecting-agents", methods=["POST"])
@requires(*ACCOUNTANT)
@idempotent
@refuses(AgreementPeriodInvalid, AgreementReferenceTaken, KeyNotAcceptable)
@blueprint.arguments(schemas.AgentIn)
@blueprint.response(201, schemas.AgentWithKey)
def register(given: dict[str, Any]) -> dict[str, Any]:
    """Register a collecting agent with its agreement (DECREE-235 6); a shared secret is shown in this answer only."""
    public_key = given.pop("public_key")
    bank = CollectingAgent(id=new_id(), **given)
    with unit_of_work() as uow:
        key, secret = _make_key(uow, bank.id, public_key)
        register_agent(uow, bank, key)
    with_etag(bank.version)
    return shown.agent(bank) | {"key": shown.key(key) | secret}


@blueprint.route("/collecting-agents", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, schemas.AgentPage)
def list_agents() -> dict[str, Any]:
    """The collecting agents."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.agents.page(limit=page.limit + 1, after=page.after)
    return page_of([shown.agent(bank) for bank in found], page.limit, lambda bank: str(bank["agent_id"]))


@blueprint.route("/collecting-agents/<ulid:agent_id>", methods=["GET"])
@requires(*READERS)
@refuses(UnknownAgent)
@blueprint.response(200, schemas.AgentWithKeys)
def read_agent(agent_id: str) -> dict[str, Any]:
    """One collecting agent with its keys."""
    with unit_of_work() as uow:
        bank, keys = uow.agents.get(agent_id), uow.agents.keys(agent_id)
    with_etag(bank.version)
    return shown.agent(bank) | {"keys": [shown.key(key) for key in keys]}


@blueprint.route("/collecting-agents/<ulid:agent_id>/keys", methods=["POST"])
@requires(*ACCOUNTANT)
@idempotent
@refuses(UnknownAgent, KeyNotAcceptable)
@blueprint.arguments(schemas.KeyIn)
@blueprint.response(201, schemas.KeyOut)
def add_key(given: dict[str, Any], agent_id: str) -> dict[str, Any]:
    """A further key for an agent; the earlier ones stay valid until they are revoked."""
    with unit_of_work() as uow:
        key, secret = _make_key(uow, agent_id, given["public_key"])
        add_agent_key(uow, key)
    return shown.key(key) | secret


@blueprint.route("/collecting-agents/<ulid:agent_id>/keys/<ulid:key_id>/revocation", methods=["POST"])
@requires(*ACCOUNTANT)
@idempotent
@refuses(UnknownAgent)
@blueprint.response(200, schemas.KeyOut)
def revoke_key(agent_id: str, key_id: str) -> dict[str, Any]:
    """Revoke a key at once; notices signed with it are refused from now on."""
    with unit_of_work() as uow:
        return shown.key(revoke_agent_key(uow, agent_id, key_id))


@blueprint.route("/receipt-segments", methods=["POST"])
@requires(*ACCOUNTANT)
@idempotent
@refuses(SegmentInvalid, SegmentOverlaps)
@blueprint.arguments(schemas.SegmentIn)
@blueprint.response(201, schemas.SegmentLoaded)
def add_segment(given: dict[str, Any]) -> dict[str, Any]:
    """Load receipt numbers of the finance department (APL 70); payments that waited get their receipts."""
    with unit_of_work() as uow:
        numbers = Segment(
            id=new_id(),
            code=given["region"] + given["category"] + given["kind"] + given["year"],
            first=given["first"],
            last=given["last"],
            next=given["first"],
            loaded_on=uow.today,
        )
        issued = load_segment(uow, numbers)
    return shown.segment(numbers) | {"issued_to_waiting": issued, "left": numbers.left - issued}


@blueprint.route("/receipt-segments", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, schemas.SegmentPage)
def list_segments() -> dict[str, Any]:
    """The receipt segments and what is left of each."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.receipts.segments(limit=page.limit + 1, after=page.after)
    return page_of([shown.segment(numbers) for numbers in found], page.limit, lambda item: str(item["segment_id"]))


def _make_key(uow: Any, agent_id: str, public_key: str | None) -> tuple[AgentKey, dict[str, str]]:
    """A key from the agent's public key, or a shared secret with its text to be shown once."""
    if public_key is not None:
        return read_public_key(agent_id, public_key, now=uow.now), {}
    key, secret = make_secret_key(agent_id, vault=uow.tools.vault, now=uow.now)
    return key, {"secret": secret}
