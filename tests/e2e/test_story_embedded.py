"""The story in one process, on SQLite and the in-process bus."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gongzheng_embedded.demonstration import Telling, story_of
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.story.client import eventually
from gongzheng_embedded.story.memory import Memory
from gongzheng_embedded.story.whole import STEPS
from gongzheng_embedded.suite import Suite
from tests.e2e.checks import check_events, check_figures, settled

KEPT = ("run", "today", "began_at", "bank_seed")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """A fresh suite on a free port."""
    with Suite(DataFolder(tmp_path_factory.mktemp("suite"))) as running:
        yield running


@pytest.fixture(scope="module")
def told(suite: Suite) -> Telling:
    """The story, told to the end."""
    telling = story_of(suite, pace_s=0)
    telling.play()
    return telling


def query_of(suite: Suite) -> Any:
    """Looks into the services' own databases."""

    def query(service: str, sql: str) -> list[tuple[Any, ...]]:
        mechanism = suite.composition.services[service].mechanism
        mechanism.ensure_connected()
        return [tuple(row) for row in mechanism.execute(sql).fetchall()]

    return query


@pytest.mark.req("X-11", "C-01", "C-02", "C-03", "C-10", "C-11", "C-12", "C-16", "C-17", "C-19", "C-21", "C-24", "C-30")
@pytest.mark.req("F-01", "F-02", "F-04", "F-05", "F-06", "C-27", "N-02", "N-05", "O-01", "O-05", "O-11")
def test_a_case_goes_all_the_way_in_one_process(told: Telling) -> None:
    """From a citizen's report to the archived dossier, with every unlawful step refused by its article."""
    check_figures(told.play())


@pytest.mark.req("X-01", "X-02")
def test_every_event_reached_every_follower_once_and_in_order(suite: Suite, told: Telling) -> None:
    """Nothing lost, nothing twice, nothing parked."""
    assert told.story.memory["main"]
    query = query_of(suite)
    eventually("all events to arrive", lambda: settled(query))
    check_events(query)


@pytest.mark.req("X-05")
def test_the_story_told_again_with_the_same_keys_changes_nothing(suite: Suite, told: Telling, tmp_path: Path) -> None:
    """Every call of the story can be repeated: answers come again, effects do not."""
    query = query_of(suite)
    eventually("all events to arrive", lambda: settled(query))
    before = {name: query(name, "SELECT count(*) FROM outbox") for name in ("cases", "fees")}
    memory = Memory(tmp_path / "story.json")
    memory.keep(**{name: told.story.memory[name] for name in KEPT})
    again = story_of(suite, pace_s=0, memory_file=tmp_path / "story.json").story
    again.tell([step for step in STEPS if not step.tries_the_unlawful])
    first = told.story.memory
    for name in ("main", "main_decision_number", "receipts", "second_receipts", "dossier_sha256", "tracking_code"):
        assert first[name] == again.memory[name]
    assert before == {name: query(name, "SELECT count(*) FROM outbox") for name in ("cases", "fees")}
