"""What this service is told by its environment, beyond what every service is told."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from gongzheng.settings import ServiceSettings, setting

_KEY_BYTES = 32
_ADDRESS = re.compile(r"[^\s@<>]+@[A-Za-z0-9.-]+")


def _keys(text: str) -> Mapping[str, bytes]:
    keys = {}
    for part in text.split(","):
        name, _, body = part.strip().partition(":")
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        except (ValueError, binascii.Error):
            raw = b""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name) or len(raw) != _KEY_BYTES:
            raise ValueError("must be id:key, with a key of 32 bytes in base64url; several are joined by commas")
        keys[name] = raw
    return keys


def _networks(texts: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(text.strip()) for text in texts if text.strip())
    except ValueError:
        raise ValueError("must be networks such as 10.20.0.0/16, joined by commas") from None


def _sender(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("must be an e-mail address")
    return text


@dataclass(frozen=True, kw_only=True)
class NotificationsSettings(ServiceSettings):
    """Settings of notifications, read from ``NOTIFICATIONS_…``."""

    smtp_url: str = setting(
        help_en="The mail relay: smtp://host, smtp+starttls://user:password@host or smtps://….",
        example="smtp://localhost",
    )
    mail_sender: str = setting(help_en="Address that mail is sent from.", parse=_sender)
    mail_sender_name: str = setting(default="公正 Gongzheng", help_en="Name that mail is sent from.")
    mail_domain: str = setting(default="", help_en="Domain in Message-ID; by default that of mail_sender.")
    mail_ca_file: str | None = setting(default=None, help_en="CA certificates of the relay; by default the system's.")
    sealing_keys: Mapping[str, bytes] = setting(
        help_en="Keys for secrets and addresses at rest, id:base64url; the first seals, all open.", parse=_keys
    )
    webhook_allowed_networks: tuple[IPv4Network | IPv6Network, ...] = setting(
        "list", default=(), help_en="Networks that webhooks may go to although they are not public.", parse=_networks
    )
    webhook_calls_max: int = setting("int", default=32, help_en="Webhook calls under way at once.")
    streams_max: int = setting("int", default=4, help_en="Open event streams per process; each holds a thread.")
    stream_s_max: int = setting("int", default=300, help_en="Seconds after which a stream ends and the reader returns.")

    @property
    def message_domain(self) -> str:
        """The domain in Message-ID."""
        return self.mail_domain or self.mail_sender.partition("@")[2]
