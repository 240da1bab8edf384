"""Keeps tracking codes so that neither the database alone nor the time an answer takes gives one away.

A code is found by a short keyed prefix (HMAC) and proved by an argon2id hash of a keyed digest. The prefix is too short
to stand for the code: should the key leak along with the database, some 600 million argon2id evaluations per report
still stand between the thief and a code. Every look-up costs the same number of evaluations, found or not.
"""

import hashlib
import hmac
from collections.abc import Sequence

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHash

PREFIX_HEX_DIGITS = 6
# More reports than this under one prefix are rare even with a million reports; then the look-up takes one step longer.
EVALUATIONS_MIN = 2
# OWASP's figures for argon2id: 19 MiB, two passes, one lane; some 25 ms, paid by every look-up, right or wrong.
_TIME_COST, _MEMORY_KIB, _PARALLELISM = 2, 19_456, 1


class CodeBook:
    """Hashes and proves tracking codes under one key from the settings."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._hasher = PasswordHasher(time_cost=_TIME_COST, memory_cost=_MEMORY_KIB, parallelism=_PARALLELISM)
        self._decoy = self._hasher.hash(self._digest("decoy", ""))

    def prefix(self, code: str) -> str:
        """Under what a code is filed: 24 bits, in hexadecimal."""
        return self._digest("prefix", code)[:PREFIX_HEX_DIGITS]

    def hash(self, code: str) -> str:
        """The argon2id hash of a code, with its own salt."""
        return self._hasher.hash(self._digest("code", code))

    def which(self, code: str, hashes: Sequence[str]) -> int | None:
        """The index of the hash that belongs to the code, or None, after the same work either way."""
        found = None
        for index, hashed in enumerate([*hashes, *[self._decoy] * max(0, EVALUATIONS_MIN - len(hashes))]):
            if self._proves(hashed, code) and index < len(hashes):
                found = index
        return found

    def _proves(self, hashed: str, code: str) -> bool:
        try:
            return self._hasher.verify(hashed, self._digest("code", code))
        except (Argon2Error, InvalidHash):
            return False

    def _digest(self, purpose: str, code: str) -> str:
        return hmac.new(self._key, f"oversight {purpose} {code}".encode(), hashlib.sha256).hexdigest()
