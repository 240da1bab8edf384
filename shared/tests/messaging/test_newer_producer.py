"""A producer of a newer release adds an optional field: who follows it with an older contract goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from gongzheng.contracts import ContractViolation
from gongzheng.contracts.compat import breaks
from gongzheng.contracts.registry import Registry, load_contract
from gongzheng.messaging.consumer import EVERY_TYPE, Consumer
from gongzheng.messaging.envelope import Envelope

from .conftest import CONTRACTS, NOTED, Service, deliveries

pytestmark = pytest.mark.req("X-03")
OLD = CONTRACTS[NOTED].schema
NEWER = OLD | {"properties": OLD["properties"] | {"by": {"type": "string", "maxLength": 9}}}


@dataclass(frozen=True, kw_only=True)
class NotedBy:
    """The event of the newer release."""

    n: int
    by: str


@pytest.fixture
def newer(make_service: Callable[..., Service]) -> Service:
    """The producer after its release."""
    cases = make_service("cases")
    contracts = Registry([load_contract(NOTED, json.dumps(NEWER))])
    cases.mechanism = replace(cases.mechanism, contracts=contracts, event_types={NotedBy: NOTED})
    with cases.uow() as uow:
        uow.emit("a", NotedBy(n=1, by="me"))
        uow.emit("a", NotedBy(n=2, by="me"))
    return cases


def test_a_field_that_the_gate_lets_pass_stops_no_consumer(newer: Service, fees: Service) -> None:
    """What the consumer knows of the event is checked as before; what it does not know it passes over."""
    assert breaks({NOTED: OLD}, {NOTED: NEWER}) == []
    fees.consumer.process(deliveries(newer.bodies(), 1))
    fees.consumer.process(deliveries([newer.bodies()[1].replace('"n":2', '"n":-2')]))
    assert fees.effects("a") == [1]
    assert [lane.reason for lane in fees.lanes.overview()] == ["contract"]


def test_who_passes_every_event_on_waits_until_it_knows_the_field(newer: Service, fees: Service) -> None:
    """It could be of another data class than it says; nobody here checked it."""
    seen: list[str] = []

    def pass_on(_uow: object, event: Envelope) -> None:
        seen.append(event.id)

    Consumer(fees.mechanism, fees.uow, {EVERY_TYPE: pass_on}).process(deliveries(newer.bodies()))
    assert seen == []
    assert [lane.reason for lane in fees.lanes.overview()] == ["contract"]
    after = replace(fees.mechanism, contracts=newer.mechanism.contracts)
    fees._consumer = Consumer(after, fees.uow, {EVERY_TYPE: pass_on})
    fees.lanes.retry(fees.lanes.overview()[0].lane)
    assert len(seen) == 2


def test_a_producer_is_held_to_exactly_its_contract(cases: Service) -> None:
    """Leniency is the reader's."""
    cases.mechanism = replace(cases.mechanism, event_types={NotedBy: NOTED})
    with pytest.raises(ContractViolation), cases.uow() as uow:
        uow.emit("a", NotedBy(n=1, by="me"))
    assert cases.bodies() == []
