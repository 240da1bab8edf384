"""Telling an outage (try the same again later) from a fault of the message (park its lane), and describing both."""

import sqlite3
from collections.abc import Iterator
from itertools import islice

import peewee
import psycopg
from playhouse.pool import MaxConnectionsExceeded

# Connection lost, out of resources, the server is stopping or has become a standby, or this transaction was chosen to
# end a deadlock: no message is to blame.
_POSTGRESQL_OUTAGES = ("08", "40", "53", "57P", "58", "25006")
_LOCK_TIMEOUT = "55P03"
_SQLITE_OUTAGES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")
_CHAIN_MAX = 8
_REPR_CHARACTERS_MAX = 300


class Outage(RuntimeError):
    """Something the work stands on is away for now: the broker, a transport, a feed."""


def is_outage(error: BaseException) -> bool:
    """Whether trying the very same again later is the right answer, whatever the message says."""
    return any(_is_outage(link) for link in islice(_chain(error), _CHAIN_MAX))


def is_lock_timeout(error: BaseException) -> bool:
    """Whether a lock did not come free in time."""
    return any(getattr(link, "sqlstate", None) == _LOCK_TIMEOUT for link in islice(_chain(error), _CHAIN_MAX))


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, (Outage, MaxConnectionsExceeded, peewee.InterfaceError, psycopg.InterfaceError)):
        return True
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:
            # No code at all: the driver, not the server, noticed that the connection is gone.
            return isinstance(error, psycopg.OperationalError)
        return error.sqlstate.startswith(_POSTGRESQL_OUTAGES)
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorname", "").startswith(_SQLITE_OUTAGES)
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        # peewee wraps the driver's errors without "from": the original is the context.
        link = link.__cause__ or link.__context__


def describe(error: BaseException, *, with_text: bool = False) -> str:
    """The class of an error and its code, if it has one; its text only on request, because texts may name people."""
    name, code = type(error).__name__, getattr(error, "code", None) or getattr(error, "sqlstate", None)
    short = f"{name} {code}" if isinstance(code, str) and code else name
    return f"{short}: {str(error)[:_REPR_CHARACTERS_MAX]}" if with_text else short
