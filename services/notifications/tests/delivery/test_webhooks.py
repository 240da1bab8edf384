"""Webhooks: signed, checked, in order per subject, and a failing one holds nobody but itself."""

import socket
import ssl
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from standardwebhooks import WebhookVerificationError

from gongzheng.ids import new_id
from notifications.adapters.webhook import Timeouts, WebhookCaller
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.deliver_event import Call, claim_deliveries, settle_delivery
from tests.support.webhooks import Received, Reply

if TYPE_CHECKING:
    from tests.support.webhooks import WebhookReceiver

pytestmark = pytest.mark.req("N-05")

A, B = "01K9ZT3V7Q8RXB0M2N4P6S8TAA", "01K9ZT3V7Q8RXB0M2N4P6S8TBB"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def filed(house: Any, case: str) -> Any:
    """A case was filed: an event that everybody may see."""
    return house.event("cases.case.filed", case, case_id=case)


def call_to(url: str) -> Call:
    """One call."""
    return Call(
        delivery_id="D",
        subscription_id="S",
        lane="L",
        claim="K",
        event_id="E1",
        url=url,
        body='{"a":1}',
        secrets=(SECRET,),
    )


def caller(house: Any, **options: Any) -> WebhookCaller:
    """A caller under the house's rules, impatient."""
    timeouts = Timeouts(connect_s=0.5, silence_s=0.5, whole_s=1.0)
    return WebhookCaller(house.uow().policy.destinations, house.clock, **({"timeouts": timeouts} | options))


def test_the_public_library_finds_the_signature_good(any_house: Any, receiver: "WebhookReceiver") -> None:
    """Id, timestamp and signature as Standard Webhooks asks; another secret is refused."""
    made = any_house.subscribe(receiver.url)
    event = filed(any_house, A)
    any_house.hear(event)
    assert any_house.push() == 1
    (call,) = receiver.calls
    verified = call.verify(made["secret"])
    assert (verified["id"], verified["type"], verified["data"]["case_id"]) == (event.id, event.type, A)
    assert call.headers["webhook-id"] == event.id
    assert call.headers["Content-Type"] == "application/cloudevents+json"
    with pytest.raises(WebhookVerificationError):
        call.verify(SECRET)


def test_only_the_types_asked_for_are_delivered(house: Any, receiver: "WebhookReceiver") -> None:
    """A filter of one service."""
    house.subscribe(receiver.url, "cn.gongzheng.fees.*")
    house.hear(filed(house, A), house.event("fees.obligation.settled", "01K9ZT3V7Q8RXB0M2N4P6S8T0A"))
    house.push()
    assert [call.event["type"] for call in receiver.calls] == ["cn.gongzheng.fees.obligation.settled.v1"]


def test_a_new_secret_and_the_one_before_both_verify_for_a_day(house: Any, receiver: "WebhookReceiver") -> None:
    """The receiver may change over when it likes."""
    made = house.subscribe(receiver.url)
    changed = house.subscriber.post(f"/subscriptions/{made['subscription_id']}/secret").expect(200)
    house.hear(filed(house, A))
    house.push()
    for secret in (made["secret"], changed["secret"]):
        assert receiver.calls[0].verify(secret)


def test_names_and_addresses_stay_out_without_a_grant_and_come_with_one(
    house: Any, receiver: "WebhookReceiver"
) -> None:
    """A grant is an operator's, names its purpose, and opens these fields of these events."""
    made = house.subscribe(receiver.url, "cn.gongzheng.cases.*")
    house.hear(house.decision())
    house.push()
    assert receiver.calls[0].event["redacted"] == "party.email,party.name"
    assert "signature" not in receiver.calls[0].event
    grants = [{"types": "cn.gongzheng.cases.*", "fields": ["party.name"], "purpose": "credit register"}]
    path = f"/subscriptions/{made['subscription_id']}/grants"
    house.subscriber.send("PUT", path, json={"grants": grants}).expect(403)
    answer = house.operator.send("PUT", path, json={"grants": grants}).expect(200)
    assert answer["grants"][0]["granted_by"] == "user-notifications.operator"
    house.hear(house.decision())
    house.push()
    assert receiver.calls[1].event["data"]["party"]["name"] == "张三"
    assert receiver.calls[1].event["redacted"] == "party.email"


def test_confidential_events_are_not_delivered_without_a_grant(house: Any, receiver: "WebhookReceiver") -> None:
    """A receipt is between the finance department and the payer; a withdrawn grant stops even what waits."""
    made = house.subscribe(receiver.url)
    path = f"/subscriptions/{made['subscription_id']}/grants"
    house.hear(house.event("fees.receipt.issued", A))
    assert house.push() == 0
    grants = [{"types": "cn.gongzheng.fees.*", "fields": ["*"], "purpose": "audit"}]
    house.operator.send("PUT", path, json={"grants": grants}).expect(200)
    house.hear(house.event("fees.receipt.issued", A))
    assert house.push() == 1
    house.hear(house.event("fees.receipt.issued", A))
    house.operator.send("PUT", path, json={"grants": []}).expect(200)
    assert house.push() == 0
    assert house.rows("SELECT reason FROM delivery WHERE state = 'skipped'") == [("grant-withdrawn",)]


def test_events_of_one_subject_arrive_in_order_and_a_failing_one_holds_only_its_own_lane(
    any_house: Any, receiver: "WebhookReceiver"
) -> None:
    """The second event of A fails twice; A's third waits behind it; B goes on."""
    failures = [500, 500]
    receiver.answer = lambda call: (
        failures.pop() if failures and (call.event["subject"], int(call.event["sequence"])) == (A, 2) else 204
    )
    any_house.subscribe(receiver.url)
    any_house.hear(*[filed(any_house, case) for case in (A, A, A, B, B)])
    any_house.push()
    assert [e for e in receiver.events() if e[0] == B] == [(B, 1), (B, 2)]
    assert [e for e in receiver.events() if e[0] == A] == [(A, 1), (A, 2)]
    any_house.hear(filed(any_house, B), filed(any_house, A))
    any_house.push()
    assert receiver.events()[-1] == (B, 3)
    for _ in range(2):
        any_house.wait(minutes=6)
        any_house.push()
    assert [e for e in receiver.events() if e[0] == A] == [(A, 1), (A, 2), (A, 2), (A, 2), (A, 3), (A, 4)]


@pytest.mark.req("N-03")
def test_an_event_that_never_succeeds_parks_its_lane_is_shown_and_redriven_in_order(
    any_house: Any, receiver: "WebhookReceiver"
) -> None:
    """Ten attempts over days; an event and a message to the owner; then redriven, and the lane goes on in order."""
    receiver.answer = lambda call: 500 if call.event["subject"] == A and int(call.event["sequence"]) == 1 else 204
    made = any_house.subscribe(receiver.url, "cn.gongzheng.cases.*", contact_email="owner@example.cn", language="en")
    any_house.hear(filed(any_house, A), filed(any_house, A))
    any_house.push()
    for step in any_house.uow().policy.ladders["webhook"].steps_s:
        any_house.hear(filed(any_house, B))  # the endpoint is alive: other lanes succeed all along
        any_house.wait(seconds=step)
        any_house.push()
    any_house.wait(days=30)
    assert any_house.push() == 0
    deliveries = f"/subscriptions/{made['subscription_id']}/deliveries"
    (parked,) = any_house.subscriber.get(deliveries, state="parked").expect(200)["items"]
    assert (parked["position"], parked["attempts"], parked["reason"]) == (1, 10, "http-500")
    (event,) = any_house.published("subscription.parked")
    assert event.data["delivery_id"] == parked["delivery_id"]
    detail = any_house.subscriber.get(f"/deliveries/{parked['delivery_id']}").expect(200)
    assert [a["code"] for a in detail["attempt_list"]] == ["http-500"] * 10
    any_house.subscriber.post(f"/deliveries/{parked['delivery_id']}/redrive", if_match=None).expect(428)
    any_house.subscriber.post(f"/deliveries/{parked['delivery_id']}/redrive", if_match=0).expect(412)
    receiver.answer = lambda _: 204
    any_house.subscriber.post(f"/deliveries/{parked['delivery_id']}/redrive").expect(200)
    any_house.subscriber.post(f"/deliveries/{parked['delivery_id']}/redrive").expect(409, "not-redrivable")
    any_house.push()
    assert [e for e in receiver.events() if e[0] == A][-2:] == [(A, 1), (A, 2)]


def park(house: Any, receiver: "WebhookReceiver", *cases: str) -> None:
    """Bring the first event of each case to the end of its ladder."""
    receiver.answer = lambda call: 500 if call.event["subject"] in cases else 204
    house.hear(*[filed(house, case) for case in cases])
    house.push()
    for step in house.uow().policy.ladders["webhook"].steps_s:
        house.hear(filed(house, new_id()))
        house.wait(seconds=step)
        house.push()


@pytest.mark.req("N-03")
def test_a_parked_event_can_be_passed_over(house: Any, receiver: "WebhookReceiver") -> None:
    """The owner decides; what waited behind it follows."""
    made = house.subscribe(receiver.url, "cn.gongzheng.cases.*")
    park(house, receiver, A)
    house.hear(filed(house, A))
    path = f"/subscriptions/{made['subscription_id']}/deliveries"
    (parked,) = house.subscriber.get(path, state="parked").expect(200)["items"]
    receiver.answer = lambda _: 204
    assert house.push() == 0
    house.subscriber.get(f"/deliveries/{parked['delivery_id']}").expect(200)
    house.subscriber.post(f"/deliveries/{parked['delivery_id']}/skip").expect(200)
    house.subscriber.post(f"/deliveries/{parked['delivery_id']}/skip").expect(409, "not-skippable")
    house.push()
    assert [e for e in receiver.events() if e[0] == A][-1] == (A, 2)


@pytest.mark.req("N-03")
def test_the_owner_is_told_once_a_day_that_events_are_parked(
    house: Any, receiver: "WebhookReceiver", catcher: Any
) -> None:
    """A broken receiver parks many lanes; one message says enough. The events themselves are all there."""
    house.subscribe(receiver.url, "cn.gongzheng.cases.*", contact_email="owner@example.cn", language="en")
    park(house, receiver, A, B)
    events = house.published("subscription.parked")
    assert len(events) == 2
    house.hear(*house.published())
    house.send_mail()
    (mail,) = catcher.messages()
    assert mail["to"] == ["owner@example.cn"]
    assert "http-500" in mail["text"]


@pytest.mark.req("N-03")
def test_an_endpoint_where_nobody_answers_is_probed_once_and_loses_no_attempts(house: Any) -> None:
    """Hundred lanes do not knock hundred times, and none of them is given up meanwhile."""
    house.subscribe("http://127.0.0.1:1/nobody")
    house.hear(*[filed(house, new_id()) for _ in range(20)])
    house.push(calls_max=4)
    assert house.push() == 0
    for _ in range(30):
        house.wait(hours=1)
        assert house.push() <= 1
    assert house.rows("SELECT count(*) FROM delivery WHERE state = 'parked'") == [(0,)]
    assert house.rows("SELECT max(attempts) FROM delivery")[0][0] < 8


@pytest.mark.req("N-03")
def test_days_of_failure_disable_the_subscription_tell_the_owner_and_lose_nothing(
    any_house: Any, receiver: "WebhookReceiver", catcher: Any
) -> None:
    """Events go on being kept; after resuming they arrive in order from where it stopped."""
    receiver.answer = lambda _: Reply(hang_up=True)
    made = any_house.subscribe(receiver.url, "cn.gongzheng.cases.*", contact_email="owner@example.cn", language="zh")
    any_house.hear(filed(any_house, A))
    any_house.push()
    for _ in range(6):
        any_house.wait(days=1)
        any_house.hear(filed(any_house, A))
        any_house.push()
    path = f"/subscriptions/{made['subscription_id']}"
    shown = any_house.subscriber.get(path).expect(200)
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "failing-too-long")
    assert len(any_house.published("subscription.disabled")) == 1
    any_house.hear(*any_house.published())
    any_house.send_mail()
    assert "已停用" in catcher.messages()[0]["subject"]
    receiver.answer = lambda _: 204
    receiver.calls.clear()
    assert any_house.push() == 0
    any_house.subscriber.post(f"{path}/resumption").expect(200)
    any_house.push()
    assert receiver.events() == [(A, n) for n in range(1, 8)]
    assert len(any_house.published("subscription.resumed")) == 1


def test_an_endpoint_that_is_gone_is_not_called_again(house: Any, receiver: "WebhookReceiver") -> None:
    """410 disables at once."""
    receiver.answer = lambda _: 410
    house.subscribe(receiver.url)
    house.hear(filed(house, A))
    house.push()
    house.wait(days=1)
    house.push()
    assert len(receiver.calls) == 1
    assert house.published("subscription.disabled")[0].data["reason"] == "endpoint-gone"


@pytest.mark.req("N-03")
def test_a_worker_that_dies_between_the_call_and_the_record_calls_again_under_the_same_id(
    any_house: Any, receiver: "WebhookReceiver"
) -> None:
    """The receiver tells the two apart by webhook-id; the record says that there were perhaps two."""
    any_house.subscribe(receiver.url)
    any_house.hear(filed(any_house, A))
    (call,) = claim_deliveries(any_house.uow(), room=8, per_endpoint=2, busy={})
    assert any_house.caller.call(call).accepted  # and here the worker dies
    assert any_house.push() == 0
    any_house.wait(seconds=any_house.uow().policy.lease.total_seconds() + 1)
    assert any_house.push() == 1
    assert len({c.headers["webhook-id"] for c in receiver.calls}) == 1
    detail = any_house.subscriber.get(f"/deliveries/{call.delivery_id}").expect(200)
    assert (detail["state"], detail["maybe_repeated"]) == ("delivered", True)
    assert [a["outcome"] for a in detail["attempt_list"]] == ["unknown", "accepted"]
    assert not settle_delivery(any_house.uow(), call, Outcome(kind=OutcomeKind.TEMPORARY, code="late"))
    assert any_house.rows("SELECT state FROM delivery") == [("delivered",)]


def test_redirects_are_not_followed(house: Any, receiver: "WebhookReceiver") -> None:
    """Whoever answers with another address names an address that nobody has checked."""
    receiver.answer = lambda _: Reply(status=307, headers={"Location": receiver.url + "/elsewhere"})
    outcome = caller(house).call(call_to(receiver.url))
    assert (outcome.kind, outcome.code) == (OutcomeKind.TEMPORARY, "http-307")
    assert len(receiver.calls) == 1


def test_a_name_that_changes_its_mind_gains_nothing(house: Any, receiver: "WebhookReceiver") -> None:
    """Resolved once per call; the connection goes to the address that was checked, whatever the name says next."""
    port = int(receiver.url.rsplit(":", 1)[1].partition("/")[0])
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    calling = caller(house, resolver=rebinding)
    url = f"http://rebind.example:{port}/hook"
    assert calling.call(call_to(url)).accepted
    assert asked == ["rebind.example"]
    assert receiver.calls[0].headers["Host"] == f"rebind.example:{port}"
    outcome = calling.call(call_to(url))
    assert (outcome.code, len(receiver.calls)) == ("destination-refused", 1)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(status=200), (OutcomeKind.ACCEPTED, "http-200", None)),
        (Reply(status=400), (OutcomeKind.TEMPORARY, "http-400", None)),
        (Reply(status=429, headers={"Retry-After": "77"}), (OutcomeKind.TEMPORARY, "http-429", 77)),
        (Reply(status=503, headers={"Retry-After": "soon"}), (OutcomeKind.TEMPORARY, "http-503", None)),
        (Reply(status=500, headers={"Retry-After": "77"}), (OutcomeKind.TEMPORARY, "http-500", None)),
        (Reply(after_s=0.8), (OutcomeKind.UNKNOWN, "http-answer-lost", None)),
        (Reply(hang_up=True), (OutcomeKind.UNKNOWN, "http-answer-lost", None)),
    ],
)
def test_each_answer_means_one_thing(house: Any, receiver: "WebhookReceiver", reply: Reply, expected: Any) -> None:
    """Taken, refused for now, or nobody knows."""
    receiver.answer = lambda _: reply
    outcome = caller(house).call(call_to(receiver.url))
    assert (outcome.kind, outcome.code, outcome.retry_after_s) == expected


def test_an_answer_that_drips_is_cut_off(house: Any) -> None:
    """Each byte resets the silence, none the whole."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            while not over.wait(0.2):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    outcome = caller(house).call(call_to(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
    over.set()
    thread.join(3)
    listener.close()
    assert outcome.kind is OutcomeKind.UNKNOWN


def test_a_certificate_that_does_not_verify_is_not_accepted(house: Any, receiver: "WebhookReceiver") -> None:
    """Clear text on a TLS port, here; the code says that it was TLS."""
    outcome = caller(house, tls=ssl.create_default_context()).call(call_to(receiver.url.replace("http://", "https://")))
    assert (outcome.kind, outcome.code, outcome.unreachable) == (OutcomeKind.TEMPORARY, "tls", True)
    assert receiver.calls == []


def test_a_slow_endpoint_leaves_room_for_the_others(house: Any, receiver: "WebhookReceiver") -> None:
    """One subscription gets at most a quarter of the calls at once."""
    slow_now, most = 0, 0
    guard = threading.Lock()

    class Counting:
        def call(self, call: Call) -> Outcome:
            nonlocal slow_now, most
            if "slow" in call.url:
                with guard:
                    slow_now += 1
                    most = max(most, slow_now)
                threading.Event().wait(0.05)
                with guard:
                    slow_now -= 1
            return Outcome(kind=OutcomeKind.ACCEPTED, code="http-204")

    house.subscribe(receiver.url + "/slow")
    house.subscribe(receiver.url + "/quick")
    house.hear(*[filed(house, new_id()) for _ in range(12)])
    house.caller = Counting()
    assert house.push(calls_max=8) == 24
    assert most == 2


def test_a_fault_of_our_own_becomes_an_attempt_and_not_a_loop(house: Any, receiver: "WebhookReceiver") -> None:
    """The event is tried again on its ladder, and the thread lives."""

    class Broken:
        def call(self, call: Call) -> Outcome:
            raise RuntimeError(call.delivery_id)

    house.subscribe(receiver.url)
    house.hear(filed(house, A))
    house.caller = Broken()
    assert house.push() == 1
    assert house.push() == 0
    assert house.rows("SELECT state, reason FROM delivery") == [("pending", "internal-error")]


def test_an_ended_subscription_gets_nothing_more(house: Any, receiver: "WebhookReceiver") -> None:
    """Not even what was on its way."""
    made = house.subscribe(receiver.url)
    house.hear(filed(house, A))
    house.subscriber.send("DELETE", f"/subscriptions/{made['subscription_id']}").expect(200)
    house.hear(filed(house, A))
    assert house.push() == 0
    assert receiver.calls == []


def received_types(calls: list[Received]) -> set[str]:
    """The types of the events in these calls."""
    return {call.event["type"] for call in calls}


def test_other_systems_can_be_told_what_became_of_a_message(house: Any, receiver: "WebhookReceiver") -> None:
    """Notifications follows its own events too."""
    house.subscribe(receiver.url, "cn.gongzheng.notifications.*")
    house.hear(house.decision())
    house.send_mail()
    house.hear(*house.published())
    house.push()
    assert "cn.gongzheng.notifications.message.sent.v1" in received_types(receiver.calls)
