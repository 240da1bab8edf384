import json
from types import SimpleNamespace
from typing import Self

import pytest

from gongzheng import cli

from .conftest import Service, deliveries, lane_of
from .test_relay import FakeBroker

Capture = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.req("X-02"), pytest.mark.parametrize("make_url", ["sqlite"], indirect=True)]


@pytest.fixture
def stuck(cases: Service, fees: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service in which one lane failed, as the command line loads it."""
    cases.note("a", 1, 2)
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies()))
    monkeypatch.setattr(cli, "load_service", lambda _name: SimpleNamespace(name="fees"))
    monkeypatch.setattr("gongzheng.runtime.consumer_of", lambda _service: fees.consumer)
    return fees


@pytest.mark.usefixtures("stuck")
def test_an_operator_sees_what_waits_and_why(capsys: Capture) -> None:
    """As a table for people, as JSON for programs, event by event without what may name people."""
    assert cli.run(["lanes", "list", "fees"]) == 0
    assert "failed" in capsys.readouterr().out
    assert cli.run(["lanes", "list", "fees", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["error"] == "Fault no-such-thing"
    assert cli.run(["lanes", "show", "fees", lane_of("a")]) == 0
    first, second = (json.loads(text) for text in capsys.readouterr().out.splitlines())
    assert (first["sequence"], second["reason"]) == (1, "behind")
    assert "body" not in first
    cli.run(["lanes", "show", "fees", lane_of("a"), "--bodies"])
    assert '"body"' in capsys.readouterr().out


def test_an_operator_retries_until_it_works(stuck: Service, capsys: Capture) -> None:
    """The exit status says whether something still waits."""
    assert cli.run(["lanes", "retry", "fees", lane_of("a")]) == 1
    assert "2 still waiting" in capsys.readouterr().out
    stuck.poison = set()
    assert cli.run(["lanes", "retry", "fees", lane_of("a")]) == 0
    assert stuck.effects("a") == [1, 2]
    cli.run(["lanes", "list", "fees"])
    assert capsys.readouterr().out.endswith("fees: nothing waits.\n")


def test_an_operator_skips_by_name_and_with_a_reason(stuck: Service, capsys: Capture) -> None:
    """Who decided stands in the audit trail."""
    assert cli.run(["lanes", "skip", "fees", lane_of("a"), "--reason", " "]) == 2
    assert "reason" in capsys.readouterr().err
    assert cli.run(["lanes", "skip", "fees", lane_of("a"), "--reason", "a duplicate", "--as", "li"]) == 0
    assert stuck.effects("a") == [2]
    assert stuck.scalar("SELECT actor FROM audit") == "operator:li"


@pytest.mark.usefixtures("stuck")
@pytest.mark.parametrize("command", [["show"], ["retry"], ["skip", "--reason", "x"]])
def test_a_lane_that_does_not_wait_gets_one_sentence(capsys: Capture, command: list[str]) -> None:
    """With the command that shows the ones that do."""
    name, *options = command
    assert cli.run(["lanes", name, "fees", "nowhere", *options]) == 2
    assert "gongzheng lanes list fees" in capsys.readouterr().err


def test_published_events_are_sent_again_and_the_place_to_go_on_is_told(
    cases: Service, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Without a broker there is one sentence; with one that goes away, the position that was reached."""
    cases.note("a", 1, 2)
    cases.mechanism.execute("UPDATE outbox SET position = id, published_at = ''")
    settings = SimpleNamespace(amqp_url=None)
    loaded = SimpleNamespace(name="cases", settings=settings, mechanism=cases.mechanism)
    monkeypatch.setattr(cli, "load_service", lambda _name: loaded)
    assert cli.run(["republish", "cases"]) == 2
    assert "CASES_AMQP_URL is not set" in capsys.readouterr().err

    class Publisher(FakeBroker):
        def __init__(self, _url: str, _service: str) -> None:
            super().__init__()
            self.refuses = refuses

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    settings.amqp_url = "amqp://nowhere/"
    monkeypatch.setattr("gongzheng.messaging.amqp.AmqpPublisher", Publisher)
    refuses: set[tuple[str, int]] = set()
    assert cli.run(["republish", "cases"]) == 0
    assert "2 events sent again, up to position 2" in capsys.readouterr().out
    refuses.add(("a", 2))
    assert cli.run(["republish", "cases", "--after", "1"]) == 1
    assert "go on with --after 1" in capsys.readouterr().err
