"""The ciphers: what is sealed opens for its own complaint only; every look-up costs the same."""

from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.exceptions import InvalidTag

from oversight.adapters import codes
from oversight.adapters.codes import EVALUATIONS_MIN, CodeBook
from oversight.adapters.vault import UnknownMasterKey, Vault
from oversight.settings import key_from, master_keys_from
from services.oversight.tests.house import settings_for

OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32, "old": b"o" * 32}
CONTENT = {"text": "过期牛奶", "about": ""}


@pytest.mark.req("O-01")
def test_a_sealed_part_opens_again_and_is_unreadable_closed() -> None:
    """Neither the words nor the data key stand in what is kept."""
    sealed = Vault(OLD).seal("c", "content", CONTENT)
    assert Vault(OLD).open("c", "content", sealed) == CONTENT
    assert "过期" not in "".join(vars(sealed).values())


@pytest.mark.req("O-01")
def test_each_report_has_a_key_of_its_own() -> None:
    """The same words sealed twice share neither key nor ciphertext."""
    vault = Vault(OLD)
    first, second = vault.seal("c", "content", CONTENT), vault.seal("c", "content", CONTENT)
    assert first.wrapped_key != second.wrapped_key
    assert first.ciphertext != second.ciphertext


@pytest.mark.req("O-01")
@pytest.mark.parametrize("place", [("other", "content"), ("c", "identity")])
def test_a_row_moved_to_another_complaint_or_part_does_not_open(place: tuple[str, str]) -> None:
    """What is sealed is bound to where it belongs."""
    sealed = Vault(OLD).seal("c", "content", CONTENT)
    with pytest.raises(InvalidTag):
        Vault(OLD).open(*place, sealed)


@pytest.mark.req("O-01")
@pytest.mark.parametrize("field", ["wrapped_key", "ciphertext"])
def test_a_changed_byte_is_noticed(field: str) -> None:
    """Authenticated encryption."""
    sealed = Vault(OLD).seal("c", "content", CONTENT)
    text = getattr(sealed, field)
    broken = sealed.__class__(**(vars(sealed) | {field: text[:30] + ("A" if text[30] != "A" else "B") + text[31:]}))
    with pytest.raises(InvalidTag):
        Vault(OLD).open("c", "content", broken)


@pytest.mark.req("O-01")
def test_the_length_of_what_is_sealed_tells_nothing() -> None:
    """A short name and a long one look alike."""
    vault = Vault(OLD)
    lengths = {len(vault.seal("c", "identity", {"name": name}).ciphertext) for name in ("王", "欧阳" * 20)}
    assert len(lengths) == 1


@pytest.mark.req("O-01")
def test_a_master_key_is_retired_by_wrapping_anew() -> None:
    """The ciphertext is not touched; afterwards the old key is not needed."""
    sealed = Vault(OLD).seal("c", "content", CONTENT)
    wrapped = Vault(NEW).rewrap("c", "content", sealed)
    assert wrapped.key_id == "new"
    assert wrapped.ciphertext == sealed.ciphertext
    assert Vault({"new": b"n" * 32}).open("c", "content", wrapped) == CONTENT
    with pytest.raises(UnknownMasterKey):
        Vault({"new": b"n" * 32}).open("c", "content", sealed)


@pytest.mark.req("O-01")
def test_a_code_is_proved_by_its_own_hash_only() -> None:
    """And only under the key of the settings."""
    book, other = CodeBook(b"k" * 32), CodeBook(b"x" * 32)
    hashes = [book.hash("1" * 16), book.hash("2" * 16), book.hash("3" * 16)]
    assert book.which("2" * 16, hashes) == 1
    assert book.which("4" * 16, hashes) is None
    assert other.which("2" * 16, hashes) is None
    assert book.hash("1" * 16) != hashes[0]
    assert hashes[0].startswith("$argon2id$")
    assert "1111" not in hashes[0]


@pytest.mark.req("O-01")
def test_the_prefix_is_keyed_and_too_short_to_stand_for_a_code() -> None:
    """24 bits: thousands of millions of codes share each prefix."""
    assert len(CodeBook(b"k" * 32).prefix("1" * 16)) == 6
    assert CodeBook(b"k" * 32).prefix("1" * 16) != CodeBook(b"x" * 32).prefix("1" * 16)


@pytest.mark.req("O-01")
@pytest.mark.parametrize("case", ["right", "wrong", "nothing there", "second of two"])
def test_every_look_up_costs_the_same_slow_hashes(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right, wrong or unknown: the time an answer takes tells nothing."""
    evaluated = []

    class Counting(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002 the library's own name
            evaluated.append(1)
            return super().verify(hash, password)

    monkeypatch.setattr(codes, "PasswordHasher", Counting)
    book = CodeBook(b"k" * 32)
    mine, other = book.hash("1" * 16), book.hash("2" * 16)
    hashes = {"right": [mine], "wrong": [other], "nothing there": [], "second of two": [other, mine]}[case]
    book.which("1" * 16, hashes)
    assert len(evaluated) == EVALUATIONS_MIN


def test_keys_in_the_settings_are_read_strictly() -> None:
    """A short, doubled or nameless key would weaken every report."""
    text = "bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0"
    assert key_from(text) == b"m" * 32
    assert list(master_keys_from(f"new:{text}, old:{text}")) == ["new", "old"]
    for wrong in ("", text, "a:short", f"a:{text},a:{text}", f"a b:{text}"):
        with pytest.raises(ValueError, match=r"must|names"):
            master_keys_from(wrong)


def test_settings_do_not_print_their_secrets() -> None:
    """They turn up in the text of failures."""
    shown = repr(settings_for("sqlite:////nowhere.db"))
    assert "mmmm" not in shown
    assert "cccc" not in shown
