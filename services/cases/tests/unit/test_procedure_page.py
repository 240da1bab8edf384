"""The page of the procedure is what the rules say, in both languages."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cases.documents import documents
from cases.documents.chart import chart
from cases.documents.page import page
from cases.domain.guards import GUARDS
from cases.domain.rules import rule_file
from cases.domain.table import table
from cases.domain.values import State

DOCS = Path(__file__).parents[4] / "docs"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(language: str) -> ET.Element:
    """The diagram of the release."""
    return ET.fromstring(chart(table(), language))  # noqa: S314 it is of our own making


@pytest.mark.req("C-10")
@pytest.mark.parametrize("name", documents())
def test_the_page_and_its_diagrams_are_current(name: str) -> None:
    """What is committed is what the table gives; `gongzheng documents` writes it."""
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], "run `gongzheng documents` and commit"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_diagram_shows_every_state_and_every_act(language: str) -> None:
    """It is well-formed, and each act stands in it as often as there are states from which it is possible."""
    image = drawn(language)
    assert sorted(name.text or "" for name in image.iter(f"{SVG}tspan")) == ["", *sorted(State)]
    texts = ["".join(text.itertext()) for text in image.iter(f"{SVG}text")]
    said = [part.strip() for text in texts for part in re.split(";|；", text)]
    for row in table().rows.values():
        label = row.zh if language == "zh" else row.en
        assert said.count(label) == max(1, len(row.sources)), row.act


def test_a_changed_row_changes_the_diagram_and_the_page() -> None:
    """Nothing in them is drawn by hand: with another row they show another procedure."""
    rows = table().rows
    other = replace(
        table(), rows={**rows, "archive": replace(rows["archive"], sources=(State.PERFORMED,), law=("APL 1",))}
    )
    assert chart(other, "en") != chart(table(), "en")
    assert "Administrative Penalty Law, article 1 |" in page(other)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_line_on_the_diagram_lies_on_another_targets_line(language: str) -> None:
    """Whoever follows a line arrives where the act leads."""
    lanes: dict[str, set[str]] = {}
    for path in drawn(language).iter(f"{SVG}path"):
        around = re.fullmatch(r"M\d+ \d+H(\d+)V(\d+)H\d+", path.get("d", ""))
        if around:
            lanes.setdefault(around[1], set()).add(around[2])
    assert len(lanes) > 3
    assert [ends for ends in lanes.values() if len(ends) > 1] == []


def test_words_exist_for_every_name_and_for_nothing_else() -> None:
    """In two languages, so that a lawyer reads the table without the code."""
    words = rule_file("words")
    assert words["guard"].keys() == GUARDS.keys()
    assert words["state"].keys() == set(State)
    assert words["role"].keys() == {role for row in table().rows.values() for role in row.roles}
    for kind in ("guard", "state", "role"):
        for zh, en in words[kind].values():
            assert re.search("[\u4e00-\u9fff]", zh)
            assert en.isascii()
