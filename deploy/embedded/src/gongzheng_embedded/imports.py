"""Where ``gongzheng import`` puts old cases in the one-process mode, and how their accounts come out in fees."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cases.bootstrap import bootstrap_from_env
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.runtime import Service
from gongzheng_embedded.environment import Deployment, environ
from gongzheng_embedded.folder import DataFolder, FolderInUse
from gongzheng_embedded.people import SERVICES
from gongzheng_embedded.suite import Suite

_SETTLED_WITHIN_S = 600
_LOOK_S = 0.1


class Target:
    """The cases service of a data folder; ``settle`` waits until fees has opened every account."""

    def __init__(self, cases: Service) -> None:
        self._cases = cases

    def unit_of_work(self) -> Any:
        """A unit of work of the cases service."""
        return self._cases.uow_factory(SYSTEM)

    def settle(self) -> dict[str, Any]:
        """Wait until every event so far has been taken in by whoever follows it; how many are left after a while."""
        mechanism = self._cases.mechanism
        mechanism.ensure_connected()
        deadline = time.monotonic() + _SETTLED_WITHIN_S
        while True:
            row = mechanism.execute("SELECT count(*) FROM outbox WHERE published_at IS NULL").fetchone()
            if not row[0] or time.monotonic() > deadline:
                return {"events_waiting": row[0]}
            time.sleep(_LOOK_S)


@contextmanager
def open_suite(data: Path) -> Iterator[Target]:
    """The suite of a data folder; when one is running on it, only its cases, and the running one does the rest."""
    folder = DataFolder(data)
    try:
        with Suite(folder) as suite:
            yield Target(suite.composition.services["cases"])
    except FolderInUse:
        with environ(_beside(folder).environment("cases")):
            cases = bootstrap_from_env()
        yield Target(cases)
        cases.database.close()


def _beside(folder: DataFolder) -> Deployment:
    """As the running suite's deployment, for a process that only writes: it answers nobody and verifies no token."""
    nowhere = dict.fromkeys(SERVICES, "http://127.0.0.1")
    return Deployment(
        folder=folder,
        databases={name: folder.database_url(name) for name in SERVICES},
        public_urls=nowhere,
        issuer="nobody",
        jwks='{"keys": []}',
        mail_host="127.0.0.1",
        mail_port=1,
        embedded=True,
    )
