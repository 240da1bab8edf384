"""Tests that bring the containers up: run by `make compose-story`, where there is an engine."""

import os
from collections.abc import Iterator

import pytest

from tests.containers.engine import ContainerSuite

# Asked for and never guessed: `make test` must mean the same everywhere, and a broken engine must not look like none.
collect_ignore_glob = [] if os.environ.get("GONGZHENG_CONTAINERS") else ["test_*.py"]


@pytest.fixture(scope="session")
def suite() -> Iterator[ContainerSuite]:
    """The suite in containers, as `make up` leaves it."""
    with ContainerSuite() as running:
        yield running
