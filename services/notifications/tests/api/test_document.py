"""The API against its own document: every operation, valid and invalid requests."""

from typing import Any

import pytest

from gongzheng.ids import new_id
from gongzheng.testing.fuzz import fuzz

ROLES = ("notifications.operator", "notifications.subscriber", "notifications.author", "auditor", "system.feed")


@pytest.mark.req("X-04")
def test_every_answer_is_one_that_the_document_promises(house: Any) -> None:
    """No 500, no undocumented status, no refusal of what the document allows."""
    house.service.app.testing = True
    house.subscribe("http://127.0.0.1:9/hook")
    house.hear(house.decision(), house.event("cases.case.filed", new_id()))
    caller = house.user(*ROLES)
    assert fuzz(house.service.app, caller.token, max_examples=8, skip={"/api/v1/feed/stream"}) > 15
