"""Trace context is taken over when it is well-formed and begun otherwise (W3C Trace Context)."""

import re

import pytest

from gongzheng.observability.tracing import continue_trace, current_trace_id, current_traceparent, trace

pytestmark = pytest.mark.req("X-08")
GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def test_a_callers_trace_is_continued_under_a_parent_of_our_own() -> None:
    """Same trace, same flags, other parent."""
    mine = continue_trace(GOOD)
    assert FORM.fullmatch(mine)
    assert mine.split("-")[1] == GOOD.split("-")[1]
    assert mine.split("-")[2] != GOOD.split("-")[2]


@pytest.mark.parametrize(
    "received",
    [None, "", "nonsense", GOOD.upper(), "ff" + GOOD[2:], "00-" + "0" * 32 + GOOD[35:], GOOD[:36] + "0" * 16 + "-01"],
)
def test_anything_malformed_begins_a_new_trace(received: str | None) -> None:
    """Zeros, upper case and version ff are not allowed."""
    mine = continue_trace(received)
    assert FORM.fullmatch(mine)
    assert mine.split("-")[1] != GOOD.split("-")[1]


def test_the_trace_holds_within_its_block() -> None:
    """And what was before comes back."""
    assert current_traceparent() is None
    with trace(GOOD) as mine:
        assert current_traceparent() == mine
        assert current_trace_id() == GOOD.split("-")[1]
    assert current_trace_id() is None
