"""The rules as data: every citation is one, every state can be reached and has words."""

from collections.abc import Iterator
from typing import Any

import pytest

from gongzheng.legaltime import check
from oversight.domain.complaint import Complaint
from oversight.domain.errors import OversightError
from oversight.domain.rulebook import clock_rules, progress_texts, read_rules, transitions

FILES = ["amount_targets", "complaint_clocks", "complaint_states", "filing_thresholds", "inaction_states",
         "omissions", "screening"]  # fmt: skip


def _citations(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _citations(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _citations(inner, key)
    elif key == "law" or key.endswith("_law"):
        yield value


@pytest.mark.parametrize("name", FILES)
def test_every_citation_in_the_rules_names_an_act_that_is_known(name: str) -> None:
    """A rule without a source is an opinion."""
    found = list(_citations(read_rules(name)))
    assert found
    for citation in found:
        assert check(citation).article or citation == "DECREE-281"


def test_every_refusal_cites_what_can_be_read_up() -> None:
    """The citations on the error classes too."""
    for kind in OversightError.__subclasses__():
        assert all(check(citation) for citation in kind.law)


def test_every_transition_has_its_law() -> None:
    """Each row of the table answers for itself."""
    assert all(step.law for step in transitions().values())


@pytest.mark.req("O-01")
def test_every_state_is_reached_from_the_first_and_has_words_for_the_reporter() -> None:
    """Nothing leads nowhere, nothing is told as a technical name."""
    reached = {"received"}
    for _ in transitions():
        reached |= {step.target for (source, _), step in transitions().items() if source in reached}
    states = {state for (source, _), step in transitions().items() for state in (source, step.target)}
    assert states == reached
    assert states | {"extended"} == set(progress_texts())
    assert all(zh and en for zh, en in progress_texts().values())


def test_clocks_start_and_stop_with_acts_that_exist() -> None:
    """A limit that nothing stops would break for ever."""
    acts = {act for _, act in transitions()} | {"receive"}
    for rule in clock_rules():
        assert rule.starts in acts
        assert set(rule.stops) <= acts
        assert rule.stops
    assert hasattr(Complaint, "receive")
