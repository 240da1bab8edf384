"""Money is an integer number of minor units (fen, cents); it is never a float."""

import re
from itertools import pairwise

_AMOUNT = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?", re.ASCII)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
MINOR_PER_MAJOR = 100


def parse_minor(text: str) -> int:
    """Read an amount in major units ("115", "94.98") as minor units (11500, 9498).

    Raises:
        ValueError: when the text is not a plain decimal number with at most two places.
    """
    clean = text.strip()
    if not _AMOUNT.fullmatch(clean):
        raise ValueError(f"not an amount: {text!r}")
    sign = -1 if clean.startswith("-") else 1
    whole, _, fraction = clean.lstrip("-").partition(".")
    return sign * (int(whole) * MINOR_PER_MAJOR + int(fraction.ljust(2, "0") or 0))


def format_minor(amount: int) -> str:
    """Write minor units as major units with two places: 9498 → "94.98"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // MINOR_PER_MAJOR}.{abs(amount) % MINOR_PER_MAJOR:02d}"


def _group_in_words(group: int) -> str:
    """One group of four digits in capital numerals (大写), inner zeros once."""
    digits = [int(d) for d in f"{group:04d}"]
    words = "".join(
        (_DIGITS[d] + _PLACES[3 - i]) if d else ("零" if i and digits[i - 1] else "") for i, d in enumerate(digits)
    )
    return words.rstrip("零")


def yuan_in_words(fen: int) -> str:
    """An amount in capital numerals (大写金额) as receipts and decisions write it: 150050 → 壹仟伍佰元伍角整.

    Raises:
        ValueError: for a negative amount or one of 10^16 yuan or more.
    """
    if not 0 <= fen < 10**18:
        raise ValueError(f"cannot be written in words: {fen}")
    yuan, rest = divmod(fen, MINOR_PER_MAJOR)
    groups = []
    while yuan:
        yuan, group = divmod(yuan, 10_000)
        groups.append(group)
    parts = [""]
    for index, group in reversed(list(enumerate(groups))):
        if group:
            filler = "零" if parts[-1] and group < 1000 else ""  # noqa: PLR2004 a missing thousand is read as zero
            parts.append(filler + _group_in_words(group) + _GROUPS[index])
        elif parts[-1]:
            parts.append("零")
    joined = "".join(part for part, following in pairwise([*parts, ""]) if not (part == following == "零"))
    joined = re.sub("零+", "零", joined).rstrip("零")
    words = (joined + "元") if joined else ""
    jiao, fen_left = divmod(rest, 10)
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif fen_left and words:
        words += "零"
    if fen_left:
        return words + _DIGITS[fen_left] + "分"
    return (words or "零元") + "整"
