"""Contact points: what counts as an address, how it is masked, and which news are believed."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.domain.contact import ContactPoint, mask, usable_email, usable_language

pytestmark = pytest.mark.req("N-09")

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["zhang.san@example.cn", "a+b@x-y.example", "o'hara@example.org", "a@localhost"])
def test_plain_addresses_are_usable(text: str) -> None:
    """What an envelope line can hold."""
    assert usable_email(text) == text


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "nobody", "a@b@c", "a b@example.cn", "a@example.cn\r\nBcc: x@y.cn", "<a@example.cn>", "a@", "@b.cn",
     "张三@example.cn", "a@exa mple.cn", f"{'a' * 65}@example.cn", f"a@{'b' * 64}.cn", "a@" + "b." * 130 + "cn"],
)  # fmt: skip
def test_anything_else_is_no_address_and_is_not_repaired(text: object) -> None:
    """A guess could tell the wrong person."""
    assert usable_email(text) is None


@pytest.mark.parametrize(
    ("text", "language"), [("zh", "zh"), ("en", "en"), ("de", "both"), (None, "both"), (1, "both")]
)
def test_an_unknown_language_means_both(text: object, language: str) -> None:
    """The recipient can read one of them."""
    assert usable_language(text) == language


@pytest.mark.parametrize(
    ("address", "shown"),
    [("zhang.san@example.cn", "z***@e***.cn"), ("a@localhost", "a***@l***"), ("b@mail.gov.cn", "b***@m***.cn")],
)
def test_an_address_is_masked_beyond_use(address: str, shown: str) -> None:
    """Enough to recognise, too little to write to."""
    assert mask(address) == shown


def point() -> ContactPoint:
    """A known, verified address."""
    return ContactPoint(
        id="1", party_id="P1", channel="email", address="a@b.cn", language="zh", learnt_from="E1", as_of=NOW,
        verified_at=NOW,
    )  # fmt: skip


def test_an_older_event_never_overwrites_a_newer_one() -> None:
    """Events of different cases arrive in any order."""
    known = point()
    assert not known.learn(address="old@b.cn", language="en", learnt_from="E0", as_of=NOW - timedelta(days=1))
    assert known.address == "a@b.cn"


def test_a_newer_event_is_believed_and_a_new_address_is_unverified() -> None:
    """Verification belongs to the address, not to the person."""
    known = point()
    assert known.learn(address="new@b.cn", language="zh", learnt_from="E2", as_of=NOW + timedelta(days=1))
    assert (known.address, known.verified_at, known.learnt_from) == ("new@b.cn", None, "E2")


def test_the_same_news_again_keeps_the_verification() -> None:
    """Nothing changed but the date."""
    known = point()
    assert not known.learn(address="a@b.cn", language="zh", learnt_from="E2", as_of=NOW + timedelta(days=1))
    assert known.verified_at == NOW
