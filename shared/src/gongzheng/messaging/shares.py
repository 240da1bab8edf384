"""How many partitions each worker of a service works on, and who should let one go.

The broker gives a queue to whoever came first, so a worker that starts alone has everything and keeps it. The workers
therefore tell each other their shares, where all of them look anyway: in the list of the service's database sessions.
What is told there is gone with the session, hence with its worker.
"""

import secrets
from typing import Any

import psycopg

from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging.outbox import open_session

_OTHERS = (
    "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user"
    " AND pid <> pg_backend_pid() AND starts_with(application_name, %s)"
)


class Shares:
    """One worker's view. Only one thread uses it; on SQLite, where a service is one process, there is nobody else."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._id = secrets.token_hex(4)
        self._prefix = f"gongzheng {mechanism.service} shares "
        self._session: psycopg.Connection[Any] | None = None

    def has_too_many(self, mine: int) -> bool:
        """Tell that we work on so many partitions, and hear whether we are the one who should let one go.

        Only whoever has most, and only when somebody has at least two fewer: then it becomes more even.

        Raises:
            psycopg.Error: when the database is away.
        """
        others = self._exchange(mine)
        return bool(others) and mine >= min(others)[0] + 2 and (mine, self._id) > max(others)

    def close(self) -> None:
        """Say nothing any more."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _exchange(self, mine: int) -> list[tuple[int, str]]:
        if not self._mechanism.postgresql:
            return []
        if self._session is None or self._session.closed:
            self._session = open_session(self._mechanism, f"shares {self._id} {mine}")
        else:
            name = f"{self._prefix}{self._id} {mine}"
            self._session.execute("SELECT set_config('application_name', %s, false)", (name,))
        told = [
            str(row[0]).removeprefix(self._prefix).split() for row in self._session.execute(_OTHERS, (self._prefix,))
        ]
        return [(int(count), worker) for worker, count in told]
