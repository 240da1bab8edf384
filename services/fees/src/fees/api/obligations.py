"""Debts, to be read: there is no route that creates one or changes its amount (APL 67)."""

from typing import Any

from fees.api import schemas, shown
from fees.api.roles import READERS
from fees.domain.errors import ObligationNotFound
from gongzheng.http import Blueprint, page_args, page_of, refuses, requires, unit_of_work, with_etag

blueprint = Blueprint("obligations", __name__, description="What served decisions and imported cases owe")


@blueprint.route("/obligations", methods=["GET"])
@requires(*READERS)
@blueprint.arguments(schemas.ObligationQuery, location="query")
@blueprint.response(200, schemas.ObligationPage)
def list_obligations(where: dict[str, str]) -> dict[str, Any]:
    """The debts, as booked."""
    page = page_args()
    with unit_of_work() as uow:
        found = uow.obligations.page(limit=page.limit + 1, after=page.after, where=where)
    return page_of([shown.obligation(debt) for debt in found], page.limit, lambda debt: str(debt["obligation_id"]))


@blueprint.route("/obligations/<ulid:obligation_id>", methods=["GET"])
@requires(*READERS)
@refuses(ObligationNotFound)
@blueprint.response(200, schemas.ObligationOut)
def read_obligation(obligation_id: str) -> dict[str, Any]:
    """One debt, as of today."""
    with unit_of_work() as uow:
        debt = uow.obligations.get(obligation_id)
        position = debt.position(uow.rules, uow.today)
    with_etag(debt.version)
    return shown.obligation(debt, position)


@blueprint.route("/obligations/<ulid:obligation_id>/surcharge", methods=["GET"])
@requires(*READERS)
@refuses(ObligationNotFound)
@blueprint.arguments(schemas.TraceQuery, location="query")
@blueprint.response(200, schemas.TraceOut)
def read_surcharge(asked: dict[str, Any], obligation_id: str) -> dict[str, Any]:
    """The surcharge day by day (APL 72(1)(1)), derived from the terms and the payments alone; never beyond today."""
    with unit_of_work() as uow:
        debt = uow.obligations.get(obligation_id)
        position = debt.position(uow.rules, min(asked.get("on", uow.today), uow.today))
    return shown.trace(debt, position)
