"""Payment codes: what the payer shows the collecting agent; check digits catch what fingers get wrong."""

from collections.abc import Callable

from fees.domain.rules import PaymentCodeRule

CHECK_DIGITS = 2
_MODULUS = 97


def make(rule: PaymentCodeRule, random_digits: Callable[[int], str]) -> str:
    """A fresh code of ``rule.length`` digits: prefix, random digits that nobody can guess, two check digits.

    ``random_digits(n)`` must give n decimal digits from a cryptographic source.
    """
    body = rule.prefix + random_digits(rule.length - len(rule.prefix) - CHECK_DIGITS)
    return body + _check(body)


def well_formed(rule: PaymentCodeRule, code: str) -> bool:
    """Whether the code has the right length and prefix and its check digits are right (ISO 7064, MOD 97-10)."""
    if len(code) != rule.length or not (code.isascii() and code.isdecimal()) or not code.startswith(rule.prefix):
        return False
    return int(code) % _MODULUS == 1


def _check(body: str) -> str:
    return f"{(1 - int(body) * 100) % _MODULUS:02d}"
