"""The API keeps the promises of its own document, whatever is sent to it."""

from typing import Any

import pytest

from gongzheng.testing.fuzz import fuzz

# The feed is the frame's own and is fuzzed with it.
FEED = "/api/v1/events"
ROLES = ("fees.accountant", "fees.reconciler", "fees.refund_approver", "auditor")


@pytest.mark.req("X-04")
def test_fuzzing_finds_nothing_that_the_document_does_not_say(house: Any) -> None:
    """Every operation, with requests that fit the document and requests that do not."""
    house.load()
    house.owe()
    token = str(house.user(*ROLES).token)
    assert fuzz(house.service.app, token, max_examples=5, skip=[FEED]) == 24
    assert house.verify().faults == []
