"""The API keeps the promises of its own document, whatever is sent to it."""

import pytest

from gongzheng.testing.fuzz import fuzz
from services.cases.tests.support.service import ORGANISATION_ID, Desk

# The feed is the frame's own and is fuzzed with it.
FEED = "/api/v1/events"


@pytest.mark.req("X-04")
def test_fuzzing_finds_nothing_that_the_document_does_not_say(desk: Desk) -> None:
    """Every operation, with requests that fit the document and requests that do not."""
    desk.lead_to("evidence")
    roles = [f"cases.{r}" for r in ("intake", "investigator", "reviewer", "decider", "hearing_chair", "clerk")]
    token = desk.client.as_user(
        "demo-intake", *roles, "cases.registrar", organisation_id=ORGANISATION_ID, ttl_s=86_400
    ).token
    assert fuzz(desk.service.app, str(token), max_examples=6, skip=[FEED]) >= 30
