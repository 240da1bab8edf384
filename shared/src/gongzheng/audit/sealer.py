"""Seals audit rows after they were committed: gives them their place in the chain, and signs checkpoints.

The unit of work appends rows unsealed, because a chain within the transaction would make every writer wait for every
other. The sealer runs as a timer of the worker; any number of workers may run it, one at a time does the work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from gongzheng.audit.chain import FIELDS, checkpoint_bytes, genesis, row_hash
from gongzheng.db.mechanism import Mechanism, iso

BATCH_ROWS = 500
BATCHES_MAX = 20  # one run seals at most 10,000 rows, so that a backlog does not hold the timer for long
CHECKPOINT_ROWS = 1_000
CHECKPOINT_EVERY_S = 300
_LOCK = (0x6175, 1)  # keeps our advisory lock apart from those of migrations and timers


class Sealer:
    """Seals the audit trail of one service.

    A checkpoint is signed when ``checkpoint_rows`` rows or ``checkpoint_every_s`` seconds have passed since the last
    one and something new was sealed. Without a signer rows are chained and no checkpoint is written.
    """

    def __init__(
        self,
        mechanism: Mechanism,
        *,
        batch_rows: int = BATCH_ROWS,
        checkpoint_rows: int = CHECKPOINT_ROWS,
        checkpoint_every_s: int = CHECKPOINT_EVERY_S,
    ) -> None:
        self._mechanism, self._batch_rows = mechanism, batch_rows
        self._checkpoint_rows, self._checkpoint_every = checkpoint_rows, timedelta(seconds=checkpoint_every_s)

    def seal(self) -> int:
        """Seal what is waiting, oldest first; the number of rows sealed, 0 also when another worker is at it."""
        total = 0
        for _ in range(BATCHES_MAX):
            sealed = self._alone(self._seal_batch)
            total += sealed
            if sealed < self._batch_rows:
                break
        return total

    def _alone(self, work: Callable[[], int]) -> int:
        with self._transaction() as got:
            return work() if got else 0

    @contextmanager
    def _transaction(self) -> Iterator[bool]:
        """A transaction, and whether this worker is the only sealer while it lasts."""
        self._mechanism.ensure_connected()
        # SQLite has one writer: taking the write lock at once is the lock.
        kind = () if self._mechanism.postgresql else ("IMMEDIATE",)
        with self._mechanism.database.atomic(*kind):
            if not self._mechanism.postgresql:
                yield True
                return
            yield bool(self._mechanism.execute("SELECT pg_try_advisory_xact_lock(?, ?)", _LOCK).fetchone()[0])

    def _seal_batch(self) -> int:
        position, previous = self._head()
        rows = self._mechanism.execute(
            f"SELECT id, {', '.join(FIELDS)} FROM audit WHERE position IS NULL ORDER BY id LIMIT ?",  # noqa: S608 constants
            (self._batch_rows,),
        ).fetchall()
        values: list[Any] = []
        for row_id, *content in rows:
            position += 1
            mine = row_hash(position, previous, dict(zip(FIELDS, content, strict=True)))
            values += [row_id, position, previous, mine]
            previous = mine
        if rows:
            self._write(values, len(rows))
        self._checkpoint_if_due(position, previous)
        return len(rows)

    def _head(self) -> tuple[int, str]:
        """Where the chain ends. A checkpoint beyond the last row means that rows were taken away: go on after it, so
        that the gap stays to be seen.
        """  # noqa: D205 one thought
        last = self._mechanism.execute(
            "SELECT position, hash FROM audit WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
        ).fetchone()
        seal = self._mechanism.execute(
            "SELECT position, hash FROM audit_checkpoint ORDER BY position DESC LIMIT 1"
        ).fetchone()
        position, previous = max(
            (found for found in (last, seal) if found), default=(0, ""), key=lambda found: found[0]
        )
        return (int(position), str(previous)) if position else (0, genesis(self._mechanism.service))

    def _write(self, values: list[Any], count: int) -> None:
        marks = ", ".join(["(?, ?, ?, ?)"] * count)
        self._mechanism.execute(
            f"WITH sealed (id, position, prev_hash, hash) AS (VALUES {marks})"  # noqa: S608 only marks are joined in
            " UPDATE audit SET position = CAST(sealed.position AS bigint), prev_hash = sealed.prev_hash,"
            " hash = sealed.hash FROM sealed WHERE audit.id = CAST(sealed.id AS bigint) AND audit.position IS NULL",
            values,
        )

    def _checkpoint_if_due(self, position: int, head: str) -> None:
        signer, now = self._mechanism.signer, self._mechanism.clock.now()
        last = self._mechanism.execute(
            "SELECT position, sealed_at FROM audit_checkpoint ORDER BY position DESC LIMIT 1"
        ).fetchone()
        covered, at = (int(last[0]), datetime.fromisoformat(last[1])) if last else (0, None)
        due = position - covered >= self._checkpoint_rows or at is None or now - at >= self._checkpoint_every
        if signer is None or position <= covered or not due:
            return
        checkpoint = {"position": position, "hash": head, "sealed_at": iso(now), "key_id": signer.key_id}
        signature = signer.sign(checkpoint_bytes(self._mechanism.service, checkpoint))
        self._mechanism.execute(
            "INSERT INTO audit_checkpoint (position, hash, sealed_at, key_id, signature) VALUES (?, ?, ?, ?, ?)",
            (*checkpoint.values(), signature),
        )
