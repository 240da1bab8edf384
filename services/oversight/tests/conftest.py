"""An oversight service on SQLite or PostgreSQL, with a clock that stands still and tokens of our own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gongzheng.clock import FixedClock
from gongzheng.db.migrate import migrate
from gongzheng.runtime import Service
from oversight.bootstrap import bootstrap
from services.oversight.tests.house import NOW, House, settings_for


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 23 November 2026, ten in the morning in Shanghai."""
    return FixedClock(NOW)


@pytest.fixture
def open_house(clock: FixedClock) -> Iterator[Callable[..., House]]:
    """Opens a service over a database address, migrated; closed after the test."""
    opened: list[Service] = []

    def open_(url: str, **changed: Any) -> House:
        service = bootstrap(settings_for(url, **changed), clock=clock)
        opened.append(service)
        migrate(service.database, service.migrations)
        return House(service, clock, url)

    yield open_
    for service in opened:
        service.database.close()
        getattr(service.database, "close_all", lambda: None)()


@pytest.fixture
def house(open_house: Callable[..., House], tmp_path: Path) -> House:
    """A service on SQLite."""
    return open_house(f"sqlite:///{tmp_path}/oversight.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest, open_house: Callable[..., House], tmp_path: Path) -> House:
    """The same service on each of the two databases."""
    sqlite = f"sqlite:///{tmp_path}/oversight.db"
    return open_house(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_database"))
