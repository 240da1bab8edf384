import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest

from gongzheng.clock import FixedClock
from gongzheng.messaging.consumer import EVERY_TYPE, Consumer, Delivery
from gongzheng.messaging.envelope import Ed25519Signer, Envelope, Trust
from gongzheng.messaging.inbox import Inbox, Lane

from .conftest import NOTED, SOURCE, Service, deliveries, lane_of

pytestmark = pytest.mark.req("X-01", "X-02")


def test_a_batch_over_several_lanes_takes_effect_in_order(cases: Service, fees: Service) -> None:
    """Everything is new and nothing is missing: each event is handled once, in sequence."""
    cases.note("a", 1, 2, 3)
    cases.note("b", 1, 2)

    fees.consumer.process(deliveries(cases.bodies()))

    assert fees.effects("a") == [1, 2, 3]
    assert fees.effects("b") == [1, 2]
    assert fees.scalar("SELECT count(*) FROM inbox") == 5
    assert fees.lanes.overview() == []


def test_what_is_delivered_twice_takes_effect_once(cases: Service, fees: Service) -> None:
    """Twice in one batch, in a later batch, and long after its successors."""
    cases.note("a", 1, 2, 3)
    bodies = cases.bodies()

    fees.consumer.process(deliveries(bodies, 1, 1, 2))
    fees.consumer.process(deliveries(bodies, 2, 3, 1))
    fees.consumer.process(deliveries(bodies, 1))

    assert fees.effects("a") == [1, 2, 3]


def test_an_event_whose_id_is_on_record_is_not_handled_again(cases: Service, fees: Service) -> None:
    """Even when the lane's own count was lost, as after a partial restore."""
    cases.note("a", 1)
    fees.consumer.process(deliveries(cases.bodies()))
    fees.mechanism.execute("DELETE FROM lane")

    fees.consumer.process(deliveries(cases.bodies()))

    assert fees.effects("a") == [1]
    assert fees.scalar("SELECT last_sequence FROM lane") == 1


def test_an_early_event_waits_until_the_missing_one_came(cases: Service, fees: Service) -> None:
    """Out of order on the wire is in order in effect."""
    cases.note("a", 1, 2, 3, 4)
    bodies = cases.bodies()

    fees.consumer.process(deliveries(bodies, 1, 4, 3))
    (waiting,) = fees.lanes.overview()
    assert (waiting.sequence, waiting.waiting) == (3, 2)
    assert [event.reason for event in fees.lanes.show(lane_of("a"))] == ["behind", "gap"]
    assert fees.effects("a") == [1]

    fees.consumer.process(deliveries(bodies, 2))
    assert fees.consumer.ready.is_set()
    assert fees.lanes.retry_due() == 2

    assert fees.effects("a") == [1, 2, 3, 4]
    assert fees.lanes.overview() == []


def test_a_poison_event_parks_its_own_lane_and_no_other(cases: Service, fees: Service) -> None:
    """The failed event and what follows it wait; the rest of the batch takes effect."""
    cases.note("a", 1, 2, 3)
    cases.note("b", 1, 2)
    fees.poison = {("a", 2)}

    fees.consumer.process(deliveries(cases.bodies()))

    assert fees.effects("a") == [1]
    assert fees.effects("b") == [1, 2]
    (waiting,) = fees.lanes.overview()
    assert (lane_of("a"), 2, "failed", 2) == (waiting.lane, waiting.sequence, waiting.reason, waiting.waiting)
    assert waiting.error == "Fault no-such-thing", "class and code, no words about people"


def test_texts_of_errors_are_kept_only_when_switched_on(cases: Service, fees: Service) -> None:
    """They help on a test system and may name people on a real one."""
    cases.note("a", 1)
    fees.poison = {("a", 1)}
    consumer = Consumer(fees.mechanism, fees.uow, {NOTED: fees.on_noted}, error_texts=True)

    consumer.process(deliveries(cases.bodies()))

    assert fees.lanes.overview()[0].error == "Fault no-such-thing: personal words about a"


def test_the_effects_of_a_failed_handler_are_rolled_back_with_it(cases: Service, fees: Service) -> None:
    """The handler of the test writes before it fails; nothing of that stays."""
    cases.note("a", 1)
    fees.poison, fees.emits = {("a", 1)}, True

    fees.consumer.process(deliveries(cases.bodies()))

    assert fees.effects() == []
    assert fees.scalar("SELECT count(*) FROM outbox") == 0
    assert fees.scalar("SELECT count(*) FROM inbox") == 0


def test_events_behind_a_parked_one_wait_even_when_delivered_again(cases: Service, fees: Service) -> None:
    """Redelivery of the parked event itself is a duplicate, not a second attempt."""
    cases.note("a", 1, 2, 3)
    bodies = cases.bodies()
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(bodies, 1))
    fees.poison = set()

    fees.consumer.process(deliveries(bodies, 1, 2, 3, 2))

    assert fees.effects("a") == []
    assert [event.sequence for event in fees.lanes.show(lane_of("a"))] == [1, 2, 3]


def test_what_a_handler_emits_commits_with_it_and_names_its_cause(cases: Service, fees: Service) -> None:
    """Causation and correlation are carried per event, also when a batch shares one unit of work."""
    cases.note("a", 7, 8)
    fees.emits = True

    fees.consumer.process(deliveries(cases.bodies()))

    causes = [Envelope.parse(body) for body in cases.bodies()]
    effects = [Envelope.parse(body) for body in fees.bodies()]
    assert [c.id for c in causes] == [e.causation_id for e in effects]
    assert [c.correlation_id for c in causes] == [e.correlation_id for e in effects]


def test_a_batch_that_is_interrupted_before_its_commit_leaves_nothing(cases: Service, fees: Service) -> None:
    """As when the process is killed between handler and acknowledgement: the same batch comes again and counts once."""
    cases.note("a", 1, 2)

    class Killed(BaseException):
        pass

    def killed(_uow: object, event: Envelope) -> None:
        fees.on_noted(_uow, event)  # type: ignore[arg-type]
        if event.sequence == 2:
            raise Killed

    with pytest.raises(Killed):
        Consumer(fees.mechanism, fees.uow, {NOTED: killed}).process(deliveries(cases.bodies()))
    assert fees.effects() == []

    fees.consumer.process(deliveries(cases.bodies()))
    assert fees.effects("a") == [1, 2]


def test_a_batch_that_was_committed_but_never_acknowledged_counts_once(cases: Service, fees: Service) -> None:
    """The other side of the same crash: the transport does not know that the commit happened."""
    cases.note("a", 1, 2)
    fees.consumer.process(deliveries(cases.bodies()))

    restarted = Consumer(fees.mechanism, fees.uow, {NOTED: fees.on_noted})
    restarted.process(deliveries(cases.bodies()))

    assert fees.effects("a") == [1, 2]


@pytest.mark.parametrize("number", [1, 2, 3], ids=["took effect", "waits behind", "waits early"])
def test_another_event_under_a_number_that_is_taken_is_quarantined(
    make_service: Callable[..., Service], cases: Service, fees: Service, number: int
) -> None:
    """A producer restored from an old backup numbers anew what its consumers have: no duplicate, and kept."""
    cases.note("a", 1, 2, 3)
    fees.poison = {("a", 2)}
    fees.consumer.process(deliveries(cases.bodies()))
    restored = make_service("cases")
    restored.note("a", 1, 2, 3)

    fees.consumer.process(deliveries(restored.bodies(), number))

    assert fees.effects("a") == [1]
    conflict = next(lane for lane in fees.lanes.overview() if lane.reason == "conflict")
    assert conflict.lane.startswith("quarantine|")
    assert fees.lanes.retry(conflict.lane) == 0
    fees.consumer.process(deliveries(cases.bodies()))
    assert len(fees.lanes.overview()) == 2, "what really is a duplicate is not"


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\x00not text", "{}", "[1]", '{"id": 1}', '"\\u0000"', b"{\x00}", '{"specversion": "1.0", "a": 1.5}'],
    ids=["bytes", "empty", "list", "partial", "nul-escape", "nul-byte", "float"],
)
def test_bytes_that_are_no_event_are_quarantined_and_never_lost(
    cases: Service, fees: Service, body: bytes | str
) -> None:
    """They are kept once, byte for byte or as base64, and everybody else goes on."""
    cases.note("a", 1)

    fees.consumer.process([Delivery(body), *deliveries(cases.bodies()), Delivery(body)])

    assert fees.effects("a") == [1]
    (waiting,) = fees.lanes.overview()
    assert waiting.lane.startswith("quarantine|")
    assert (waiting.reason, waiting.next_attempt_at) == ("undecodable", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"sequence":"0000000001"', '"sequence":"99999999999"'),
        ('"sequence":"0000000001"', '"sequence":"0000000000"'),
        ('"subject":"a"', '"subject":"a\\u0000"'),
        ('"subject":"a"', '"subject":"\\ud800"'),
        ('"subject":"a"', '"subject":["a"]'),
        ('"subject":"a"', f'"subject":"{"a" * 501}"'),
        ('"correlationid":"', '"signature":5,"correlationid":"'),
        ('"correlationid":"', '"keyid":[],"correlationid":"'),
        ('"n":1', '"n":NaN'),
        ('"n":1', '"n":1e400'),
        ('"specversion":"1.0"', '"specversion":"2.0"'),
    ],
)
def test_an_envelope_that_a_database_could_not_keep_is_quarantined(
    cases: Service, fees: Service, old: str, new: str
) -> None:
    """Whatever somebody writes into the attributes, the consumer neither stops nor stumbles."""
    cases.note("a", 1)
    (body,) = cases.bodies()
    assert old in body
    trust = Trust({SOURCE: {"k1": bytes(32)}})

    for consumer in (fees.consumer, Consumer(fees.mechanism, fees.uow, {}, trust=trust)):
        consumer.process([Delivery(body.replace(old, new).encode())])

    assert [lane.reason for lane in fees.lanes.overview()] == ["undecodable"]


def test_data_that_a_database_could_not_keep_parks_the_lane(cases: Service, fees: Service) -> None:
    """A handler that stumbles over them is a handler that failed; the event itself is kept as it came."""
    cases.note("a", 1)
    body = cases.bodies()[0].replace('"n":1', '"n":99999999999999999999')

    fees.consumer.process([Delivery(body.encode())])

    assert [lane.reason for lane in fees.lanes.overview()] == ["failed"]


def test_two_consumers_at_one_lane_do_not_overtake_each_other(
    cases: Service, fees: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes are not locked on the fast path: whoever finds that a lane moved meanwhile starts again from there."""
    cases.note("a", 1, 2, 3)
    bodies = cases.bodies()
    read = Inbox.read
    interfered: list[bool] = []

    def read_and_be_overtaken(self: Inbox, names: Iterable[str], *, lock: bool) -> dict[str, Lane]:
        lanes = read(self, names, lock=lock)
        if not interfered:
            interfered.append(True)
            other = lanes[lane_of("a")]
            self.record([Envelope.parse(bodies[0])])
            self.save([Lane(other.name, 1)])
        return lanes

    monkeypatch.setattr(Inbox, "read", read_and_be_overtaken)
    fees.consumer.process(deliveries(bodies))

    assert fees.effects("a") == [1, 2, 3]


@pytest.mark.real
@pytest.mark.parametrize("make_url", ["postgresql"], indirect=True)
def test_what_arrives_while_its_lane_is_redriven_is_not_left_behind(
    cases: Service, fees: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parked behind events that are no longer there, it would have no time of its own and wait for ever."""
    cases.note("a", 1, 2, 3, 4)
    bodies = cases.bodies()
    fees.consumer.process(deliveries(bodies, 1, 3))
    read = Inbox.read
    overtaken: list[bool] = []

    def close_the_gap() -> None:
        fees.consumer.process(deliveries(bodies, 2))
        fees.lanes.retry_due()
        fees.mechanism.database.close()

    def read_and_be_overtaken(self: Inbox, names: Iterable[str], *, lock: bool) -> dict[str, Lane]:
        lanes = read(self, names, lock=lock)
        if not overtaken:
            overtaken.append(True)
            other = threading.Thread(target=close_the_gap)
            other.start()
            other.join()
        return lanes

    monkeypatch.setattr(Inbox, "read", read_and_be_overtaken)
    fees.consumer.process(deliveries(bodies, 4))

    assert fees.effects("a") == [1, 2, 3, 4]
    assert fees.lanes.overview() == []


@pytest.mark.req("X-03")
def test_data_that_breaks_its_contract_parks_the_lane(cases: Service, fees: Service) -> None:
    """The later events of the aggregate wait for the mended one; the stored error names the place, not the value."""
    cases.note("a", 1, 2)
    bodies = [body.replace('"n":1', '"n":-1') for body in cases.bodies()]

    fees.consumer.process(deliveries(bodies))

    (waiting,) = fees.lanes.overview()
    assert (waiting.reason, waiting.waiting) == ("contract", 2)
    assert waiting.error is not None
    assert "data.n" in waiting.error
    assert "-1" not in waiting.error


@pytest.mark.req("X-03")
def test_a_type_that_nobody_here_knows_advances_its_lane(cases: Service, fees: Service) -> None:
    """A newer producer may publish new types; who has no handler for them is not stopped by them."""
    cases.note("a", 1, 2)
    bodies = cases.bodies()
    bodies[0] = bodies[0].replace("case.noted.v1", "case.renamed.v1")

    fees.consumer.process(deliveries(bodies))

    assert fees.effects("a") == [2]


@pytest.mark.req("X-03")
def test_whoever_handles_every_type_waits_for_the_contract_of_a_new_one(cases: Service, fees: Service) -> None:
    """Passing on what could not be checked would be worse than passing it on later."""
    cases.note("a", 1)
    bodies = [cases.bodies()[0].replace("case.noted.v1", "case.renamed.v1")]
    seen: list[str] = []

    Consumer(fees.mechanism, fees.uow, {EVERY_TYPE: lambda _uow, event: seen.append(event.type)}).process(
        deliveries(bodies)
    )

    assert seen == []
    assert fees.lanes.overview()[0].reason == "contract"


def test_the_handler_of_every_type_is_called_after_the_one_of_the_type(cases: Service, fees: Service) -> None:
    """Both belong to the same event and the same transaction."""
    cases.note("a", 1)
    order: list[str] = []
    handlers = {
        NOTED: lambda _uow, _event: order.append("type"),
        EVERY_TYPE: lambda _uow, _event: order.append("every"),
    }

    Consumer(fees.mechanism, fees.uow, handlers).process(deliveries(cases.bodies()))

    assert order == ["type", "every"]


@pytest.mark.req("X-03")
def test_a_signed_event_is_believed_and_an_altered_or_unsigned_one_is_not(
    make_service: object, cases: Service, fees: Service
) -> None:
    """A forged event must not touch the lane that it claims to belong to."""
    signer = Ed25519Signer("k1", bytes(32))
    signed = make_service("cases", signer=signer)  # type: ignore[operator]
    signed.note("a", 1, 2)
    first, second = signed.bodies()
    consumer = Consumer(
        fees.mechanism, fees.uow, {NOTED: fees.on_noted}, trust=Trust({SOURCE: {"k1": signer.public_bytes()}})
    )
    cases.note("b", 1)

    consumer.process(
        [Delivery(first.replace('"n":1', '"n":9')), Delivery(cases.bodies()[0]), Delivery(first), Delivery(second)]
    )

    assert fees.effects("a") == [1, 2]
    assert fees.effects("b") == []
    assert {"signature"} == {lane.reason for lane in fees.lanes.overview()}
    assert all(lane.lane.startswith("quarantine|") for lane in fees.lanes.overview())


@pytest.mark.req("X-03", "X-06")
def test_an_event_from_another_producers_exchange_is_not_believed(cases: Service, fees: Service) -> None:
    """Only cases may write its exchange, so a case event that came through another one is a forgery."""
    cases.note("a", 1)

    fees.consumer.process([Delivery(cases.bodies()[0], origin="oversight")])
    fees.lanes.retry(fees.lanes.overview()[0].lane)

    assert fees.effects() == []
    assert fees.lanes.overview()[0].reason == "origin"


def test_a_signature_by_a_key_learnt_later_is_believed_at_the_next_attempt(
    make_service: object, fees: Service, clock: FixedClock
) -> None:
    """Keys are rotated at the producer first; what came in between is not lost."""
    signer = Ed25519Signer("k2", bytes(32))
    signed = make_service("cases", signer=signer)  # type: ignore[operator]
    signed.note("a", 1)
    trusting = {"keys": {"k1": bytes(32)}}
    consumer = Consumer(fees.mechanism, fees.uow, {NOTED: fees.on_noted}, trust=Trust({SOURCE: trusting["keys"]}))
    consumer.process(deliveries(signed.bodies()))
    fees._consumer = Consumer(
        fees.mechanism, fees.uow, {NOTED: fees.on_noted}, trust=Trust({SOURCE: {"k2": signer.public_bytes()}})
    )

    assert fees.lanes.retry_due() == 0
    clock.advance(timedelta(seconds=5))
    assert fees.lanes.retry_due() == 1

    assert fees.effects("a") == [1]
    assert fees.lanes.overview() == []
