"""Codes with a check: the unified social credit code of organisations, the code of a region."""

import re

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(f"[{_ALPHABET}]{{18}}")
_REGION = re.compile(r"\d{6}", re.ASCII)
MODULUS = 31


def credit_code_valid(code: str) -> bool:
    """Whether 18 characters are a unified social credit code (GB 32100): weights 3^i mod 31, check digit last.

    All prefixes are accepted: libraries that list the authorities reject some that exist (A1, N1, Y1).
    """
    if not _CODE.fullmatch(code):
        return False
    total = sum(_ALPHABET.index(letter) * pow(3, place, MODULUS) for place, letter in enumerate(code[:17]))
    return _ALPHABET[-total % MODULUS] == code[17]


def region_code_valid(code: str) -> bool:
    """Whether a text has the form of a region code (GB/T 2260): six digits."""
    return bool(_REGION.fullmatch(code))
