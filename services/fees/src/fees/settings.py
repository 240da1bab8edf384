"""What the fees service is told by its environment (prefix ``FEES_``)."""

import base64
import binascii
from dataclasses import dataclass

from gongzheng.settings import ServiceSettings, setting

_KEY_BYTES = 32


def key_from(text: str) -> bytes:
    """A 32-byte key from base64url.

    Raises:
        ValueError: when it is not such a key.
    """
    try:
        key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("must be 32 bytes in base64url; `gongzheng keygen` makes one")
    return key


@dataclass(frozen=True, kw_only=True)
class FeesSettings(ServiceSettings):
    """Settings of the service."""

    vault_key: bytes | None = setting(
        default=None,
        help_en="Seals the agents' shared secrets, 32 bytes in base64url; by default made of the signing key.",
        parse=key_from,
    )
    replay_window_s: int = setting(
        "int", default=300, help_en="How far a payment notice's time stamp may be from now, in seconds."
    )
