"""Randomness from the operating system, for codes that must not be guessed."""

import secrets


class SystemChance:
    """Draws from the operating system's cryptographic source."""

    def digits(self, count: int) -> str:
        """So many random decimal digits."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def choose(self, alphabet: str) -> str:
        """One letter of the alphabet."""
        return secrets.choice(alphabet)
