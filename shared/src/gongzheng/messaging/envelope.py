"""The envelope: CloudEvents 1.0 in structured JSON, with the extensions that order, trace and sign an event."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from gongzheng.messaging.keys import PublicKey, TrustedKeys, base64url

CONTENT_TYPE = "application/cloudevents+json"
_TYPE_PARTS_MIN = 6
_BYTES_MAX = 1_000_000
_NAME_CHARACTERS_MAX = 500
SEQUENCE_MAX = 10**10 - 1  # ten digits on the wire


class Undecodable(ValueError):
    """Bytes that are no envelope of ours."""


class BadSignature(ValueError):
    """An envelope that is unsigned, signed by an unknown key, or altered after signing."""


class Signer(Protocol):
    """Signs the canonical bytes of an envelope."""

    key_id: str

    def sign(self, payload: bytes) -> str:
        """The detached Ed25519 signature, base64url without padding."""
        ...


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One event on the wire.

    ``sequence`` is gapless per (source, stream, subject), from 1. ``time`` is aware UTC. ``data`` holds the fields of
    the event's contract. ``dataclass_`` is "public", "internal" or "confidential".
    """

    id: str
    type: str
    source: str
    subject: str
    stream: str
    sequence: int
    time: datetime
    data: dict[str, Any]
    causation_id: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    dataclass_: str = "internal"
    key_id: str | None = None
    signature: str | None = None

    @property
    def lane(self) -> str:
        """The unit of order: events of one lane take effect one after another, in sequence."""
        return f"{self.source}|{self.stream}|{self.subject}"

    @property
    def service(self) -> str:
        """The service that produced the event."""
        return self.type.split(".")[2]

    @property
    def routing_key(self) -> str:
        """``<stream>.<entity>.<past-tense>.v1``: what a consumer binds by."""
        return f"{self.stream}.{'.'.join(self.type.split('.')[3:])}"

    def _attributes(self) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": self.time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "stream": self.stream,
            "sequence": f"{self.sequence:010d}",
            "dataclass": self.dataclass_,
            "data": self.data,
        }
        optional = {
            "causationid": self.causation_id,
            "correlationid": self.correlation_id,
            "traceparent": self.traceparent,
            "keyid": self.key_id,
        }
        return attributes | {name: value for name, value in optional.items() if value is not None}

    def canonical_bytes(self) -> bytes:
        """What is signed: every attribute but the signature, keys sorted, no white space, UTF-8, no floats."""
        return canonical(self._attributes())

    def to_json(self) -> str:
        """The structured CloudEvents JSON, canonical, with the signature where there is one."""
        attributes = self._attributes()
        if self.signature is not None:
            attributes["signature"] = self.signature
        return canonical(attributes).decode()

    def signed_by(self, signer: Signer) -> "Envelope":
        """The same envelope with the producer's key id and signature."""
        named = replace(self, key_id=signer.key_id, signature=None)
        return replace(named, signature=signer.sign(named.canonical_bytes()))

    def to_signed_json(self, signer: Signer) -> str:
        """What ``signed_by(signer).to_json()`` gives, written once."""
        signed = canonical(self._attributes() | {"keyid": signer.key_id})
        # Keys are sorted, so the signature stands before the envelope's own source, which is the last key of this name:
        # only data can have others, and comes earlier.
        place = signed.rindex(b'"source":')
        return f'{signed[:place].decode()}"signature":"{signer.sign(signed)}",{signed[place:].decode()}'

    @classmethod
    def parse(cls, text: str | bytes) -> "Envelope":
        """Read the structured JSON.

        Raises:
            Undecodable: when it is not an envelope of this suite.
        """
        if len(text) > _BYTES_MAX:
            raise Undecodable("too large")
        try:
            raw = _DECODER.decode(text if isinstance(text, str) else text.decode())
            envelope = cls(
                id=raw["id"],
                type=raw["type"],
                source=raw["source"],
                subject=raw["subject"],
                stream=raw["stream"],
                sequence=int(raw["sequence"]),
                time=datetime.fromisoformat(raw["time"]),
                data=raw["data"],
                causation_id=raw.get("causationid"),
                correlation_id=raw.get("correlationid"),
                traceparent=raw.get("traceparent"),
                dataclass_=raw["dataclass"],
                key_id=raw.get("keyid"),
                signature=raw.get("signature"),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Undecodable(type(error).__name__) from None
        if raw.get("specversion") != "1.0" or not _well_formed(envelope):
            raise Undecodable("attributes")
        return envelope


def _well_formed(envelope: Envelope) -> bool:
    texts = (envelope.id, envelope.type, envelope.source, envelope.subject, envelope.stream, envelope.dataclass_)
    optional = (
        envelope.causation_id,
        envelope.correlation_id,
        envelope.traceparent,
        envelope.key_id,
        envelope.signature,
    )
    return (
        all(_is_name(text) for text in texts)
        and all(text is None or _is_name(text) for text in optional)
        and isinstance(envelope.data, dict)
        and 0 < envelope.sequence <= SEQUENCE_MAX
        and envelope.time.tzinfo is not None
        and envelope.type.count(".") >= _TYPE_PARTS_MIN - 1
    )


def _is_name(text: object) -> bool:
    """Short and printable: no NUL and no half of a surrogate pair, which databases refuse to keep."""
    return type(text) is str and 0 < len(text) <= _NAME_CHARACTERS_MAX and text.isprintable()


def _no_floats(text: str) -> float:
    raise ValueError(f"a float on the wire: {text[:40]}")


# Made once: json.loads with an option of its own makes one per call.
_DECODER = json.JSONDecoder(parse_float=_no_floats, parse_constant=_no_floats)


def canonical(value: object) -> bytes:
    """Canonical JSON: keys sorted, no white space, UTF-8; floats are refused because they have no one text.

    Raises:
        ValueError, TypeError: for anything but text, integers, booleans, null, lists and string-keyed objects.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


class Ed25519Signer:
    """Signs with one Ed25519 private key."""

    def __init__(self, key_id: str, seed: bytes) -> None:
        self.key_id = key_id
        self._key = SigningKey(seed)

    def sign(self, payload: bytes) -> str:
        """The detached signature, base64url without padding."""
        return base64url(self._key.sign(payload).signature)

    def public_bytes(self) -> bytes:
        """The raw 32-byte public key."""
        return bytes(self._key.verify_key)


class Trust:
    """The public keys that consumers believe: source → key id → key, or its 32 bytes.

    Checked with libsodium: twice as fast as OpenSSL here, and signatures are most of what a consumer computes.
    """

    def __init__(self, keys: Mapping[str, Mapping[str, bytes | PublicKey]]) -> None:
        given = {(source, key_id): key for source, by_id in keys.items() for key_id, key in by_id.items()}
        self._bounds = {
            at: key
            for at, key in given.items()
            if isinstance(key, PublicKey) and (key.not_before or key.not_after) is not None
        }
        self._keys = {at: VerifyKey(key.raw if isinstance(key, PublicKey) else key) for at, key in given.items()}

    @classmethod
    def of(cls, keys: TrustedKeys) -> "Trust":
        """Trust in the keys of a file."""
        return cls({source: {key.key_id: key for key in known} for source, known in keys.items()})

    def verify(self, envelope: Envelope, text: str | bytes | None = None) -> None:
        """Check that the source's own key signed exactly this envelope, at a time for which the key is good.

        ``text`` is what the envelope was parsed from; attributes that we do not know are signed too. Where it is
        canonical, as on the wire, the signed bytes are those without the signature, and need not be written anew.

        Raises:
            BadSignature: when it is unsigned, the key is not this source's or not of this time, or a byte was changed.
        """
        at = (envelope.source, envelope.key_id or "")
        key = self._keys.get(at)
        if key is None or envelope.signature is None:
            raise BadSignature("unsigned" if envelope.signature is None else "unknown key")
        if at in self._bounds and not self._bounds[at].holds_at(envelope.time):
            raise BadSignature("key not good for its time")
        try:
            raw = base64.urlsafe_b64decode(envelope.signature + "=" * (-len(envelope.signature) % 4))
            if base64url(raw) != envelope.signature:
                raise BadSignature("altered")  # other letters for the same bytes
            if text is None:
                key.verify(envelope.canonical_bytes(), raw)
                return
            written = text.encode() if isinstance(text, str) else text
            if not _is_signed_text(key, raw, written, envelope.signature):
                key.verify(_canonical_text(written), raw)
        except (CryptoError, binascii.Error, ValueError):
            raise BadSignature("altered") from None


def _canonical_text(text: bytes) -> bytes:
    """What was signed of an event that came in another spelling: other white space, order or escapes."""
    members = _DECODER.decode(text.decode())
    del members["signature"]
    return canonical(members)


def _is_signed_text(key: VerifyKey, signature: bytes, text: bytes, member: str) -> bool:
    """Whether the text without its one signature member is what was signed.

    Exactly one: a second one, hidden in the data, would be cut out with the first and so escape the check.
    """
    written = f'"signature":"{member}",'.encode()
    if text.count(written) != 1:
        return False
    try:
        key.verify(text.replace(written, b""), signature)
    except CryptoError:
        return False
    return True
