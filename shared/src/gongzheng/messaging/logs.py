"""Where a producer's log can be read: its feed over HTTP, its database, or a file with one event per line."""

import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from gongzheng.db.connect import ensure_connected, is_postgresql, open_database
from gongzheng.messaging.feed import PAGE_MAX
from gongzheng.messaging.projection import Log

TIMEOUT_S = 10
BYTES_MAX = 134_217_728
_HTTP_PAGE = 100
_DATABASES = ("postgresql://", "postgres://", "sqlite://")


def log_at(where: str, stream: str, token_file: str = "") -> Log:
    """The log of one stream at an http(s) address of a service, at the address of its database, or in a file.

    A database address is for an operator who may read the producer's database; the events are checked all the same.

    Raises:
        OSError: when a file cannot be read.
        ValueError: when the database's address has an unknown form.
    """
    if where.startswith(("http://", "https://")):
        return http_log(where, stream, token_file)
    if where.startswith(_DATABASES):
        return database_log(where, stream)
    return file_log(Path(where), stream)


def http_log(base_url: str, stream: str, token_file: str) -> Log:
    """A producer's ``/api/v1/events`` by position; the token is read at each use, so that it may be renewed."""

    def read(cursor: Any) -> tuple[list[str], Any]:
        query = {"stream": stream, "limit": _HTTP_PAGE} | ({"after": cursor} if cursor else {})
        address = f"{base_url.rstrip('/')}/api/v1/events?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(address)  # noqa: S310 an http(s) address, see log_at
        if token_file:
            request.add_header("Authorization", f"Bearer {Path(token_file).read_text(encoding='utf-8').strip()}")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 as above
            page = json.loads(answer.read(BYTES_MAX))
        return [json.dumps(item, ensure_ascii=False) for item in page["items"]], page["next_cursor"] or cursor

    return read


def database_log(url: str, stream: str) -> Log:
    """The outbox of a producer by position; nothing is written there."""
    database = open_database(url, max_connections=1)
    mark = "%s" if is_postgresql(database) else "?"
    sql = (
        f"SELECT position, body FROM outbox WHERE position > {mark} AND stream = {mark}"  # noqa: S608 only marks are joined in
        f" ORDER BY position LIMIT {PAGE_MAX}"
    )

    def read(cursor: Any) -> tuple[list[str], Any]:
        ensure_connected(database)
        rows = database.execute_sql(sql, (cursor or 0, stream)).fetchall()
        database.close()
        getattr(database, "close_all", lambda: None)()  # a pool would keep the producer's connection
        return [row[1] for row in rows], rows[-1][0] if rows else cursor

    return read


def file_log(path: Path, stream: str) -> Log:
    """CloudEvents JSON, one per line, of which those of the stream count; each aggregate in the order of its sequence.

    Raises:
        OSError: when it cannot be read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    bodies = [line for line in lines if line.strip() and json.loads(line).get("stream") == stream]

    def read(cursor: Any) -> tuple[list[str], Any]:
        start = cursor or 0
        page = bodies[start : start + PAGE_MAX]
        return page, start + len(page)

    return read
