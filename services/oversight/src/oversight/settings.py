"""What oversight is told by its environment (prefix ``OVERSIGHT_``)."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gongzheng.settings import ServiceSettings, setting

_KEY_BYTES = 32
_KEY_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")


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
        raise ValueError("must be 32 bytes in base64url; `gongzheng keygen secret` makes one")
    return key


def master_keys_from(text: str) -> Mapping[str, bytes]:
    """Keys by name from ``name:key,name:key``; the first is the one that new reports are wrapped with.

    Raises:
        ValueError: when a name or key is malformed or a name stands twice.
    """
    pairs = [part.strip().partition(":") for part in text.split(",") if part.strip()]
    if not pairs or any(not _KEY_NAME.fullmatch(name) for name, _, _ in pairs):
        raise ValueError("must read name:key,name:key with the current key first")
    keys = {name: key_from(key) for name, _, key in pairs}
    if len(keys) != len(pairs):
        raise ValueError("names a key twice")
    return keys


@dataclass(frozen=True, kw_only=True, repr=False)
class OversightSettings(ServiceSettings):
    """Settings of the service. The keys belong outside the database and outside its backups."""

    def __repr__(self) -> str:
        """No secret: settings turn up in the text of failures."""
        return f"OversightSettings({self.public_url})"

    organisation_id: str = setting(help_en="Id of the organisation that runs oversight; its own delays open items too.")
    master_keys: Mapping[str, bytes] = setting(
        help_en="Keys that wrap the data key of each report: name:key,name:key in base64url, the current one first.",
        parse=master_keys_from,
    )
    code_key: bytes = setting(
        help_en="Key under which tracking codes are looked up and hashed, 32 bytes in base64url. Never changes.",
        parse=key_from,
    )
    filing_thresholds_file: str = setting(
        default="", help_en="TOML file with the filing thresholds of provinces (rules/filing_thresholds.toml says how)."
    )
    calendar_files: str = setting(
        default="", help_en="Files or folders with calendars of further years, separated by colons."
    )
