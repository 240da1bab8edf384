"""Signatures of collecting agents: Ed25519 with their own key, or HMAC-SHA256 with a secret that both sides know."""

import base64
import binascii
import hmac
import secrets
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fees.adapters.vault import Vault
from fees.domain.agent import AgentKey, Algorithm
from fees.domain.errors import KeyNotAcceptable
from gongzheng.ids import new_id

_SECRET_BYTES = 32
_PUBLIC_KEY_BYTES = 32
_SIGNATURE_CHARS_MAX = 200


def make_secret_key(agent_id: str, *, vault: Vault, now: datetime) -> tuple[AgentKey, str]:
    """A new HMAC key, and its secret in base64: to be shown once and kept only sealed."""
    key_id, secret = new_id(), secrets.token_bytes(_SECRET_BYTES)
    key = AgentKey(
        id=key_id,
        agent_id=agent_id,
        algorithm=Algorithm.HMAC_SHA256,
        material=vault.seal(secret, key_id),
        added_at=now,
    )
    return key, base64.b64encode(secret).decode()


def read_public_key(agent_id: str, text: str, *, now: datetime) -> AgentKey:
    """A key from the agent's Ed25519 public key in base64.

    Raises:
        KeyNotAcceptable: when it is no such key.
    """
    try:
        raw = base64.b64decode(text, validate=True)
        Ed25519PublicKey.from_public_bytes(raw)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _PUBLIC_KEY_BYTES:
        raise KeyNotAcceptable(errors={"public_key": ["32 bytes of an Ed25519 public key, in base64"]})
    return AgentKey(id=new_id(), agent_id=agent_id, algorithm=Algorithm.ED25519, material=raw, added_at=now)


def is_signed(key: AgentKey, message: bytes, signature: str, *, vault: Vault) -> bool:
    """Whether ``signature`` (base64) was made over ``message`` with this key."""
    if len(signature) > _SIGNATURE_CHARS_MAX:
        return False
    try:
        given = base64.b64decode(signature, validate=True)
        if key.algorithm is Algorithm.HMAC_SHA256:
            return hmac.compare_digest(hmac.digest(vault.open(key.material, key.id), message, "sha256"), given)
        Ed25519PublicKey.from_public_bytes(key.material).verify(given, message)
    except (binascii.Error, ValueError, InvalidSignature, InvalidTag):
        return False
    return True
