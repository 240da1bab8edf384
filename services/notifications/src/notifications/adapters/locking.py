"""Row locks, where the database has them."""

from typing import Any

from gongzheng.db.connect import is_postgresql
from notifications.adapters.tables import proxy


def locked(query: Any) -> Any:
    """The query with its rows locked to the end of the transaction.

    SQLite has one writer at a time, so there the transaction itself is the lock.
    """
    return query.for_update() if is_postgresql(proxy.obj) else query


def locked_skipping(query: Any) -> Any:
    """The same, passing over rows that another worker holds instead of waiting for them."""
    return query.for_update(skip_locked=True) if is_postgresql(proxy.obj) else query
