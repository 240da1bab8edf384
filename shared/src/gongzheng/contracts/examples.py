"""An example of every event, whole and signed, as the pages and the AsyncAPI document show it."""

from datetime import UTC, datetime
from hashlib import sha256

from gongzheng.contracts.registry import Registry
from gongzheng.messaging.envelope import Ed25519Signer, Envelope
from gongzheng.messaging.keys import PublicKey

# The key of RFC 8037, appendix A: public, with its private half, for anybody to check an implementation with.
_SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
EXAMPLE_SIGNER = Ed25519Signer("example", _SEED)
EXAMPLE_KEY = PublicKey(key_id="example", raw=EXAMPLE_SIGNER.public_bytes())
_MOMENT = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_CHARACTERS = 26


def example_event(contracts: Registry, type_: str) -> Envelope:
    """The contract's example in an envelope, signed with the example key; always the same.

    Raises:
        KeyError: when the example lacks the id of its aggregate, ``<stream>_id``.
    """
    contract = contracts[type_]
    data = contracts.example(type_)
    event_id = _example_id(type_)
    return Envelope(
        id=event_id,
        type=type_,
        source=example_source(contract.service),
        subject=data[f"{contract.stream}_id"],
        stream=contract.stream,
        sequence=1,
        time=_MOMENT,
        data=data,
        correlation_id=event_id,
        dataclass_=contract.dataclass_,
    ).signed_by(EXAMPLE_SIGNER)


def example_source(service: str) -> str:
    """The source of the example events of a service."""
    return f"https://gongzheng.example/{service}"


def _example_id(type_: str) -> str:
    """An identifier in the form of a ULID that depends on nothing but the type."""
    number = int.from_bytes(sha256(type_.encode()).digest()[:16], "big") >> 3
    digits = [_CROCKFORD[number >> (5 * place) & 31] for place in reversed(range(_ULID_CHARACTERS))]
    return "".join(digits)
