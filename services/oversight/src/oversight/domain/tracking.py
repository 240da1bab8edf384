"""The tracking code: sixteen digits, drawn at random, shown once, written in groups of four."""

import re
import secrets
import unicodedata

CODE_DIGITS = 16
_CODE = re.compile(r"[0-9]{16}")


def draw_code() -> str:
    """A fresh code of sixteen digits from the system's own randomness."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def grouped(code: str) -> str:
    """The code as people read it: ``1234 5678 9012 3456``."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def clean_code(text: str) -> str | None:
    """What a person typed as sixteen digits, spaces, dashes and full-width digits forgiven; None when it is no code."""
    digits = re.sub(r"[\s\-‐–—.]", "", unicodedata.normalize("NFKC", text))
    return digits if _CODE.fullmatch(digits) else None
