"""The registers: data files in, lists out."""

from typing import Any

from cases.adapters.data_files import read_catalogue, read_officers, read_organisations
from cases.api import answers, schemas, schemas_files
from cases.api.roles import READERS, REGISTRAR
from cases.domain.errors import FileNotLoadable
from cases.handlers.load_registers import load_catalogue, load_officers, load_organisations
from gongzheng.errors import InvalidCursor
from gongzheng.http import Blueprint, idempotent, page_args, page_of, refuses, requires, unit_of_work

blueprint = Blueprint("registers", __name__, description="Organisations, officers, legal bases and matters")
_NOTHING = {"organisations": 0, "officers": 0, "legal_bases": 0, "matters": 0}


@blueprint.route("/organisation-files", methods=["POST"])
@requires(*REGISTRAR)
@idempotent
@refuses(FileNotLoadable)
@blueprint.arguments(schemas_files.OrganisationFileForm, location="files")
@blueprint.response(201, answers.LoadedOut)
def take_organisations(sent: dict[str, Any]) -> dict[str, int]:
    """Load organisations with their powers from a TOML file; entries replace those with the same code (APL 17)."""
    items = read_organisations(sent["file"].stream.read())
    return {**_NOTHING, "organisations": load_organisations(unit_of_work(), items)}


@blueprint.route("/officer-files", methods=["POST"])
@requires(*REGISTRAR)
@idempotent
@refuses(FileNotLoadable)
@blueprint.arguments(schemas_files.OfficerFileForm, location="files")
@blueprint.response(201, answers.LoadedOut)
def take_officers(sent: dict[str, Any]) -> dict[str, int]:
    """Load officers with their credentials from a TOML file; entries replace those with the same number (APL 42)."""
    items = read_officers(sent["file"].stream.read())
    return {**_NOTHING, "officers": load_officers(unit_of_work(), items)}


@blueprint.route("/catalogue-files", methods=["POST"])
@requires(*REGISTRAR)
@idempotent
@refuses(FileNotLoadable)
@blueprint.arguments(schemas_files.CatalogueFileForm, location="files")
@blueprint.response(201, answers.LoadedOut)
def take_catalogue(sent: dict[str, Any]) -> dict[str, int]:
    """Load versions of legal bases and matters from a TOML file (APL 16, 34, 36)."""
    bases, matters = read_catalogue(sent["file"].stream.read())
    counts = load_catalogue(unit_of_work(), bases, matters)
    return {**_NOTHING, "legal_bases": counts[0], "matters": counts[1]}


@blueprint.route("/organisations", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, answers.OrganisationPage)
def list_organisations() -> dict[str, Any]:
    """The organisations by their code."""
    page = page_args()
    with unit_of_work() as uow:
        items = uow.registers.list_organisations(_text(page.after), page.limit)
    return page_of(items, page.limit, lambda item: str(item.id))


@blueprint.route("/officers", methods=["GET"])
@requires(*READERS)
@blueprint.arguments(schemas.OfficerFilter, location="query")
@blueprint.response(200, answers.OfficerPage)
def list_officers(given: dict[str, Any]) -> dict[str, Any]:
    """The officers by their credential number."""
    page = page_args()
    with unit_of_work() as uow:
        items = uow.registers.list_officers(given["organisation_id"], _text(page.after), page.limit)
    return page_of(items, page.limit, lambda item: str(item.id))


@blueprint.route("/legal-bases", methods=["GET"])
@requires(*READERS)
@blueprint.response(200, answers.LegalBasisPage)
def list_bases() -> dict[str, Any]:
    """The versions of legal bases."""
    page = page_args()
    with unit_of_work() as uow:
        items = uow.registers.list_bases(_pair(page.after), page.limit)
    return page_of(items, page.limit, lambda item: [item.id, item.period.since.isoformat()])


@blueprint.route("/matters", methods=["GET"])
@requires(*READERS)
@blueprint.arguments(schemas.MatterFilter, location="query")
@blueprint.response(200, answers.MatterPage)
def list_matters(given: dict[str, Any]) -> dict[str, Any]:
    """The versions of matters, with the sanctions they open."""
    page = page_args()
    with unit_of_work() as uow:
        items = uow.registers.list_matters(given["field"], _pair(page.after), page.limit)
    return page_of(items, page.limit, lambda item: [item.id, item.period.since.isoformat()])


def _text(after: Any) -> str | None:
    if after is not None and not isinstance(after, str):
        raise InvalidCursor("Take next_cursor from the page before.")
    return after


def _pair(after: Any) -> list[str] | None:
    if after is None:
        return None
    if not isinstance(after, list) or len(after) != 2 or not all(isinstance(part, str) for part in after):  # noqa: PLR2004 id and day
        raise InvalidCursor("Take next_cursor from the page before.")
    return after
