"""The retry ladder: what is tried again when, and when it is given up."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.adapters.data_files import load_policy
from notifications.domain.outcome import Ladder, Outcome, OutcomeKind

pytestmark = pytest.mark.req("N-03")

LADDER = Ladder(steps_s=(60, 300, 1800), retry_after_max_s=3600)
LATER = Outcome(kind=OutcomeKind.TEMPORARY, code="http-503")


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 60), (2, 300), (3, 1800)])
def test_each_failed_attempt_waits_its_own_step(attempts: int, seconds: int) -> None:
    """The n-th failure waits the n-th step."""
    assert LADDER.wait_after(attempts, LATER) == timedelta(seconds=seconds)


def test_the_last_step_is_followed_by_one_more_attempt_and_then_nothing() -> None:
    """Three steps make four attempts."""
    assert LADDER.attempts_max == 4
    assert LADDER.wait_after(4, LATER) is None


def test_what_was_refused_for_good_is_not_tried_again() -> None:
    """A permanent refusal ends it at once."""
    assert LADDER.wait_after(1, Outcome(kind=OutcomeKind.PERMANENT, code="smtp-550")) is None


@pytest.mark.parametrize(("asked", "seconds"), [(10, 60), (600, 600), (999_999, 3600)])
def test_a_longer_pause_that_was_asked_for_is_kept_up_to_the_limit(asked: int, seconds: int) -> None:
    """Retry-After lengthens a step and never shortens one."""
    outcome = Outcome(kind=OutcomeKind.TEMPORARY, code="http-429", retry_after_s=asked)
    assert LADDER.wait_after(1, outcome) == timedelta(seconds=seconds)


@given(attempts=st.integers(1, 50), asked=st.none() | st.integers(0, 10**9))
def test_every_attempt_either_waits_at_least_its_step_or_is_the_last(attempts: int, asked: int | None) -> None:
    """There is no attempt after which nothing is decided."""
    wait = LADDER.wait_after(attempts, Outcome(kind=OutcomeKind.UNKNOWN, code="x", retry_after_s=asked))
    if attempts > len(LADDER.steps_s):
        assert wait is None
    else:
        assert wait is not None
        assert timedelta(seconds=LADDER.steps_s[attempts - 1]) <= wait <= timedelta(seconds=3600)


@pytest.mark.parametrize("steps", [(), (0,), (60, -1)])
def test_a_ladder_without_steps_or_with_empty_ones_is_refused(steps: tuple[int, ...]) -> None:
    """A step of nothing would try without end."""
    with pytest.raises(ValueError, match="ladder"):
        Ladder(steps_s=steps, retry_after_max_s=1)


def test_the_shipped_ladders_run_over_days() -> None:
    """An outage of a night or a weekend costs no message."""
    ladders = load_policy().ladders
    for channel in ("email", "webhook"):
        assert sum(ladders[channel].steps_s) > 2.5 * 86_400
    assert load_policy().lease > timedelta(seconds=100)
