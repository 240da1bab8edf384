"""Money in minor units, read and written exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzheng.money import format_minor, parse_minor, yuan_in_words


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_an_amount_written_is_the_amount_read(amount: int) -> None:
    """Formatting and parsing are inverse to each other."""
    assert parse_minor(format_minor(amount)) == amount


@pytest.mark.parametrize("text", ["", "1,5", "1.234", "1e3", "¥5", "--1", "1.", "NaN", "１"])
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="not an amount"):
        parse_minor(text)


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (10_050, "壹佰元伍角整"),
        (150_050, "壹仟伍佰元伍角整"),
        (1_000_000, "壹万元整"),
        (1_000_500, "壹万零伍元整"),
        (10_000_000, "壹拾万元整"),
        (100_010_001, "壹佰万零壹佰元零壹分"),
        (2_000_000_000_000, "贰佰亿元整"),
        (123_456_789_012, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
    ],
)
def test_amounts_in_capital_numerals(fen: int, words: str) -> None:
    """As receipts and decisions write them."""
    assert yuan_in_words(fen) == words
