"""Forged, altered, unsigned and replayed events: each is parked with its reason, has no effect and blocks no lane."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gongzheng.clock import FixedClock
from gongzheng.messaging.consumer import Consumer, Delivery
from gongzheng.messaging.envelope import Ed25519Signer, Envelope, Trust

from .conftest import NOTED, SOURCE, Seen, Service

pytestmark = pytest.mark.req("X-03")
SIGNER, OTHER = Ed25519Signer("k1", bytes(32)), Ed25519Signer("k1", b"o" * 32)
FEES, FEES_SIGNER = "https://fees.example/", Ed25519Signer("k1", b"f" * 32)
TRUST = Trust({SOURCE: {"k1": SIGNER.public_bytes()}, FEES: {"k1": FEES_SIGNER.public_bytes()}})
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def genuine(make_service: Callable[..., Service]) -> list[str]:
    """Two events of one case as the producer wrote them, with every optional attribute."""
    cases = make_service("cases", signer=SIGNER)
    cases.note("a", 1, 2)
    bare = [replace(Envelope.parse(body), signature=None) for body in cases.bodies()]
    told = [replace(event, causation_id="01CAUSE", correlation_id="01CAUSE", traceparent=TRACE) for event in bare]
    return [event.signed_by(SIGNER).to_json() for event in told]


@pytest.fixture
def follower(fees: Service) -> Service:
    """The following service, which believes the two producers' keys."""
    fees._consumer = Consumer(fees.mechanism, fees.uow, {NOTED: fees.on_noted}, trust=TRUST)
    return fees


def assert_harmless(follower: Service, genuine: list[str], forged: list[Delivery], *reasons: str) -> None:
    """The forged ones first, then the true events of the very lane that they claim."""
    follower.consumer.process(forged)
    assert follower.effects() == []
    assert {lane.reason for lane in follower.lanes.overview()} == set(reasons)
    texts = {body if isinstance(body, str) else body.decode() for body in (delivery.body for delivery in forged)}
    assert sum(lane.waiting for lane in follower.lanes.overview()) == len(texts)
    assert all(lane.lane.startswith("quarantine|") for lane in follower.lanes.overview())
    follower.consumer.process([Delivery(body, origin="cases") for body in genuine])
    assert follower.effects("a") == [1, 2]
    clock = follower.mechanism.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=1))
    follower.lanes.retry_due()
    assert follower.effects() == [1, 2], "a later attempt changes nothing"


def test_an_event_with_any_byte_altered_has_no_effect(follower: Service, genuine: list[str]) -> None:
    """Every byte of the text in turn: each attribute, the data, the signature and what holds them together."""
    text = genuine[0].encode()
    altered = [text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :] for at in range(len(text))]
    for part in range(0, len(altered), 100):
        follower.consumer.process([Delivery(body, origin="cases") for body in altered[part : part + 100]])
    assert follower.effects() == []
    reasons = [lane.reason for lane in follower.lanes.overview(limit=len(altered) + 1)]
    assert set(reasons) == {"signature", "undecodable", "origin"}
    assert len(reasons) == len(altered)
    follower.consumer.process([Delivery(body, origin="cases") for body in genuine])
    assert follower.effects("a") == [1, 2]


ATTRIBUTES = {
    "id": "01J00000000000000000000000",
    "type": "cn.gongzheng.cases.case.noted.v2",
    "source": "https://cases.example",
    "subject": "b",
    "stream": "obligation",
    "sequence": "0000000009",
    "time": "2026-11-20T08:00:00.000001Z",
    "datacontenttype": "application/json; charset=utf-8",
    "dataclass": "public",
    "data": {"n": 2},
    "causationid": "01J00000000000000000000000",
    "correlationid": "01J00000000000000000000000",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    "keyid": "k2",
    "signature": "A" * 86,
    "unheardof": "added",
}


@pytest.mark.parametrize("canonical", [True, False], ids=["as on the wire", "spelled otherwise"])
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_an_event_with_an_attribute_altered_is_parked(
    follower: Service, genuine: list[str], attribute: str, *, canonical: bool
) -> None:
    """Also one of which nothing here depends, and one that nobody knows."""
    event = json.loads(genuine[0]) | {attribute: ATTRIBUTES[attribute]}
    spelling = {"sort_keys": True, "separators": (",", ":")} if canonical else {"indent": 1}
    forged = json.dumps(event, ensure_ascii=False, **spelling)
    assert_harmless(follower, genuine, [Delivery(forged, "cases"), Delivery(forged.encode(), "cases")], "signature")


def test_another_spelling_of_the_same_event_is_the_same_event(follower: Service, genuine: list[str]) -> None:
    """A feed writes JSON anew; that alters nothing."""
    spelled = [json.dumps(json.loads(body), indent=2) for body in genuine]
    follower.consumer.process([Delivery(spelled[0], "cases"), Delivery(spelled[1].encode(), "cases")])
    assert follower.effects("a") == [1, 2]
    assert follower.lanes.overview() == []


def test_an_event_signed_by_another_key_of_the_same_name_is_parked(follower: Service, genuine: list[str]) -> None:
    """Whoever makes a key may call it what he likes."""
    forged = [replace(Envelope.parse(body), signature=None).signed_by(OTHER).to_json() for body in genuine]
    assert_harmless(follower, genuine, [Delivery(body, "cases") for body in forged], "signature")


def test_an_unsigned_event_is_parked_where_signatures_are_asked_for(follower: Service, genuine: list[str]) -> None:
    """Leaving the signature out must not be easier than making one."""
    bare = replace(Envelope.parse(genuine[0]), signature=None)
    empty = bare.to_json().replace('"source"', '"signature":"","source"')
    unnamed = replace(bare, key_id=None).to_json()
    forged = [Delivery(body, "cases") for body in (bare.to_json(), unnamed)]
    assert_harmless(follower, genuine, [*forged, Delivery(empty, "cases")], "signature", "undecodable")


def test_a_true_event_of_another_producer_is_not_believed_from_here(
    make_service: Callable[..., Service], follower: Service, genuine: list[str]
) -> None:
    """It came through an exchange that its producer cannot write: whoever put it there is somebody else."""
    producer = make_service("fees", signer=FEES_SIGNER)
    with producer.uow() as uow:
        uow.emit("o1", Seen(n=1))
    assert_harmless(follower, genuine, [Delivery(producer.bodies()[0], "cases")], "origin")


def test_a_true_event_that_comes_back_through_another_exchange_is_not_believed(
    follower: Service, genuine: list[str]
) -> None:
    """Replayed by whoever may write some other exchange."""
    assert_harmless(follower, genuine, [Delivery(body, "oversight") for body in genuine], "origin")


def test_an_event_of_another_deployment_is_not_believed_though_its_key_is_known_here(
    follower: Service, genuine: list[str]
) -> None:
    """A test system with a copy of the keys: they are good for this source and no other."""
    elsewhere = [replace(Envelope.parse(body), source="https://test.cases.example/") for body in genuine]
    forged = [replace(event, signature=None).signed_by(SIGNER).to_json() for event in elsewhere]
    assert_harmless(follower, genuine, [Delivery(body, "cases") for body in forged], "signature")


def test_one_producer_cannot_sign_in_the_name_of_another(follower: Service, genuine: list[str]) -> None:
    """Its key is trusted, for what it says itself."""
    forged = [replace(Envelope.parse(body), signature=None).signed_by(FEES_SIGNER).to_json() for body in genuine]
    assert_harmless(follower, genuine, [Delivery(body, "cases") for body in forged], "signature")


@pytest.mark.parametrize("changed", [{"stream": "obligation"}, {"dataclass_": "public"}])
def test_a_true_event_that_calls_itself_otherwise_than_its_contract_says_takes_no_effect(
    follower: Service, genuine: list[str], changed: dict[str, str]
) -> None:
    """A producer's own fault: what is confidential does not become public by an attribute."""
    event = replace(Envelope.parse(genuine[0]), signature=None, **changed)  # type: ignore[arg-type]
    follower.consumer.process([Delivery(event.signed_by(SIGNER).to_json(), "cases")])
    assert follower.effects() == []
    (parked,) = follower.lanes.overview()
    assert (parked.reason, parked.error) == (
        "contract",
        f"ContractViolation: {NOTED}: stream or dataclass breaks the rule 'const'",
    )
