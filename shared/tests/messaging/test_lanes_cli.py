import json
from types import SimpleNamespace
from typing import Self

import pytest

from gongzheng import cli
from gongzheng.clock import FixedClock
from gongzheng.http.tokens import mint
from gongzheng.settings import HttpSettings
from gongzheng.testing.client import TEST_ISSUER, test_key, token_settings

from .conftest import NOW, Service, deliveries, lane_of
from .test_relay import FakeBroker

Capture = pytest.CaptureFixture[str]
pytestmark = [pytest.mark.req("X-02"), pytest.mark.parametrize("make_url", ["sqlite"], indirect=True)]


@pytest.fixture
def stuck(cases: Service, fees: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service in which one lane failed, as the command line loads it."""
    cases.note("a", 1, 2)
    fees.poison = {("a", 1)}
    fees.consumer.process(deliveries(cases.bodies()))
    _load(monkeypatch, fees, embedded=True)
    return fees


def _load(monkeypatch: pytest.MonkeyPatch, fees: Service, *, embedded: bool) -> None:
    monkeypatch.delenv("GONGZHENG_OPERATOR_TOKEN", raising=False)
    settings = SimpleNamespace(embedded=embedded, http=HttpSettings(**token_settings()))
    loaded = SimpleNamespace(name="fees", settings=settings, mechanism=fees.mechanism)
    monkeypatch.setattr(cli, "load_service", lambda _name: loaded)
    monkeypatch.setattr("gongzheng.runtime.consumer_of", lambda _service: fees.consumer)


def _token(subject: str, role: str, *, audience: str = "gongzheng-fees", name: str = "", agent: bool = False) -> str:
    return mint(
        test_key(),
        issuer=TEST_ISSUER,
        audience=audience,
        subject=subject,
        roles=[role],
        name=name,
        agent=agent,
        clock=FixedClock(NOW),
    )


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


def test_two_people_skip_by_name_in_the_embedded_mode(stuck: Service, capsys: Capture) -> None:
    """One asks with a reason, another one confirms; nobody does both."""
    lane = lane_of("a")
    assert cli.run(["lanes", "skip", "fees", lane, "--reason", " ", "--as", "li"]) == 2
    assert "needs a reason" in capsys.readouterr().err
    assert cli.run(["lanes", "skip", "fees", lane, "--reason", "a duplicate", "--as", "li"]) == 0
    assert "gongzheng lanes confirm fees" in capsys.readouterr().out
    assert cli.run(["lanes", "requests", "fees"]) == 0
    assert json.loads(capsys.readouterr().out)["requested_by"] == "operator:li"
    assert cli.run(["lanes", "confirm", "fees", lane, "--as", "li"]) == 2
    assert "another one must confirm" in capsys.readouterr().err
    assert stuck.effects("a") == []

    assert cli.run(["lanes", "confirm", "fees", lane, "--as", "wang"]) == 0

    assert stuck.effects("a") == [2]
    assert stuck.scalar("SELECT actor FROM audit WHERE action = 'lane.skip_request'") == "operator:li"
    assert stuck.scalar("SELECT actor FROM audit WHERE action = 'lane.skip'") == "operator:wang"
    capsys.readouterr()
    cli.run(["lanes", "requests", "fees"])
    assert capsys.readouterr().out == ""


def test_outside_of_the_embedded_mode_people_act_by_their_tokens(
    stuck: Service, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A name can be made up; the subject of a token is who the issuer says it is."""
    lane = lane_of("a")
    _load(monkeypatch, stuck, embedded=False)
    ask, confirm = ["lanes", "skip", "fees", lane, "--reason", "a duplicate"], ["lanes", "confirm", "fees", lane]
    assert cli.run([*ask, "--as", "li"]) == 2
    assert "GONGZHENG_OPERATOR_TOKEN" in capsys.readouterr().err
    for token, why in (
        (_token("u-1", "fees.cashier"), "lacks the role lanes.operator"),
        (_token("u-1", "lanes.operator", agent=True), "is a machine"),
        (_token("u-1", "lanes.operator", audience="gongzheng-cases"), "for another service"),
        (_token("u-1", "lanes.operator") + "x", "refused"),
    ):
        assert cli.run([*ask, "--token", token]) == 2
        assert why in capsys.readouterr().err

    monkeypatch.setenv("GONGZHENG_OPERATOR_TOKEN", _token("u-1", "lanes.operator"))
    assert cli.run([*ask, "--as", "wang"]) == 2
    assert "a token, which says who acts" in capsys.readouterr().err
    assert cli.run(ask) == 0
    # The same person with another token and another name is still the same person.
    monkeypatch.setenv("GONGZHENG_OPERATOR_TOKEN", _token("u-1", "lanes.operator", name="somebody else"))
    assert cli.run(confirm) == 2
    assert "u-1 has asked for it" in capsys.readouterr().err
    monkeypatch.setenv("GONGZHENG_OPERATOR_TOKEN", _token("u-2", "lanes.operator"))
    assert cli.run(confirm) == 0
    assert stuck.effects("a") == [2]
    assert stuck.scalar("SELECT actor FROM audit WHERE action = 'lane.skip'") == "u-2"


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
