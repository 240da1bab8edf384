"""The service keeps to what every service keeps to."""

import ast
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import cases
from cases.adapters import tables
from cases.api.roles import OFFICIALS
from cases.domain.errors import CasesError
from cases.domain.events import EVENT_TYPES
from cases.domain.table import table
from cases.worker.consumer import BINDINGS, HANDLERS
from gongzheng.contracts import registry
from gongzheng.db.connect import open_database
from gongzheng.messaging.topology import FOLLOWS
from gongzheng.testing import police
from services.cases.tests.support.service import Desk

SOURCE = Path(cases.__file__).parent


@pytest.mark.req("X-04")
def test_the_api_keeps_to_the_rules(desk: Desk) -> None:
    """Access, documentation, strict fields, idempotency."""
    assert police.api_findings(desk.service.app) == []


def test_every_act_asks_for_the_version_and_an_idempotency_key(desk: Desk) -> None:
    """Every POST below a case."""
    frame = desk.service.app.extensions["gongzheng"]
    posts = [o for o in frame.operations.values() if o.method == "POST" and "/cases/<" in o.rule]
    assert len(posts) >= 17
    for operation in posts:
        assert operation.idempotent, operation.rule
        assert "if_match" in operation.uses, operation.rule


def test_refusals_have_codes_titles_and_citations() -> None:
    """In both languages."""
    assert police.refusal_findings(CasesError) == []


@pytest.mark.req("X-09")
def test_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    """No drift."""
    models = [model for model in vars(tables).values() if isinstance(model, type) and _is_table(model)]
    assert (
        police.migration_findings("cases.migrations", lambda: open_database(f"sqlite:///{tmp_path}/m.db"), models) == []
    )


@pytest.mark.req("X-09")
@pytest.mark.real
def test_migrations_make_what_the_models_say_on_postgresql(postgres_database: str) -> None:
    """No drift there either."""
    models = [model for model in vars(tables).values() if isinstance(model, type) and _is_table(model)]
    opened: list[Any] = []

    def make() -> Any:
        opened.append(open_database(postgres_database))
        return opened[-1]

    assert police.migration_findings("cases.migrations", make, models) == []
    opened[0].close_all()


def _is_table(model: type) -> bool:
    return issubclass(model, tables.Table) and model is not tables.Table


@pytest.mark.req("X-03")
def test_every_event_has_a_contract_and_every_contract_an_event() -> None:
    """And each contract's example keeps to it."""
    assert police.event_findings("cases", dict(EVENT_TYPES)) == []
    for type_ in registry().types("cases"):
        registry().check(type_, registry().example(type_))
        assert registry().stream(type_) == "case"


def test_what_is_handled_is_followed() -> None:
    """The bindings are those of the topology."""
    assert sorted(BINDINGS) == sorted(FOLLOWS["cases"])
    for type_ in HANDLERS:
        assert (type_.split(".")[2], registry().stream(type_)) in BINDINGS


def test_the_table_names_only_roles_that_exist() -> None:
    """A misspelt role would lock everybody out of its act."""
    named = {role for row in table().rows.values() for role in row.roles}
    assert named - {"system"} <= set(OFFICIALS)


def test_the_domain_imports_the_standard_library_itself_and_legal_time() -> None:
    """No framework, no database, no clock."""
    allowed = {"cases.domain", "gongzheng.legaltime", "gongzheng.money", "gongzheng.ids"}
    for path in sorted((SOURCE / "domain").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                fine = name.split(".")[0] in sys.stdlib_module_names or any(
                    name == prefix or name.startswith(prefix + ".") for prefix in allowed
                )
                assert fine, f"{path.name} imports {name}"


def test_files_stay_short() -> None:
    """A newcomer reads one at a time."""
    long = {p.name: n for p in SOURCE.rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 340}
    assert long == {}


def test_the_rules_ship_with_the_package() -> None:
    """And so do templates and catalogue."""
    root = files("cases")
    for name in (
        "rules/transitions.toml",
        "templates/decision.typ",
        "data/catalogue/food_safety.toml",
        "migrations/HEAD",
    ):
        assert root.joinpath(*name.split("/")).is_file(), name
