"""The envelope on the wire: what is read back is what was written, and nothing else is believed."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from hypothesis import given
from hypothesis import strategies as st

from gongzheng.messaging.envelope import BadSignature, Ed25519Signer, Envelope, Trust, Undecodable

SIGNER = Ed25519Signer("k1", b"s" * 32)
SOURCE = "https://cases.example/"
TRUST = Trust({SOURCE: {"k1": SIGNER.public_bytes()}})
EVENT = Envelope(
    id="01J",
    type="cn.gongzheng.cases.case.filed.v1",
    source=SOURCE,
    subject="01C",
    stream="case",
    sequence=7,
    time=datetime(2026, 11, 20, 8, 0, tzinfo=UTC),
    data={"case_id": "01C", "名称": "某某食品店", "fine_fen": 500000},
).signed_by(SIGNER)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.req("X-03")
@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_what_is_written_is_read_back_and_verifies(data: dict[str, object]) -> None:
    """For any data the text is canonical, parses to the same event, and its signature holds."""
    event = replace(EVENT, data=data).signed_by(SIGNER)
    again = Envelope.parse(event.to_json())
    assert again == event
    TRUST.verify(again)


@pytest.mark.req("X-03")
@given(
    st.dictionaries(st.sampled_from(["source", "signature", "x"]) | st.text(max_size=8), json_values, max_size=5),
    st.text(min_size=1, max_size=12) | st.just(',"source":"'),
)
def test_what_is_written_at_once_is_what_is_signed_and_then_written(data: dict[str, object], subject: str) -> None:
    """Whatever keys the data has and whatever the attributes say."""
    event = replace(EVENT, data=data, subject=subject, key_id=None, signature=None, traceparent='"source":')
    assert event.to_signed_json(SIGNER) == event.signed_by(SIGNER).to_json()


@pytest.mark.req("X-03")
def test_the_public_sdk_reads_it() -> None:
    """The text is a CloudEvent for the ``cloudevents`` SDK."""
    message = HTTPMessage(headers={"content-type": "application/cloudevents+json"}, body=EVENT.to_json().encode())
    read = from_structured_event(message)
    assert (read.get_id(), read.get_type(), read.get_subject()) == (EVENT.id, EVENT.type, EVENT.subject)
    assert read.get_extension("sequence") == "0000000007"


@pytest.mark.req("X-03")
@pytest.mark.parametrize("field", ["subject", "sequence", "type", "time", "data", "keyid", "dataclass", "stream"])
def test_an_altered_event_is_not_believed(field: str) -> None:
    """Whatever attribute is changed after signing, the signature no longer holds."""
    raw = json.loads(EVENT.to_json())
    changed = {"sequence": "0000000008", "time": "2026-11-21T08:00:00Z", "data": {}, "keyid": "k2"}
    raw[field] = changed.get(field, f"{raw[field]}x")
    with pytest.raises(BadSignature):
        TRUST.verify(Envelope.parse(json.dumps(raw)))


@pytest.mark.req("X-03")
def test_another_producers_key_is_not_believed() -> None:
    """A key that is trusted for one source signs nothing for another."""
    with pytest.raises(BadSignature, match="unknown key"):
        TRUST.verify(replace(EVENT, source="https://fees.example/").signed_by(SIGNER))
    with pytest.raises(BadSignature, match="unsigned"):
        TRUST.verify(replace(EVENT, signature=None))


@pytest.mark.req("X-03")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '"x"',
        EVENT.to_json().replace('"1.0"', '"0.3"'),
        EVENT.to_json().replace("500000", "5000.5"),
        EVENT.to_json().replace("0000000007", "0000000000"),
        EVENT.to_json().replace("0000000007", "seven"),
        EVENT.to_json().replace("08:00:00.000000Z", "08:00:00"),
        EVENT.to_json().replace('"subject":"01C"', '"subject":3'),
        "[" * 100_000,
        "x" * 1_000_001,
    ],
)
def test_what_is_no_envelope_is_said_to_be_none(text: str) -> None:
    """Garbage of any kind is one error, never another exception."""
    with pytest.raises(Undecodable):
        Envelope.parse(text)


def test_the_text_as_received_is_believed_where_it_is_what_was_signed() -> None:
    """Canonical text need not be written anew to be checked; other text of the same content is checked anew."""
    signed = EVENT.signed_by(SIGNER)
    TRUST.verify(signed, signed.to_json().encode())
    spaced = json.dumps(json.loads(signed.to_json()), indent=1).encode()
    TRUST.verify(Envelope.parse(spaced), spaced)


def test_what_is_hidden_beside_the_signature_is_not_believed() -> None:
    """A second member of the same text would be cut out with the signature and so escape the check."""
    signed = EVENT.signed_by(SIGNER)
    member = f'"signature":"{signed.signature}",'
    text = signed.to_json().replace('"data":{', f'"data":{{{member}', 1)
    assert text.count(member) == 2
    with pytest.raises(BadSignature):
        TRUST.verify(Envelope.parse(text), text.encode())


def test_an_altered_text_is_not_believed() -> None:
    """Also when the envelope and the text agree with each other."""
    text = EVENT.signed_by(SIGNER).to_json().replace(EVENT.subject, "another")
    with pytest.raises(BadSignature):
        TRUST.verify(Envelope.parse(text), text.encode())
