"""Where webhooks may go: the table of ranges that are never called, and the addresses that try to look otherwise."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.adapters.data_files import load_policy
from notifications.domain.destination import DestinationRules, choose_address, parse_target
from notifications.domain.errors import DestinationRefused

pytestmark = pytest.mark.req("N-05")

RULES = load_policy().destinations
TARGET = parse_target("https://hooks.example/in")

REFUSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8",  # noqa: S104 nothing is bound
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:0a00:0001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "223.5.5.5",
          "2400:3200::1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_of_the_inside_is_never_called(address: str) -> None:
    """Private, loopback, link-local, reserved, and every IPv6 wrapping of those."""
    with pytest.raises(DestinationRefused):
        choose_address(TARGET, [address], RULES)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str) -> None:
    """The borders of the refused ranges are where the RFCs put them."""
    assert choose_address(TARGET, [address], RULES) == str(ip_address(address))


@pytest.mark.parametrize("resolved", [["8.8.8.8", "10.0.0.1"], ["2606:4700::1", "::1"]])
def test_a_name_that_also_points_inside_is_refused_as_a_whole(resolved: list[str]) -> None:
    """Otherwise the resolver's order would decide."""
    with pytest.raises(DestinationRefused):
        choose_address(TARGET, resolved, RULES)


def test_a_name_that_does_not_resolve_is_refused() -> None:
    """There is nowhere to call."""
    with pytest.raises(DestinationRefused, match="resolve"):
        choose_address(TARGET, [], RULES)


def test_the_refusal_does_not_tell_which_address_a_name_has_inside() -> None:
    """The answer must not serve to map the department's network."""
    with pytest.raises(DestinationRefused) as refused:
        choose_address(TARGET, ["10.20.30.40"], RULES)
    assert "10.20.30.40" not in str(refused.value.errors) + refused.value.detail


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/", "//hooks.example/", "hooks.example",
        "https://", "https:///path", "https://user@hooks.example/", "https://user:pw@hooks.example/",
        "https://hooks.example/#part", "https://hooks.example:0/", "https://hooks.example:99999/",
        "https://hooks.example:x/", "https://hooks example/", "https://hooks.example/\r\nHost: x", "https://høøks.example/",
        "https://hooks.example\\@10.0.0.1/", "https://[::1", "https://[fe80::1%25eth0]/", "https://-x-.example/",
        f"https://hooks.example/{'x' * 2048}", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_in_an_odd_form_is_refused(url: str) -> None:
    """Whatever two readers could understand differently."""
    with pytest.raises(DestinationRefused):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://hooks.example", "hooks.example", 443, "/", "hooks.example"),
        ("https://HOOKS.example:8443/a/b?c=d", "hooks.example", 8443, "/a/b?c=d", "hooks.example:8443"),
        ("https://[2606:4700::1]/x", "2606:4700::1", 443, "/x", "[2606:4700::1]"),
        ("https://8.8.8.8:444/", "8.8.8.8", 444, "/", "8.8.8.8:444"),
    ],
)
def test_a_plain_address_is_taken_apart(url: str, host: str, port: int, path: str, authority: str) -> None:
    """Host, port, path with query, and what the Host header says."""
    target = parse_target(url)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)


def test_clear_text_goes_only_to_networks_that_the_operator_allows() -> None:
    """An event must not cross the open net unencrypted."""
    plain = parse_target("http://hooks.example/")
    with pytest.raises(DestinationRefused, match="https"):
        choose_address(plain, ["8.8.8.8"], RULES)
    allowed = DestinationRules(refused=RULES.refused, allowed=(ip_network("10.1.0.0/16"),))
    assert choose_address(plain, ["10.1.2.3"], allowed) == "10.1.2.3"


def test_the_operators_list_opens_its_networks_and_no_other() -> None:
    """An intranet receiver is possible; its neighbours stay closed."""
    allowed = DestinationRules(refused=RULES.refused, allowed=(ip_network("10.1.0.0/16"), ip_network("fd00::/64")))
    assert choose_address(TARGET, ["10.1.2.3"], allowed) == "10.1.2.3"
    assert choose_address(TARGET, ["fd00::5"], allowed) == "fd00::5"
    for address in ("10.2.0.1", "127.0.0.1", "fd01::5"):
        with pytest.raises(DestinationRefused):
            choose_address(TARGET, [address], allowed)


@given(st.ip_addresses())
def test_nothing_that_is_not_global_is_ever_chosen(address: Any) -> None:
    """Python's own table of special addresses agrees for every address there is."""
    try:
        choose_address(TARGET, [str(address)], RULES)
    except DestinationRefused:
        return
    inner = getattr(address, "ipv4_mapped", None) or address
    assert inner.is_global
    assert not inner.is_multicast
