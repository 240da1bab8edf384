"""Seals what a reporter told: one AES-256-GCM data key per report and part, wrapped by a master key kept elsewhere.

The database holds wrapped keys and ciphertexts only. What is sealed is bound to its complaint and part, so that a row
moved to another complaint does not open. Lengths are padded, so that a ciphertext does not tell how long a name is.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from oversight.handlers.ports import Sealed

_NONCE_BYTES = 12
_DATA_KEY_BITS = 256
_PAD_BYTES = 512


class UnknownMasterKey(LookupError):
    """A report is wrapped with a master key that the settings no longer hold."""


class Vault:
    """Seals and opens with the master keys it was given; the first of them wraps what is new."""

    def __init__(self, master_keys: Mapping[str, bytes]) -> None:
        self._masters = {name: AESGCM(key) for name, key in master_keys.items()}
        self.current_key_id = next(iter(master_keys))

    def seal(self, complaint_id: str, part: str, content: Mapping[str, Any]) -> Sealed:
        """Seal one part of a report under a data key of its own."""
        data_key = AESGCM.generate_key(_DATA_KEY_BITS)
        plain = json.dumps(dict(content), ensure_ascii=False, separators=(",", ":")).encode()
        padded = plain.ljust(-(-len(plain) // _PAD_BYTES) * _PAD_BYTES)  # JSON forgives trailing spaces
        return Sealed(
            key_id=self.current_key_id,
            wrapped_key=self._wrap(complaint_id, part, data_key),
            ciphertext=_encrypt(AESGCM(data_key), padded, _bound_to(complaint_id, part)),
        )

    def open(self, complaint_id: str, part: str, sealed: Sealed) -> dict[str, Any]:
        """What was sealed.

        Raises:
            UnknownMasterKey: when the settings do not hold the key.
            cryptography.exceptions.InvalidTag: when a byte was changed or the row belongs to another complaint.
        """
        data_key = self._unwrap(complaint_id, part, sealed)
        opened: dict[str, Any] = json.loads(
            _decrypt(AESGCM(data_key), sealed.ciphertext, _bound_to(complaint_id, part))
        )
        return opened

    def rewrap(self, complaint_id: str, part: str, sealed: Sealed) -> Sealed:
        """The same ciphertext with its data key wrapped by the current master key."""
        data_key = self._unwrap(complaint_id, part, sealed)
        wrapped = self._wrap(complaint_id, part, data_key)
        return Sealed(key_id=self.current_key_id, wrapped_key=wrapped, ciphertext=sealed.ciphertext)

    def _wrap(self, complaint_id: str, part: str, data_key: bytes) -> str:
        bound = _bound_to(complaint_id, part, self.current_key_id)
        return _encrypt(self._masters[self.current_key_id], data_key, bound)

    def _unwrap(self, complaint_id: str, part: str, sealed: Sealed) -> bytes:
        master = self._masters.get(sealed.key_id)
        if master is None:
            raise UnknownMasterKey(sealed.key_id)
        return _decrypt(master, sealed.wrapped_key, _bound_to(complaint_id, part, sealed.key_id))


def _bound_to(*parts: str) -> bytes:
    return json.dumps(["oversight", *parts]).encode()


def _encrypt(cipher: AESGCM, plain: bytes, bound: bytes) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, plain, bound)).decode()


def _decrypt(cipher: AESGCM, text: str, bound: bytes) -> bytes:
    raw = base64.urlsafe_b64decode(text)
    return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound)
