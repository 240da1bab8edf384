"""The tracking code: sixteen digits, random, forgiving to type."""

import pytest

from oversight.domain.tracking import clean_code, draw_code, grouped


@pytest.mark.req("O-01")
def test_codes_are_sixteen_digits_and_do_not_repeat() -> None:
    """Leading zeros are kept."""
    codes = {draw_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 16 and code.isdecimal() and code.isascii() for code in codes)
    assert any(code.startswith("0") for code in codes)


@pytest.mark.req("O-01")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1234 5678 9012 3456", "1234567890123456"),
        (" 1234-5678-9012-3456\n", "1234567890123456"),
        ("１２３４５６７８９０１２３４５６", "1234567890123456"),
        ("123456789012345", None),
        ("12345678901234567", None),
        ("1234567890123abc", None),
        ("", None),
        ("١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", None),
    ],
)
def test_what_a_person_types_is_read_kindly(typed: str, code: str | None) -> None:
    """Spaces, dashes and full-width digits are forgiven; anything else is no code."""
    assert clean_code(typed) == code


def test_a_code_is_shown_in_groups_of_four() -> None:
    """So that it can be read out and copied."""
    assert grouped("1234567890123456") == "1234 5678 9012 3456"
