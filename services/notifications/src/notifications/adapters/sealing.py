"""Secrets and addresses at rest: AES-256-GCM under a key that only the settings hold."""

import base64
import binascii
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = "s1"


class SealingError(ValueError):
    """A sealed text that cannot be opened: another key, another place, or altered bytes."""


class Sealer:
    """Seals short texts, each bound to the place it stands in.

    ``keys`` maps key ids to 32 raw bytes; the first one seals, all of them open, so a key can be changed over.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(raw) != _KEY_BYTES or "." in name for name, raw in keys.items()):
            raise ValueError("sealing needs at least one key of 32 bytes whose id has no dot")
        self._keys = {name: AESGCM(raw) for name, raw in keys.items()}
        self._current = next(iter(keys))

    def seal(self, text: str, place: str) -> str:
        """The sealed text; it opens only for the same ``place``, such as ``subscription/01H…``."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        box = self._keys[self._current].encrypt(nonce, text.encode(), place.encode())
        return f"{_FORMAT}.{self._current}.{base64.urlsafe_b64encode(nonce + box).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """The text again.

        Raises:
            SealingError: when it was not sealed here for this place.
        """
        try:
            form, name, body = sealed.split(".")
            raw = base64.urlsafe_b64decode(body)
            if form != _FORMAT:
                raise SealingError("unknown form")
            return self._keys[name].decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (KeyError, ValueError, binascii.Error, InvalidTag) as error:
            raise SealingError(type(error).__name__) from None


def new_webhook_secret() -> str:
    """A fresh signing secret as Standard Webhooks writes it: ``whsec_`` and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"
