"""The effect of a message in the peers: the row that our inbox gets, one committed insert by psycopg per message."""

import os
import threading
from typing import Any

import psycopg

_INSERT = (
    "INSERT INTO peer_inbox (event_id, lane, sequence, type, received_at) VALUES (%s, %s, %s, %s, now()::text)"
    " ON CONFLICT DO NOTHING"
)
_local = threading.local()


def take_effect(event_id: str, lane: str, sequence: int, type_: str) -> None:
    """Insert and commit; the connection stays open with its thread."""
    connection: psycopg.Connection[Any] | None = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = psycopg.connect(os.environ["PEER_DSN"])
    connection.execute(_INSERT, (event_id, lane, sequence, type_))
    connection.commit()
