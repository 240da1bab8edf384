"""Every citation in the workspace names an act that is listed and an article that this act has."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gongzheng.legaltime import CitationError, check

ROOT = Path(__file__).parents[3]
SOURCES = [*ROOT.glob("services/*/src"), ROOT / "shared" / "src", *ROOT.glob("deploy/*/src")]
ACT = re.compile(r"[A-Z][A-Z0-9-]+(?: |$)")
LAW_NAMES = ("law", "lawful", "violated", "sanctioned")


def in_data(value: Any, key: str = "") -> Iterator[str]:
    """The citations of a data file: text under a key that speaks of law."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from in_data(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from in_data(inner, key)
    elif isinstance(value, str) and (key in LAW_NAMES or key.endswith("_law")) and value:
        yield value


def in_code(tree: ast.AST) -> Iterator[str]:
    """The citations of a module: text given to a name or argument ``law``."""
    for node in ast.walk(tree):
        given: ast.expr | None = None
        if isinstance(node, ast.keyword) and node.arg == "law":
            given = node.value
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id in {"law", "LAW"} for t in targets):
                given = node.value
        for part in ast.walk(given) if given is not None else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and ACT.match(part.value):
                yield part.value


def cited() -> dict[str, set[str]]:
    """All citations and where they stand."""
    found: dict[str, set[str]] = {}
    for folder in SOURCES:
        for file in folder.rglob("*.toml"):
            if file.name == "words.toml":
                continue  # names of guards and states with their words; the guard of the lighter law is no citation
            for ref in in_data(tomllib.loads(file.read_text(encoding="utf-8"))):
                found.setdefault(ref, set()).add(str(file.relative_to(ROOT)))
        for file in folder.rglob("*.py"):
            for ref in in_code(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(ref, set()).add(str(file.relative_to(ROOT)))
    return found


@pytest.mark.req("X-04")
def test_every_citation_in_rules_refusals_and_catalogue_can_be_looked_up() -> None:
    """A slip in a citation would be printed on a decision; here it is found first."""
    citations = cited()
    assert len(citations) > 100
    wrong: dict[str, list[str]] = {}
    for ref, places in citations.items():
        try:
            check(ref)
        except CitationError:
            wrong[ref] = sorted(places)
    assert wrong == {}


def test_an_article_beyond_the_last_one_is_refused() -> None:
    """The Administrative Penalty Law ends with article 86."""
    assert check("APL 86").article == 86
    with pytest.raises(CitationError, match="articles 1 to 86"):
        check("APL 87")
    with pytest.raises(CitationError):
        check("APL 0")
