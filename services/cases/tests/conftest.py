"""Fixtures of the cases service: the same service on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gongzheng.clock import FixedClock
from services.cases.tests.support.service import NOW, Desk, make_service


@pytest.fixture
def clock() -> FixedClock:
    """The clock of the service, standing."""
    return FixedClock(NOW)


@pytest.fixture
def desk(tmp_path: Path, clock: FixedClock) -> Iterator[Desk]:
    """The service on SQLite with the registers loaded."""
    service = make_service(f"sqlite:///{tmp_path}/cases.db", tmp_path / "files", clock)
    desk = Desk(service, clock)
    desk.load_registers()
    yield desk
    service.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[Desk]:
    """The service on either database with the registers loaded."""
    url = (
        f"sqlite:///{tmp_path}/cases.db" if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    )
    service = make_service(url, tmp_path / "files", clock)
    desk = Desk(service, clock)
    desk.load_registers()
    yield desk
    getattr(service.database, "close_all", service.database.close)()


@pytest.fixture
def events(desk: Desk) -> Callable[[], list[str]]:
    """The types of the events that the service has written, in order."""

    def types() -> list[str]:
        rows = desk.service.mechanism.execute("SELECT type FROM outbox ORDER BY id").fetchall()
        return [row[0].removeprefix("cn.gongzheng.cases.").removesuffix(".v1") for row in rows]

    return types
