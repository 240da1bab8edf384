"""The shared secrets of collecting agents, sealed at rest with AES-256-GCM."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Vault:
    """Seals and opens secrets; ``key`` is 32 bytes that are not in the database."""

    def __init__(self, key: bytes) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gongzheng fees agent secrets").derive(key)
        self._cipher = AESGCM(derived)

    def seal(self, secret: bytes, owner: str) -> bytes:
        """The secret, readable only with the key and for this owner."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """The secret.

        Raises:
            cryptography.exceptions.InvalidTag: when it was sealed with another key or for another owner.
        """
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
