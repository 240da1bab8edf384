"""Public routes are throttled by address, across workers, without an address being stored."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from gongzheng.clock import FixedClock
from gongzheng.db.mechanism import Mechanism
from gongzheng.http import throttle
from gongzheng.http.throttle import bucket
from gongzheng.testing import Answer, ApiClient, api_client

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.req("F-16")


def _ask(client: ApiClient, forwarded: str | None = None) -> Answer:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.post("/public/lookup", {"code": "guess"}, headers=headers)


def test_the_sixth_call_of_a_minute_waits(client: ApiClient, clock: FixedClock) -> None:
    """429 says for how long, and the next window lets the caller in again."""
    assert [_ask(client).status for _ in range(6)] == [404] * 5 + [429]
    clock.advance(timedelta(seconds=20))
    answer = _ask(client)
    answer.expect(429, "too-many-requests")
    assert answer.headers["Retry-After"] == "40"
    clock.advance(timedelta(seconds=40))
    assert _ask(client).status == 404


def test_a_caller_cannot_choose_an_address(client: ApiClient) -> None:
    """Without trusted proxies X-Forwarded-For is only text."""
    assert [_ask(client, f"203.0.113.{n}").status for n in range(6)][-1] == 429


def test_behind_a_trusted_proxy_the_forwarded_address_counts(make_app: MakeApp, clock: FixedClock) -> None:
    """The last address is the proxy's own word; what stands before it is the caller's."""
    client = api_client(make_app(trusted_proxies=1), clock=clock)
    assert [_ask(client, f"198.51.100.1, 203.0.113.{n}").status for n in range(6)] == [404] * 6
    assert [_ask(client, f"198.51.100.{n}, 203.0.113.99").status for n in range(6)][-1] == 429


def test_no_address_is_stored(client: ApiClient, mechanism: Mechanism) -> None:
    """The counter's name is a keyed hash."""
    _ask(client)
    assert "127.0.0.1" not in str(mechanism.execute("SELECT * FROM throttle").fetchall())
    assert bucket("key-one-is-long-enough", "c", "127.0.0.1") != bucket("key-two-is-long-enough", "c", "127.0.0.1")


def test_one_subscribers_ipv6_addresses_count_as_one() -> None:
    """A /64 is one household; an IPv4 address stays what it is in IPv6 clothes."""
    assert bucket("k", "c", "2001:db8::1") == bucket("k", "c", "2001:db8::ffff")
    assert bucket("k", "c", "2001:db8::1") != bucket("k", "c", "2001:db8:0:1::1")
    assert bucket("k", "c", "::ffff:192.0.2.1") == bucket("k", "c", "192.0.2.1")


def test_old_windows_are_swept(client: ApiClient, mechanism: Mechanism, clock: FixedClock) -> None:
    """A day later nothing remains."""
    _ask(client)
    clock.advance(timedelta(days=1, seconds=61))
    assert throttle.sweep(mechanism) == 1
