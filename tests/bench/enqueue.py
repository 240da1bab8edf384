"""Enqueue with the suite, as ``tests.bench.peers.enqueue`` does with a peer: ``… URL COUNT EVENTS_PER_COMMIT``.

Commits one event to be warm, says "ready", waits for a line, then emits the rest as fast as it goes.
"""

import sys

from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.ids import new_id
from tests.bench import ours
from tests.bench.events import reported


def main(url: str, count: int, per_commit: int) -> None:
    """Emit ``count`` events in all, each about a case of its own."""
    mechanism = ours.open_service(url, "cases")

    def commit(events: int) -> None:
        with UnitOfWork(mechanism) as uow:
            for _ in range(events):
                case_id = new_id()
                uow.emit(case_id, reported(case_id), first=True)

    commit(1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for start in range(1, count, per_commit):
        commit(min(per_commit, count - start))
    ours.close(mechanism.database)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
