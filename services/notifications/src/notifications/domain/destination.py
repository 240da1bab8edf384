"""Which addresses a webhook may go to: public ones, over TLS, unless the operator's list allows more.

A webhook makes this service call whatever a subscriber names, from inside the department's network; so the name is
resolved once, every address it resolves to is held against the rules, and the connection goes to that very address.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from notifications.domain.errors import DestinationRefused

URL_CHARACTERS_MAX = 2048
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?")
_DEFAULT_PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True)
class RefusedNetwork:
    """A range that is never called, and why."""

    network: Network
    why: str


@dataclass(frozen=True, kw_only=True)
class DestinationRules:
    """The refused ranges, and the ranges that the operator's settings allow all the same (tests, an intranet)."""

    refused: tuple[RefusedNetwork, ...]
    allowed: tuple[Network, ...] = ()

    def allows(self, address: Address) -> bool:
        """Whether the operator's own list names the address."""
        return any(address in network for network in self.allowed if network.version == address.version)

    def why_not(self, address: Address) -> str | None:
        """Why this address is not called, or None."""
        if self.allows(address):
            return None
        for candidate in _meanings(address):
            for refused in self.refused:
                if candidate.version == refused.network.version and candidate in refused.network:
                    return refused.why
            if not candidate.is_global or candidate.is_multicast:
                return "not a public address"
        return None


def _meanings(address: Address) -> tuple[Address, ...]:
    """The address and, where an IPv6 address carries an IPv4 one (mapped, 6to4), that one too."""
    if isinstance(address, IPv6Address):
        inner = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
        # A mapped address is nothing but its IPv4 meaning; asking is_global of the wrapper would refuse public ones.
        return tuple(inner) if address.ipv4_mapped else (address, *inner)
    return (address,)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A webhook address taken apart; ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Take a webhook address apart.

    Raises:
        DestinationRefused: for anything but a plain http(s) address without user name, fragment or control characters.
    """
    if len(url) > URL_CHARACTERS_MAX or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused("url", "must be a plain ASCII web address of at most 2048 characters")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise _refused("url", "is not a web address") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _refused("url", "must begin with https://")
    if "@" in parts.netloc or parts.fragment:
        raise _refused("url", "must not carry a user name or a fragment")
    if port == 0 or not (_HOST.fullmatch(host) or _is_v6(host)):
        raise _refused("url", "has no usable host or port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port or _DEFAULT_PORTS[parts.scheme], path=path)


def choose_address(target: Target, resolved: Sequence[str], rules: DestinationRules) -> str:
    """The one address to connect to, of those that the name resolved to.

    All of them must be allowed: a name that points both outside and inside is not a mistake to work round. Plain http
    goes only to addresses that the operator's list names.

    Raises:
        DestinationRefused: naming the rule, never the address, so that the answer maps nothing of the inside.
    """
    if not resolved:
        raise _refused("url", "the name does not resolve")
    addresses = [ip_address(text.partition("%")[0]) for text in resolved]
    for address in addresses:
        why = rules.why_not(address)
        if why is not None:
            raise _refused("url", why)
    if target.scheme == "http" and not all(rules.allows(address) for address in addresses):
        raise _refused("url", "must be https")
    return str(addresses[0])


def _is_v6(host: str) -> bool:
    try:
        return ip_address(host).version == 6 and "%" not in host  # noqa: PLR2004 the protocol's own number
    except ValueError:
        return False


def _refused(field: str, why: str) -> DestinationRefused:
    return DestinationRefused(f"The address {why}; 推送地址不被允许。", errors={field: [why]})
