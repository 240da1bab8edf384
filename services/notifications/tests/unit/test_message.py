"""A message's life: waiting, due, sending, sent or failed, and what is on record of it."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.domain.errors import NotRedrivable
from notifications.domain.events import MessageFailed, MessageSent
from notifications.domain.message import Message, MessageState
from notifications.domain.outcome import Ladder, Outcome, OutcomeKind
from notifications.domain.template import Rendered

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LADDER = Ladder(steps_s=(60, 300), retry_after_max_s=3600)
ACCEPTED = Outcome(kind=OutcomeKind.ACCEPTED, code="smtp-250")
LATER = Outcome(kind=OutcomeKind.TEMPORARY, code="smtp-451")
LOST = Outcome(kind=OutcomeKind.UNKNOWN, code="smtp-answer-lost")
NEVER = Outcome(kind=OutcomeKind.PERMANENT, code="smtp-550")
DAY, LEASE = timedelta(days=1), timedelta(minutes=3)


def new_message() -> Message:
    """One that waits for an address."""
    message = Message(
        id="M1",
        dedup_key="E1|decision_served|party:P1|email",
        cause_id="E1",
        template="decision_served",
        template_version=1,
        channel="email",
        urgency="normal",
        legal_notice=True,
        facts={},
        party_id="P1",
        case_id="C1",
        created_at=NOW,
    )
    message.queue(now=NOW, patience=DAY)
    return message


def due_message() -> Message:
    """One that may be sent."""
    message = new_message()
    message.address_to(address="a@b.cn", language="zh", text=Rendered(subject="s", body="b"), now=NOW)
    return message


def attempt(message: Message, outcome: Outcome, at: datetime = NOW) -> None:
    """One attempt that ends so."""
    message.claim_for(claim="K", now=at, lease=LEASE)
    message.finish(outcome, now=at, ladder=LADDER)


def stand(message: Message) -> tuple[MessageState, datetime | None, str | None]:
    """Where it stands: state, when it is due, why."""
    return message.state, message.due_at, message.reason


def whats(message: Message) -> list[str]:
    """What its timeline says."""
    return [entry.what for entry in message.new_entries]


@pytest.mark.req("N-07")
def test_the_timeline_of_a_message_that_went_well_tells_each_step() -> None:
    """Queued, waiting for an address, addressed, sending, sent."""
    message = due_message()
    attempt(message, ACCEPTED)
    assert whats(message) == ["queued", "waiting", "addressed", "sending", "sent"]
    assert message.state is MessageState.SENT
    assert message.sent_at == NOW


@pytest.mark.req("N-03")
def test_a_message_climbs_its_ladder_and_is_then_kept_as_failed() -> None:
    """Three attempts, two pauses, and an event that it was given up."""
    message = due_message()
    attempt(message, LATER)
    assert stand(message) == (MessageState.DUE, NOW + timedelta(seconds=60), "smtp-451")
    attempt(message, LATER)
    assert stand(message) == (MessageState.DUE, NOW + timedelta(seconds=300), "smtp-451")
    attempt(message, LATER)
    assert stand(message) == (MessageState.FAILED, None, "smtp-451")
    (event,) = message.new_events
    assert isinstance(event, MessageFailed)
    assert (event.attempts, event.reason) == (3, "smtp-451")


def test_a_permanent_refusal_ends_it_at_the_first_attempt() -> None:
    """An address that does not exist is not tried for days."""
    message = due_message()
    attempt(message, NEVER)
    assert message.state is MessageState.FAILED


def test_a_lost_answer_is_on_record_and_in_the_event() -> None:
    """Whoever reads the proof sees that the recipient may hold two copies."""
    message = due_message()
    attempt(message, LOST)
    assert "maybe_sent" in whats(message)
    attempt(message, ACCEPTED)
    (event,) = message.new_events
    assert isinstance(event, MessageSent)
    assert event.maybe_repeated


def test_a_claim_that_ran_out_puts_the_message_back_with_a_note() -> None:
    """The worker vanished between sending and recording."""
    message = due_message()
    message.claim_for(claim="K", now=NOW, lease=LEASE)
    message.recover(now=NOW + LEASE, ladder=LADDER)
    assert message.state is MessageState.DUE
    assert message.maybe_repeated
    assert message.new_entries[-1].what == "maybe_sent"


def test_a_message_that_ends_every_worker_is_given_up_like_any_other() -> None:
    """It cannot take a worker down for ever."""
    message = due_message()
    for _ in range(LADDER.attempts_max):
        message.claim_for(claim="K", now=NOW, lease=LEASE)
        message.recover(now=NOW + LEASE, ladder=LADDER)
    assert message.state is MessageState.FAILED


@pytest.mark.req("N-03")
def test_a_failed_message_can_be_redriven_from_the_foot_of_the_ladder() -> None:
    """Its whole history stays; the attempts count on, the ladder begins anew."""
    message = due_message()
    attempt(message, NEVER)
    message.redrive(now=NOW + DAY, patience=DAY)
    assert (message.state, message.due_at) == (MessageState.DUE, NOW + DAY)
    attempt(message, LATER, NOW + DAY)
    assert message.due_at == NOW + DAY + timedelta(seconds=60)
    assert message.attempts == 2


def test_a_redriven_message_without_address_waits_again() -> None:
    """There is still nobody to send it to."""
    message = new_message()
    message.give_up("no-address", now=NOW)
    message.redrive(now=NOW, patience=DAY)
    assert (message.state, message.due_at) == (MessageState.WAITING, NOW + DAY)


@pytest.mark.parametrize("make", [new_message, due_message])
def test_only_a_failed_message_can_be_redriven(make: object) -> None:
    """One that is on its way would go twice."""
    with pytest.raises(NotRedrivable):
        make().redrive(now=NOW, patience=DAY)  # type: ignore[operator]
