"""The home page says every event in words."""

from collections.abc import Mapping
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng_embedded.sentences import describe, known_types, short_type

TYPES = sorted(registry().types())


@pytest.mark.req("X-13")
@pytest.mark.parametrize("type_", TYPES)
def test_every_event_type_has_a_sentence_in_both_languages_and_its_example_fills_the_gaps(type_: str) -> None:
    """A new event without a sentence would show as its technical name."""
    example: Mapping[str, Any] = registry().example(type_)
    words = describe(type_, example, confidential=False)
    for lang in ("zh", "en"):
        assert short_type(type_) in known_types()
        assert "…" not in words[lang].replace("……", "") or "sha256" in example


def test_a_confidential_event_is_told_without_its_content() -> None:
    """The words of a report are for the competent department, not for whoever looks at the page."""
    words = describe("cn.gongzheng.oversight.complaint.accepted.v1", {"summary": "secret"}, confidential=True)
    assert "secret" not in words["zh"] + words["en"]
