"""The story over PostgreSQL and RabbitMQ: four services as gunicorn processes, and a worker process beside each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gongzheng_embedded.story.client import eventually
from tests.e2e.checks import check_events, check_figures, settled
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.real import RealSuite, story_on

pytestmark = pytest.mark.real


@pytest.fixture
def suite(tmp_path: Path, postgres_server: PostgresServer, rabbit_server: RabbitServer) -> Iterator[RealSuite]:
    """The suite as it runs for real, with roles and broker users of its own."""
    with RealSuite(tmp_path, postgres_server, rabbit_server) as running:
        yield running


@pytest.mark.req("X-01", "X-02", "X-06", "X-12", "C-10", "C-12", "C-17", "C-19", "C-27", "F-01", "F-02", "F-06")
@pytest.mark.req("N-02", "N-05", "O-01", "O-05", "O-11")
def test_a_case_goes_all_the_way_through_four_services(suite: RealSuite) -> None:
    """The same story as in one process, over real parts; then every event is everywhere, once."""
    told = story_on(suite).play()
    check_figures(told)
    eventually("all events to arrive", lambda: settled(suite.query))
    check_events(suite.query)
