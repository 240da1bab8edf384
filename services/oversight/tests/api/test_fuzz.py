"""The API keeps the promises of its own document, whatever is sent to it."""

import pytest

from gongzheng.testing.fuzz import fuzz
from services.oversight.tests.house import House

# The feed is the frame's own and is fuzzed with it.
FEED = "/api/v1/events"


@pytest.mark.req("X-04")
def test_fuzzing_finds_nothing_that_the_document_does_not_say(house: House) -> None:
    """Every operation, with requests that fit the document and requests that do not."""
    assert fuzz(house.service.app, str(house.lead.token), max_examples=8, skip=[FEED]) == 23
