"""Who of several workers does the work now: the relay that leads, the consumer to whom a queue is given."""

import random
from typing import LiteralString
from urllib.parse import quote

import psycopg

from tests.support.rabbitmq import RabbitServer

TIMEOUT_S = 3
# The leader's session is named for its purpose and holds an advisory lock, which those that wait do not.
_LEADER: LiteralString = (
    "SELECT a.client_port FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid WHERE l.locktype = 'advisory'"
    " AND l.granted AND a.datname = current_database() AND a.application_name LIKE 'gongzheng % relay%'"
)


def relay_leader(database: str) -> int | None:
    """The port from which the leading relay calls its database; None when nobody leads.

    Raises:
        psycopg.Error: when the database is away.
    """
    with psycopg.connect(database, connect_timeout=TIMEOUT_S) as connection:
        row = connection.execute(_LEADER).fetchone()
    return int(row[0]) if row else None


def active_consumer(node: RabbitServer, vhost: str, service: str, chance: random.Random) -> tuple[str, int | None]:
    """One of a service's queues, and the port from which its active consumer calls the broker; None without one.

    Raises:
        OSError: when the node does not answer in time.
    """
    here = quote(vhost, safe="")
    queues = node.api("GET", f"/queues/{here}?columns=name", timeout_s=TIMEOUT_S)
    queue = chance.choice(sorted(q["name"] for q in queues if q["name"].startswith(f"{service}.inbox.")))
    told = node.api("GET", f"/queues/{here}/{queue}", timeout_s=TIMEOUT_S)
    ports = [c["channel_details"].get("peer_port") for c in told.get("consumer_details", ()) if c.get("active")]
    return queue, next((int(port) for port in ports if port), None)
