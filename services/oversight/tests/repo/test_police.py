"""The service held against itself: routes, events, queues, pages and texts agree with one another."""

import re
from importlib.resources import files

import pytest

from gongzheng.contracts import registry
from gongzheng.messaging.topology import FOLLOWS, STREAMS
from gongzheng.testing import police
from oversight.bootstrap import EVENT_TYPES
from oversight.domain import events
from oversight.domain.complaint import Kind, Outcome, RejectionReason
from oversight.domain.errors import OversightError
from oversight.domain.rulebook import clock_rules, read_rules
from oversight.worker.consumer import BINDINGS, HANDLERS
from services.oversight.tests.house import House

CREATES = {"/api/v1/public/complaints", "/api/v1/assessment-plans", "/api/v1/campaigns", "/report"}


@pytest.mark.req("X-04")
def test_the_service_keeps_to_what_every_service_keeps_to(house: House) -> None:
    """The police that all services share."""
    assert police.api_findings(house.service.app) == []
    assert police.refusal_findings(OversightError) == []
    assert police.event_findings("oversight", dict(EVENT_TYPES)) == []
    assert police.text_findings("oversight.web") == []


@pytest.mark.req("X-05")
def test_what_creates_is_idempotent_and_what_changes_names_its_version(house: House) -> None:
    """Every POST is one or the other; the look-up is neither, for it changes nothing."""
    posts = [op for op in house.service.app.extensions["gongzheng"].operations.values() if op.method == "POST"]
    assert {op.rule for op in posts if op.idempotent} == CREATES
    rest = {op.rule for op in posts if not op.idempotent and "if_match" not in op.uses}
    assert rest == {"/api/v1/public/complaints/lookup", "/follow"}


@pytest.mark.req("X-03")
def test_every_event_class_has_its_contract_and_the_other_way_round() -> None:
    """Nothing is promised that is not said, nothing said that is not promised."""
    assert sorted(EVENT_TYPES.values()) == registry().types("oversight")
    classes = {kind for kind in vars(events).values() if isinstance(kind, type) and kind.__module__ == events.__name__}
    assert classes == set(EVENT_TYPES)
    for kind, type_ in EVENT_TYPES.items():
        assert set(registry()[type_].schema["properties"]) == set(kind.__annotations__)


@pytest.mark.req("X-03")
def test_the_words_in_the_contracts_are_those_of_the_domain() -> None:
    """An enumeration that grows on one side only would be found by a customer."""

    def words(name: str, field: str) -> set[str]:
        return set(registry()[f"cn.gongzheng.oversight.{name}.v1"].schema["properties"][field]["enum"])

    assert words("complaint.received", "kind") == {kind.value for kind in Kind}
    assert words("complaint.rejected", "reason") == {reason.value for reason in RejectionReason}
    assert words("complaint.resolved", "outcome") == {outcome.value for outcome in Outcome}
    assert words("complaint.rescheduled", "kind") == {rule.kind for rule in clock_rules()}
    assert words("inaction.opened", "omission") == set(read_rules("omissions")["omission"])


@pytest.mark.req("X-02")
def test_what_is_followed_and_published_is_what_the_broker_is_told() -> None:
    """One table declares exchanges, queues and bindings."""
    assert set(BINDINGS) == set(FOLLOWS["oversight"])
    assert {registry()[type_].stream for type_ in EVENT_TYPES.values()} == set(STREAMS["oversight"])
    for type_ in HANDLERS:
        assert (registry()[type_].service, registry()[type_].stream) in BINDINGS


def test_timers_have_names_of_their_own(house: House) -> None:
    """The mechanism remembers them by name."""
    names = [timer.name for timer in house.service.timers]
    assert len(names) == len(set(names))
    assert all(timer.every_s >= 60 for timer in house.service.timers)


@pytest.mark.req("X-13")
def test_pages_have_no_script_no_inline_style_and_no_words_of_their_own() -> None:
    """The content policy would stop the first two; the third would be in one language only."""
    templates = files("oversight.web") / "templates" / "oversight"
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for template in templates.iterdir():
        text = template.read_text(encoding="utf-8")
        assert re.search(r"<script|<style|\son\w+=|\sstyle=|javascript:|\|\s*safe", text) is None, template.name
        assert chinese.search(text) is None, template.name
