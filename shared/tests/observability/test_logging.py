"""Logs are JSON with static names and fields; personal data and secrets do not get in."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gongzheng.observability.logging import FORBIDDEN_KEYS, REDACTED, configure_logging

pytestmark = pytest.mark.req("X-08")


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged so far, parsed; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    configure_logging("INFO")
    stream = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.configure(**config)
    structlog.contextvars.clear_contextvars()


def test_a_line_is_json_with_its_name_level_and_moment(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """And with what is bound to the request."""
    structlog.contextvars.bind_contextvars(request_id="r1", trace_id="t1")
    structlog.stdlib.get_logger("here").info("case_filed", case_id="01H", count=2)
    (line,) = lines()
    assert (line["event"], line["level"], line["case_id"], line["count"]) == ("case_filed", "info", "01H", 2)
    assert (line["request_id"], line["trace_id"], line["logger"]) == ("r1", "t1", "here")
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("key", sorted(FORBIDDEN_KEYS))
def test_personal_data_and_secrets_are_left_out(lines: Callable[[], list[dict[str, Any]]], key: str) -> None:
    """At any depth, whatever the value."""
    logger = structlog.stdlib.get_logger()
    logger.info("something_happened", **{key: "王小明 13800000000"})
    logger.info("something_happened", inner={"deep": [{key.upper(): "王小明 13800000000"}]})
    assert lines()[0][key] == REDACTED
    assert "王小明" not in str(lines())


def test_objects_are_named_and_not_printed(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """An object's text may be anything."""

    class Party:
        def __repr__(self) -> str:
            return "王小明"

    structlog.stdlib.get_logger().info("something_happened", party=Party())
    assert lines()[0]["party"] == "<Party>"


def test_a_name_that_is_a_sentence_is_not_let_through(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Values belong in fields, where they can be checked."""
    structlog.stdlib.get_logger().info("Case of 王小明 filed")
    assert lines()[0]["event"] == "unnamed_event"


def test_an_error_tells_where_and_not_what(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Drivers quote the row that they choke on."""

    def write() -> None:
        raise ValueError("Key (email)=(wang@example.com) already exists")

    try:
        write()
    except ValueError:
        structlog.stdlib.get_logger().exception("write_failed")
    (line,) = lines()
    assert line["exception"]["kind"] == "ValueError"
    assert any("test_logging" in frame for frame in line["exception"]["frames"])
    assert "wang@example.com" not in str(line)


def test_the_lines_of_libraries_are_json_too(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Their text stands under message."""
    logging.getLogger("some.library").warning("pool of %d is full", 3)
    (line,) = lines()
    assert (line["event"], line["message"], line["logger"]) == ("library_message", "pool of 3 is full", "some.library")
