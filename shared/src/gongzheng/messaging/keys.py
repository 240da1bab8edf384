"""Producers' public keys as JSON Web Keys (RFC 7517, 8037), and the file that says whose are believed.

The file is JSON: source → {"keys": [JWK, …]}, the key set that a producer publishes, or source → key id → the 32 bytes
in base64url. A JWK may carry ``nbf`` and ``exp``, seconds since 1970: the key counts for events of that time only.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gongzheng.settings import SettingsError

_KEY_BYTES = 32

TrustedKeys = Mapping[str, Sequence["PublicKey"]]
"""Source → its keys."""


class KeysError(ValueError):
    """A text that holds no such keys, or two different ones under one id."""


@dataclass(frozen=True, kw_only=True)
class PublicKey:
    """An Ed25519 public key: ``raw`` 32 bytes, good for events from ``not_before`` to ``not_after`` (aware UTC)."""

    key_id: str
    raw: bytes
    not_before: datetime | None = None
    not_after: datetime | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether an event of that moment may carry a signature by this key."""
        return (self.not_before is None or moment >= self.not_before) and (
            self.not_after is None or moment <= self.not_after
        )

    def thumbprint(self) -> str:
        """SHA-256 of the key itself, whatever it is called (RFC 7638), base64url."""
        members = {"crv": "Ed25519", "kty": "OKP", "x": base64url(self.raw)}
        return base64url(hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest())

    def as_jwk(self) -> dict[str, Any]:
        """The JSON Web Key."""
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(self.raw), "kid": self.key_id}
        bounds = {"nbf": self.not_before, "exp": self.not_after}
        times = {name: int(moment.timestamp()) for name, moment in bounds.items() if moment is not None}
        return {**jwk, "use": "sig", "alg": "EdDSA", **times}

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> "PublicKey":
        """The key of a JSON Web Key.

        Raises:
            KeysError: when it is no Ed25519 public key with an id, or holds the private half.
        """
        if "d" in jwk:
            raise KeysError("a private key was given away; make a new one")
        if (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519") or not isinstance(jwk.get("kid"), str):
            raise KeysError("no Ed25519 key with a kid")
        return cls(
            key_id=jwk["kid"], raw=_raw(jwk.get("x")), not_before=_moment(jwk, "nbf"), not_after=_moment(jwk, "exp")
        )


def jwks(keys: Sequence[PublicKey]) -> dict[str, Any]:
    """The keys as a JWK Set."""
    return {"keys": [key.as_jwk() for key in keys]}


def keys_of(entry: object) -> list[PublicKey]:
    """The keys of one source: a JWK Set, or key id → base64url.

    Raises:
        KeysError: when it is neither, or two keys have the same id.
    """
    if not isinstance(entry, Mapping):
        raise KeysError("neither a key set nor key ids with keys")
    if isinstance(entry.get("keys"), list):
        if not all(isinstance(jwk, Mapping) for jwk in entry["keys"]):
            raise KeysError("a key set with what is no key")
        found = [PublicKey.from_jwk(jwk) for jwk in entry["keys"]]
    else:
        found = [PublicKey(key_id=str(key_id), raw=_raw(text)) for key_id, text in entry.items()]
    if len({key.key_id for key in found}) < len(found):
        raise KeysError("two keys with one id")
    return found


def read_trusted(text: str) -> dict[str, list[PublicKey]]:
    """The content of a file of trusted keys.

    Raises:
        KeysError: when it is none.
    """
    try:
        content = json.loads(text)
    except ValueError:
        raise KeysError("no JSON") from None
    if not isinstance(content, dict):
        raise KeysError("no JSON of source → keys")
    return {source: keys_of(entry) for source, entry in content.items()}


def trusted_keys(setting: str) -> dict[str, list[PublicKey]]:
    """The keys that the setting TRUSTED_KEYS names: a file, or the JSON text itself; none when it is empty.

    Raises:
        SettingsError: when the file cannot be read or is no such file.
    """
    if not setting:
        return {}
    try:
        return read_trusted(setting if setting.lstrip().startswith("{") else Path(setting).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The file of trusted keys, {setting}, cannot be read: {error.strerror}.") from None
    except KeysError as error:
        raise SettingsError(f"The trusted keys are no JSON of source → public keys: {error}.") from None
    except UnicodeDecodeError:
        raise SettingsError("The trusted keys are no JSON of source → public keys: no text.") from None


def write_trusted(keys: TrustedKeys) -> str:
    """The text of a file of trusted keys."""
    return json.dumps({source: jwks(of) for source, of in keys.items()}, ensure_ascii=False, indent=1) + "\n"


def with_key(keys: TrustedKeys, source: str, key: PublicKey) -> dict[str, list[PublicKey]]:
    """The same and one more key of a source; one that is there already gets the validity of the new.

    Raises:
        KeysError: when the source has another key of that id: events could not be told apart.
    """
    there = {known.key_id: known for known in keys.get(source, ())}
    if there.setdefault(key.key_id, key).raw != key.raw:
        raise KeysError(f"{source} has another key with the id {key.key_id}")
    return {name: list(of) for name, of in keys.items()} | {source: list((there | {key.key_id: key}).values())}


def base64url(raw: bytes) -> str:
    """Without padding, as JOSE writes it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: object) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if isinstance(text, str) else b""
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise KeysError("a key that is not 32 bytes in base64url")
    return raw


def _moment(jwk: Mapping[str, Any], name: str) -> datetime | None:
    value = jwk.get(name)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise KeysError(f"{name} is no moment in seconds") from None
