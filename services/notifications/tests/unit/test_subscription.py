"""Subscriptions: filters, secrets that overlap, an endpoint's health, and when enough is enough."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.adapters.data_files import load_policy
from notifications.domain.errors import SubscriptionNotActive
from notifications.domain.events import SubscriptionDisabled
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.domain.subscription import Secret, Subscription, SubscriptionState

pytestmark = pytest.mark.req("N-05")

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
RULES = load_policy().endpoints
FINE = Outcome(kind=OutcomeKind.ACCEPTED, code="http-204")
REFUSED = Outcome(kind=OutcomeKind.TEMPORARY, code="http-500")
SILENT = Outcome(kind=OutcomeKind.TEMPORARY, code="connect", unreachable=True)
GONE = Outcome(kind=OutcomeKind.TEMPORARY, code="http-410", gone=True)


def state(subject: Subscription) -> SubscriptionState:
    """Its state, read anew (the type checker would remember the last one asserted)."""
    return subject.state


def subscription(*types: str) -> Subscription:
    """An active subscription to these types."""
    return Subscription(
        id="S1",
        owner="archive",
        name="Archive",
        url="https://hooks.example/",
        types=types or ("*",),
        contact_email=None,
        language="both",
        created_at=NOW,
        secrets=(Secret(sealed="one"),),
    )


@pytest.mark.parametrize(
    ("pattern", "type_", "wanted"),
    [
        ("*", "cn.gongzheng.cases.case.filed.v1", True),
        ("cn.gongzheng.cases.*", "cn.gongzheng.cases.case.filed.v1", True),
        ("cn.gongzheng.cases.case.filed.v1", "cn.gongzheng.cases.case.filed.v1", True),
        ("cn.gongzheng.cases.case.filed.v1", "cn.gongzheng.cases.case.filed.v10", False),
        ("cn.gongzheng.cases.*", "cn.gongzheng.casesx.case.filed.v1", False),
        ("cn.gongzheng.fees.*", "cn.gongzheng.cases.case.filed.v1", False),
    ],
)
def test_a_filter_lets_through_what_it_names(pattern: str, type_: str, wanted: bool) -> None:  # noqa: FBT001 the table's column
    """Exact types, prefixes at a dot, or everything."""
    assert subscription(pattern).wants(type_) is wanted


def test_a_replaced_secret_signs_along_for_a_day_and_no_third_one_does() -> None:
    """Receivers can change over without missing an event."""
    subject = subscription()
    subject.change_secret("two", now=NOW, rules=RULES)
    assert subject.signing_secrets(NOW) == ("two", "one")
    assert subject.signing_secrets(NOW + timedelta(days=1)) == ("two",)
    subject.change_secret("three", now=NOW, rules=RULES)
    assert subject.signing_secrets(NOW) == ("three", "two")


def test_an_endpoint_where_nobody_answers_rests_longer_each_time() -> None:
    """One probe instead of a thousand lanes knocking."""
    subject, rests = subscription(), []
    for _ in range(8):
        subject.heard(SILENT, now=NOW, rules=RULES)
        assert subject.rest_until is not None
        rests.append((subject.rest_until - NOW).total_seconds())
    assert rests == [5, 30, 120, 600, 1800, 3600, 3600, 3600]
    subject.heard(FINE, now=NOW, rules=RULES)
    assert (subject.rest_until, subject.rest_failures, subject.failing_since) == (None, 0, None)


def test_an_endpoint_that_answers_does_not_rest_although_it_refuses_an_event() -> None:
    """The fault is that event's; the others go on."""
    subject = subscription()
    subject.heard(REFUSED, now=NOW, rules=RULES)
    assert subject.rest_until is None
    assert subject.failing_since == NOW


@pytest.mark.req("N-03")
def test_days_without_one_success_disable_the_subscription_with_an_event() -> None:
    """Not before the time is over, and not when anything succeeded in between."""
    subject = subscription()
    subject.heard(REFUSED, now=NOW, rules=RULES)
    subject.heard(REFUSED, now=NOW + RULES.disable_after - timedelta(seconds=1), rules=RULES)
    assert state(subject) is SubscriptionState.ACTIVE
    subject.heard(FINE, now=NOW + RULES.disable_after, rules=RULES)
    subject.heard(REFUSED, now=NOW + RULES.disable_after, rules=RULES)
    assert state(subject) is SubscriptionState.ACTIVE
    subject.heard(SILENT, now=NOW + 2 * RULES.disable_after, rules=RULES)
    assert state(subject) is SubscriptionState.DISABLED
    (event,) = subject.new_events
    assert isinstance(event, SubscriptionDisabled)
    assert event.reason == "failing-too-long"


def test_an_endpoint_that_says_it_is_gone_is_believed_at_once() -> None:
    """410, as Standard Webhooks recommends."""
    subject = subscription()
    subject.heard(GONE, now=NOW, rules=RULES)
    assert subject.disabled_reason == "endpoint-gone"


def test_a_late_answer_changes_nothing_of_a_disabled_subscription() -> None:
    """It stays as it was until somebody resumes it."""
    subject = subscription()
    subject.disable("by-request", now=NOW)
    subject.heard(GONE, now=NOW, rules=RULES)
    assert subject.disabled_reason == "by-request"


def test_a_subscription_is_resumed_with_a_clean_slate_and_ended_once() -> None:
    """Every step is refused in a state that does not allow it."""
    subject = subscription()
    with pytest.raises(SubscriptionNotActive):
        subject.resume(now=NOW)
    subject.heard(SILENT, now=NOW, rules=RULES)
    subject.disable("by-request", now=NOW)
    with pytest.raises(SubscriptionNotActive):
        subject.disable("by-request", now=NOW)
    subject.resume(now=NOW)
    assert (subject.state, subject.failing_since) == (SubscriptionState.ACTIVE, None)
    subject.end(now=NOW)
    for step in (subject.end, subject.resume):
        with pytest.raises(SubscriptionNotActive):
            step(now=NOW)
    with pytest.raises(SubscriptionNotActive):
        subject.change_secret("x", now=NOW, rules=RULES)
    with pytest.raises(SubscriptionNotActive):
        subject.grant(())
