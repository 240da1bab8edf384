"""The repositories promise the same on both databases: what is kept comes back, versions guard, claims exclude."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.ids import new_id
from notifications.adapters.mail import SmtpChannel
from notifications.adapters.sealing import Sealer, SealingError, new_webhook_secret
from notifications.domain.contact import ContactPoint
from notifications.domain.delivery import Delivery, LaneState
from notifications.domain.errors import DeliveryNotFound, MessageNotFound, SubscriptionNotFound
from notifications.domain.message import Message
from notifications.domain.redaction import Grant
from notifications.domain.subscription import Secret, Subscription
from notifications.domain.template import Rendered
from notifications.worker.sending import Sender
from tests.support.webhooks import WebhookReceiver

TRANSIENT = {"new_entries", "new_events", "version"}


def same(one: Any, other: Any) -> bool:
    """Whether two aggregates agree in all that is kept."""
    names = [f.name for f in fields(one) if f.name not in TRANSIENT]
    return all(getattr(one, name) == getattr(other, name) for name in names)


def message(house: Any, **changed: Any) -> Message:
    """A message that waits."""
    given: dict[str, Any] = {
        "id": new_id(),
        "dedup_key": new_id(),
        "cause_id": "E1",
        "template": "decision_served",
        "template_version": 1,
        "channel": "email",
        "urgency": "normal",
        "legal_notice": True,
        "facts": {"party.name": "张三", "fine_fen": 5, "late": True, "due": None},
        "party_id": "P1",
        "case_id": "C1",
        "created_at": house.clock.now(),
    }
    made = Message(**(given | changed))
    made.queue(now=house.clock.now(), patience=timedelta(days=3))
    return made


def subscription(house: Any) -> Subscription:
    """A subscription with all that it can have."""
    now = house.clock.now()
    grant = Grant(types="*", fields=("party.email",), purpose="why", granted_by="op", granted_at=now)
    return Subscription(
        id=new_id(),
        owner="archive",
        name="档案",
        url="https://hooks.example/",
        types=("cn.gongzheng.*",),
        contact_email="owner@example.cn",
        language="zh",
        created_at=now,
        secrets=(Secret(sealed="a"), Secret(sealed="b", until=now)),
        grants=(grant,),
        failing_since=now,
        rest_failures=2,
        rest_until=now + timedelta(seconds=30),
    )


@pytest.mark.req("N-03")
def test_a_message_comes_back_as_it_was_kept(any_house: Any) -> None:
    """Facts, address and text included, although they are sealed."""
    kept = message(any_house)
    with any_house.uow() as uow:
        assert uow.messages.add_once(kept)
        assert same(uow.messages.get(kept.id), kept)
        kept.address_to(address="a@b.cn", language="both", text=Rendered(subject="题", body="文\n"), now=uow.now)
        uow.messages.save(kept)
        assert same(uow.messages.get(kept.id), kept)
        assert [entry.what for entry in uow.messages.timeline(kept.id)] == ["queued", "waiting", "addressed"]


def test_the_same_cause_is_kept_once(any_house: Any) -> None:
    """Also when its second message has another id."""
    first = message(any_house, dedup_key="k")
    with any_house.uow() as uow:
        assert uow.messages.add_once(first)
        assert not uow.messages.add_once(message(any_house, dedup_key="k"))
        assert uow.messages.timeline(first.id)
    assert any_house.rows("SELECT count(*) FROM message_entry") == [(2,)]


@pytest.mark.req("X-05")
def test_an_old_version_is_neither_saved_nor_accepted(any_house: Any) -> None:
    """Whoever was second reads again."""
    kept = message(any_house)
    with any_house.uow() as uow:
        uow.messages.add_once(kept)
        mine, theirs = uow.messages.get(kept.id), uow.messages.get(kept.id)
        uow.messages.save(theirs)
        with pytest.raises(Conflict):
            uow.messages.save(mine)
        with pytest.raises(PreconditionFailed):
            uow.messages.get(kept.id, 0)
        assert uow.messages.get(kept.id, 1).version == 1


def test_a_subscription_comes_back_as_it_was_kept(any_house: Any) -> None:
    """Types, grants, secrets and health; a change of health makes no new version."""
    kept = subscription(any_house)
    with any_house.uow() as uow:
        uow.subscriptions.add(kept)
        assert same(uow.subscriptions.get(kept.id), kept)
        mine, theirs = uow.subscriptions.get(kept.id), uow.subscriptions.locked(kept.id)
        theirs.rest_failures, theirs.rest_until, theirs.failing_since = 0, None, None
        uow.subscriptions.note_health(theirs)
        assert same(uow.subscriptions.get(kept.id), theirs)
        uow.subscriptions.save(mine)
        with pytest.raises(Conflict):
            uow.subscriptions.save(theirs)
        with pytest.raises(PreconditionFailed):
            uow.subscriptions.get(kept.id, 0)


def test_a_contact_point_comes_back_as_it_was_kept_and_one_party_has_one_per_channel(any_house: Any) -> None:
    """Two cases tell of one party."""
    now = any_house.clock.now()
    point = ContactPoint(
        id=new_id(), party_id="P1", channel="email", address="a@b.cn", language="zh", learnt_from="E1", as_of=now
    )
    with any_house.uow() as uow:
        uow.contacts.add(point)
    with any_house.uow() as uow:
        found = uow.contacts.of_party("P1", "email")
        assert found is not None
        assert found.address == "a@b.cn"
        assert found.learn(address=None, language="en", learnt_from="E2", as_of=now + timedelta(1))
        uow.contacts.save(found)
    with any_house.uow() as uow:
        assert uow.contacts.of_party("P1", "email").address is None
        assert uow.contacts.of_party("P1", "sms") is None


def test_the_party_of_a_case_is_what_the_newest_event_says(any_house: Any) -> None:
    """And whether that was news."""
    now = any_house.clock.now()
    with any_house.uow() as uow:
        assert uow.contacts.note_case("C1", "P1", now)
        assert not uow.contacts.note_case("C1", "P1", now + timedelta(1))
        assert not uow.contacts.note_case("C1", "P0", now - timedelta(1))
        assert uow.contacts.party_of_case("C1") == "P1"
        assert uow.contacts.note_case("C1", "P2", now + timedelta(2))
        assert uow.contacts.party_of_case("C1") == "P2"
        assert uow.contacts.party_of_case("C2") is None


def test_what_is_not_there_is_said_to_be_not_there(any_house: Any) -> None:
    """Each with its own name."""
    with any_house.uow() as uow:
        for repository, error in (
            (uow.messages, MessageNotFound),
            (uow.subscriptions, SubscriptionNotFound),
            (uow.deliveries, DeliveryNotFound),
        ):
            with pytest.raises(error):
                repository.get(new_id())


def delivery(house: Any, event_id: str, *, lane: str = "L", position: int = 1) -> Delivery:
    """An event for subscription S."""
    return Delivery(
        id=new_id(),
        subscription_id="S",
        lane=lane,
        position=position,
        event_id=event_id,
        event_type="t",
        created_at=house.clock.now(),
    )


@pytest.mark.req("N-05")
def test_an_event_wakes_an_idle_lane_and_leaves_a_waiting_or_parked_one_as_it_is(any_house: Any) -> None:
    """A retry is not brought forward by the next event, and a parked lane does not begin to flow."""
    later = any_house.clock.now() + timedelta(hours=2)
    with any_house.uow() as uow:
        uow.deliveries.enqueue(delivery(any_house, "E1"))
        uow.deliveries.enqueue(delivery(any_house, "E1"))
    assert any_house.rows("SELECT count(*) FROM delivery") == [(1,)]
    for state, due in ((LaneState.IDLE, None), (LaneState.FLOWING, later), (LaneState.PARKED, None)):
        with any_house.uow() as uow:
            lane = uow.deliveries.lane("S", "L")
            lane.state, lane.due_at = state, due
            uow.deliveries.save_lane(lane)
        with any_house.uow() as uow:
            uow.deliveries.enqueue(delivery(any_house, new_id(), position=2))
        with any_house.uow() as uow:
            after = uow.deliveries.lane("S", "L")
        expected = (LaneState.FLOWING, uow.now) if state is LaneState.IDLE else (state, due)
        assert (after.state, after.due_at) == expected


def test_a_repeated_event_does_not_wake_its_lane(any_house: Any) -> None:
    """There is nothing new to deliver."""
    with any_house.uow() as uow:
        uow.deliveries.enqueue(delivery(any_house, "E1"))
    with any_house.uow() as uow:
        lane = uow.deliveries.lane("S", "L")
        lane.flow(at=None)
        uow.deliveries.save_lane(lane)
    with any_house.uow() as uow:
        uow.deliveries.enqueue(delivery(any_house, "E1"))
    with any_house.uow() as uow:
        assert uow.deliveries.lane("S", "L").state is LaneState.IDLE


@pytest.mark.req("N-05")
def test_an_event_that_arrives_while_its_lane_is_being_settled_is_not_left_lying(
    open_house: Callable[..., Any], postgres_database: str
) -> None:
    """The consumer writes the event; the deliverer, who saw nothing more to do, must see it before it lets go."""
    house = open_house(postgres_database)
    with house.uow() as uow:
        uow.deliveries.enqueue(delivery(house, "E1"))
    flushed, go = threading.Event(), threading.Event()

    def consume() -> None:
        with house.uow() as uow:
            uow.deliveries.enqueue(delivery(house, "E2", position=2))
            uow.flush()
            flushed.set()
            go.wait(10)
        house.service.database.close()

    def settle() -> None:
        with house.uow() as uow:
            lane = uow.deliveries.lane("S", "L")  # waits for the consumer's commit
            first = uow.deliveries.get(house.rows("SELECT id FROM delivery WHERE event_id = 'E1'")[0][0])
            first.state = type(first.state)("delivered")
            uow.deliveries.save(first)
            lane.flow(at=uow.now if uow.deliveries.first_pending("S", "L") else None)
            uow.deliveries.save_lane(lane)
        house.service.database.close()

    threads = [threading.Thread(target=consume), threading.Thread(target=settle)]
    threads[0].start()
    flushed.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    go.set()
    for thread in threads:
        thread.join(10)
    assert house.rows("SELECT state FROM subscription_lane") == [("flowing",)]


@pytest.mark.req("N-03")
@pytest.mark.req("N-05")
def test_several_workers_at_once_deliver_each_event_once_and_in_order(
    open_house: Callable[..., Any], postgres_database: str, receiver: WebhookReceiver, catcher: Any
) -> None:
    """Four workers over one database: no event twice, no lane out of order, no message twice."""
    house = open_house(postgres_database)
    house.subscribe(receiver.url, "cn.gongzheng.cases.*")
    cases = [new_id() for _ in range(6)]
    party = {"name": "x", "kind": "person", "email": "a@b.cn", "language": "en"}
    for _ in range(4):
        events = [
            house.event("cases.decision.served", case, case_id=case, party=party | {"party_id": case}) for case in cases
        ]
        house.hear(*events)

    def work() -> None:
        house.push(calls_max=4)
        Sender(house.uow, SmtpChannel(house.relay, house.clock)).run()
        house.service.database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert Counter(receiver.events()) == Counter({(case, n): 1 for case in cases for n in range(1, 5)})
    for case in cases:
        assert [n for subject, n in receiver.events() if subject == case] == [1, 2, 3, 4]
    assert len({mail["message_id"] for mail in catcher.messages()}) == len(catcher.messages()) == 24


@pytest.mark.req("N-09")
def test_a_sealed_text_opens_only_in_its_place_and_with_its_key() -> None:
    """Copied to another row, altered, or without the key it says nothing; an old key still opens."""
    old, new = {"a": b"a" * 32}, {"b": b"b" * 32, "a": b"a" * 32}
    sealed = Sealer(old).seal("zhang@example.cn", "message/1")
    assert Sealer(new).open(sealed, "message/1") == "zhang@example.cn"
    assert Sealer(new).seal("x", "p").startswith("s1.b.")
    head, _, body = sealed.rpartition(".")
    altered = f"{head}.{'A' if body[0] != 'A' else 'B'}{body[1:]}"
    for text, place in ((sealed, "message/2"), (altered, "message/1"), ("nonsense", "message/1"), (head, "message/1")):
        with pytest.raises(SealingError):
            Sealer(new).open(text, place)
    with pytest.raises(SealingError):
        Sealer({"b": b"b" * 32}).open(sealed, "message/1")


@pytest.mark.parametrize("keys", [{}, {"a": b"short"}, {"a.b": b"a" * 32}])
def test_keys_that_seal_nothing_are_refused(keys: dict[str, bytes]) -> None:
    """Before anything is written with them."""
    with pytest.raises(ValueError, match="key"):
        Sealer(keys)


def test_no_two_webhook_secrets_are_alike() -> None:
    """Thirty-two random bytes, as Standard Webhooks writes them."""
    assert len({new_webhook_secret() for _ in range(50)}) == 50
