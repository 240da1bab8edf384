"""Throttling of public routes: a fixed-window counter in the database, shared by all workers of the service."""

import hashlib
import hmac
import ipaddress

from flask import request

from gongzheng.db.mechanism import Mechanism
from gongzheng.errors import TooManyRequests
from gongzheng.http.access import Public
from gongzheng.settings import HttpSettings

KEEP_S = 86_400
_IPV6_PREFIX_BITS = 64


def throttle(mechanism: Mechanism, settings: HttpSettings, access: Public) -> None:
    """Count this call and refuse it when its address has used up the window.

    The count is committed by itself, so that a call that fails counts too.

    Raises:
        TooManyRequests: 429, with the seconds until the window ends.
    """
    if access.throttle is None:
        return
    now_s = int(mechanism.clock.now().timestamp())
    window = now_s - now_s % access.per_s
    mechanism.ensure_connected()
    with mechanism.database.atomic(*(() if mechanism.postgresql else ("IMMEDIATE",))):
        hits = mechanism.execute(
            "INSERT INTO throttle (bucket, window_start, hits) VALUES (?, ?, 1) ON CONFLICT (bucket, window_start)"
            " DO UPDATE SET hits = throttle.hits + 1 RETURNING hits",
            (bucket(settings.throttle_key, access.throttle, request.remote_addr), window),
        ).fetchall()[0][0]
    if hits > access.limit:
        raise TooManyRequests(retry_after_s=max(1, window + access.per_s - now_s))


def bucket(key: str, throttle_class: str, address: str | None) -> str:
    """The counter of an address in a class of routes: a keyed hash, so that no address is stored.

    All addresses of an IPv6 /64 count as one, because one subscriber has that many.
    """
    message = f"{throttle_class}|{_counted(address)}"
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()[:40]


def _counted(address: str | None) -> str:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, _IPV6_PREFIX_BITS), strict=False))
    return str(parsed)


def sweep(mechanism: Mechanism) -> int:
    """Forget windows that ended more than a day ago; the number of counters forgotten."""
    before = int(mechanism.clock.now().timestamp()) - KEEP_S
    mechanism.ensure_connected()
    return int(mechanism.execute("DELETE FROM throttle WHERE window_start < ?", (before,)).rowcount)
