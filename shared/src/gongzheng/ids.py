"""Identifiers: ULID text, 26 characters, sortable by the moment they were made."""

from ulid import ULID


def new_id() -> str:
    """A fresh identifier: 26 characters of Crockford base 32, time-ordered to the millisecond."""
    return str(ULID())
