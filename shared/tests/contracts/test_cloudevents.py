"""Every event of the suite is a CloudEvent for the public SDK: its example, and what a unit of work writes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.v1.event import CloudEvent

from gongzheng.contracts import registry
from gongzheng.contracts.examples import EXAMPLE_SIGNER, example_event
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism, create_tables
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.messaging.envelope import CONTENT_TYPE, Envelope

pytestmark = pytest.mark.req("X-03")
CONTRACTS = registry()
EXTENSIONS = {"stream", "sequence", "dataclass", "correlationid", "keyid", "signature"}


def read(text: str) -> Any:
    """The event as the SDK reads it from an HTTP message in structured mode."""
    return from_structured_event(HTTPMessage(headers={"content-type": CONTENT_TYPE}, body=text.encode()))


def assert_the_same(event: Any, envelope: Envelope) -> None:
    """What the SDK found is what the envelope says."""
    assert isinstance(event, CloudEvent)
    assert (event.get_specversion(), event.get_datacontenttype()) == ("1.0", "application/json")
    assert (event.get_id(), event.get_type(), event.get_source()) == (envelope.id, envelope.type, envelope.source)
    assert (event.get_subject(), event.get_time()) == (envelope.subject, envelope.time)
    assert event.get_data() == envelope.data
    assert event.get_extension("sequence") == f"{envelope.sequence:010d}"
    assert event.get_extension("signature") == envelope.signature
    assert set(event.get_attributes()) >= EXTENSIONS


@pytest.mark.parametrize("type_", CONTRACTS.types())
def test_the_sdk_reads_the_example(type_: str) -> None:
    """As it stands in docs/events/."""
    envelope = example_event(CONTRACTS, type_)
    assert_the_same(read(envelope.to_json()), envelope)


@pytest.fixture
def emitted(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """What a unit of work writes into the outbox for an event of a type, with the contract's example for its fields."""
    database = open_database(f"sqlite:///{tmp_path}/cloud.db")
    database.connect()
    create_tables(database)

    def emit(type_: str) -> str:
        data = CONTRACTS.example(type_)
        kind = make_dataclass("Event", data.keys())
        contract = CONTRACTS[type_]
        mechanism = Mechanism(
            database=database,
            service=contract.service,
            source=f"https://{contract.service}.example/",
            event_types={kind: type_},
            signer=EXAMPLE_SIGNER,
        )
        with UnitOfWork(mechanism) as uow:
            uow.emit(data[f"{contract.stream}_id"], kind(**data))
        (row,) = mechanism.execute("SELECT body FROM outbox").fetchall()
        return str(row[0])

    yield emit
    database.close()


@pytest.mark.parametrize("type_", CONTRACTS.types())
def test_the_sdk_reads_what_a_unit_of_work_emits(type_: str, emitted: Callable[[str], str]) -> None:
    """Through the outbox, signed."""
    text = emitted(type_)
    envelope = Envelope.parse(text)
    assert envelope.data == CONTRACTS.example(type_) == json.loads(text)["data"]
    assert_the_same(read(text), envelope)
