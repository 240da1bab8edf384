"""What came to oversight by itself: major decisions, duties not done in time, forbidden conduct."""

from collections.abc import Callable
from typing import Any

from flask.views import MethodView

from gongzheng.http import (
    Blueprint,
    Page,
    audited_read,
    if_match,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from oversight.api.schemas import (
    ConductOut,
    ConductPage,
    FilingOut,
    FilingPage,
    InactionOut,
    InactionPage,
    RecordQuery,
)
from oversight.api.shown import shown_inaction
from oversight.domain.errors import InactionStateForbids, NotFound
from oversight.handlers.take_up_inaction import take_up_inaction

READS = ("oversight.investigator", "oversight.lead", "oversight.supervisor", "auditor")

records = Blueprint("records", __name__, description="Filings and items")


def _list(store: str, page: Page, query: dict[str, Any], show: Callable[[Any], Any] = lambda record: record) -> Any:
    with unit_of_work() as uow:
        after = str(page.after) if page.after is not None else None
        found = getattr(uow, store).page(limit=page.limit + 1, after=after, **query)
    listed = page_of(found, page.limit, lambda record: record.id)
    return listed | {"items": [show(record) for record in listed["items"]]}


def _one(store: str, record_id: str) -> Any:
    with unit_of_work() as uow:
        record = getattr(uow, store).get(record_id)
    with_etag(record.version)
    return record


@records.route("/filings")
class Filings(MethodView):
    """Major decisions on file."""

    @requires(*READS)
    @audited_read("filing.list")
    @records.arguments(RecordQuery, location="query")
    @records.response(200, FilingPage)
    def get(self, query: dict[str, Any]) -> Any:
        """List the major decisions on file (SUPERVISION 9)."""
        return _list("filings", page_args(), query)


@records.route("/filings/<ulid:filing_id>")
class OneFiling(MethodView):
    """One major decision."""

    @requires(*READS)
    @refuses(NotFound)
    @records.response(200, FilingOut)
    def get(self, filing_id: str) -> Any:
        """Read a filing."""
        return _one("filings", filing_id)


@records.route("/inaction-items")
class InactionItems(MethodView):
    """Duties not done in time."""

    @requires(*READS)
    @audited_read("inaction.list")
    @records.arguments(RecordQuery, location="query")
    @records.response(200, InactionPage)
    def get(self, query: dict[str, Any]) -> Any:
        """List the duties not done in time (RESPONSIBILITY 11)."""
        return _list("inaction", page_args(), query, shown_inaction)


@records.route("/inaction-items/<ulid:inaction_id>")
class OneInactionItem(MethodView):
    """One duty not done in time."""

    @requires(*READS)
    @refuses(NotFound)
    @records.response(200, InactionOut)
    def get(self, inaction_id: str) -> Any:
        """Read an inaction item."""
        return shown_inaction(_one("inaction", inaction_id))


@records.route("/inaction-items/<ulid:inaction_id>/taking-up")
class TakingUpOf(MethodView):
    """An item comes into somebody's hands."""

    @requires("oversight.investigator", "oversight.lead")
    @refuses(NotFound, InactionStateForbids)
    @records.response(200, InactionOut)
    def post(self, inaction_id: str) -> Any:
        """Take an open inaction item in hand; it then bears the caller's name."""
        item = take_up_inaction(unit_of_work(), inaction_id, expected_version=if_match())
        with_etag(item.version)
        return shown_inaction(item)


@records.route("/conduct-items")
class ConductItems(MethodView):
    """Conduct that the rules forbid."""

    @requires(*READS)
    @audited_read("conduct.list")
    @records.arguments(RecordQuery, location="query")
    @records.response(200, ConductPage)
    def get(self, query: dict[str, Any]) -> Any:
        """List refused charges and other forbidden conduct (CONDUCT 13)."""
        return _list("conduct", page_args(), query)


@records.route("/conduct-items/<ulid:conduct_id>")
class OneConductItem(MethodView):
    """One item of conduct."""

    @requires(*READS)
    @refuses(NotFound)
    @records.response(200, ConductOut)
    def get(self, conduct_id: str) -> Any:
        """Read a conduct item."""
        return _one("conduct", conduct_id)
