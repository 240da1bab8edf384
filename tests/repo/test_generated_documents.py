"""The documents that others read are those that the code gives: OpenAPI per service, AsyncAPI for all events."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gongzheng.cli import run, service_names
from gongzheng.commands import documents
from gongzheng.commands.documents import openapi_text
from gongzheng.commands.settings import settings_markdown
from gongzheng.contracts import registry
from gongzheng.contracts.pages import event_pages

DOCS = Path(__file__).parents[2] / "docs"
SERVICES = ("cases", "fees", "oversight", "notifications")


@pytest.mark.req("X-04")
@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_document_is_current(service: str, tmp_path: Path) -> None:
    """What is committed is what the code gives; `make documents` writes it anew."""
    fresh = tmp_path / "openapi.json"
    assert run(["openapi", service, "--out", str(fresh)]) == 0
    committed = (DOCS / "openapi" / f"{service}.json").read_text(encoding="utf-8")
    assert committed == fresh.read_text(encoding="utf-8"), "run `make documents` and commit"


@pytest.mark.req("X-04")
@pytest.mark.parametrize("service", SERVICES)
def test_the_openapi_document_is_valid(service: str) -> None:
    """It follows OpenAPI 3.1."""
    document = json.loads((DOCS / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.req("X-03")
@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_where_its_public_keys_are(service: str) -> None:
    """Whoever follows its events verifies them with these."""
    document = json.loads(openapi_text(service))
    assert document["paths"]["/.well-known/jwks.json"]["get"]["security"] == []


@pytest.mark.req("X-03")
def test_the_asyncapi_document_is_current(tmp_path: Path) -> None:
    """Every contract stands in it, as the code has it."""
    fresh = tmp_path / "asyncapi.yaml"
    assert run(["asyncapi", "--out", str(fresh)]) == 0
    committed = (DOCS / "asyncapi.yaml").read_text(encoding="utf-8")
    assert committed == fresh.read_text(encoding="utf-8"), "run `make documents` and commit"


@pytest.mark.req("X-03")
def test_the_pages_of_the_events_are_current() -> None:
    """One per type, the index and the example key, and none of an event that is no more."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "events").iterdir()}
    assert committed == event_pages(registry()), "run `make documents` and commit"


def test_the_documents_are_compared_and_written_by_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` tells what is missing, changed or left over and touches nothing; without it all is as it should be."""
    monkeypatch.setattr(documents, "openapi_text", lambda service: f"of {service}")
    assert run(["documents", "--folder", str(tmp_path), "--check"]) == 1
    assert list(tmp_path.iterdir()) == []
    assert run(["documents", "--folder", str(tmp_path)]) == 0
    assert run(["documents", "--folder", str(tmp_path), "--check"]) == 0
    former = tmp_path / "events" / "cn.gongzheng.cases.case.forgotten.v1.md"
    former.write_text("of an event that is no more")
    assert run(["documents", "--folder", str(tmp_path), "--check"]) == 1
    assert former.exists()
    assert run(["documents", "--folder", str(tmp_path)]) == 0
    assert not former.exists()


def test_the_page_of_settings_is_current() -> None:
    """Every variable that a service reads, with its default and its purpose."""
    committed = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert committed == settings_markdown(service_names()), "run `make documents` and commit"
