"""The command line: wrong input gets one clear sentence and exit status 2; keys and tokens work together."""

import json
import stat
from pathlib import Path

import pytest
import yaml

from gongzheng import cli
from gongzheng.clock import SystemClock
from gongzheng.contracts import registry
from gongzheng.contracts.asyncapi import asyncapi_document, to_yaml
from gongzheng.http.tokens import TokenVerifier
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng.settings import HttpSettings

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "No such command"),
        (["migrate", "nonsense"], "there is no service 'nonsense' here; installed: cases, fees"),
        (["migrate"], "Missing argument"),
        (["migrate", "cases"], "CASES_DATABASE_URL is not set"),
        (["worker", "cases", "--only", "nothing"], "Invalid value"),
        (["token", "--key", "/nowhere", "--issuer", "i", "--subject", "s", "--service", "cases"], "cannot be read"),
        (["openapi", "nonsense"], "there is no service"),
    ],
)
def test_wrong_input_gets_one_sentence(capsys: Capture, arguments: list[str], sentence: str) -> None:
    """On standard error, with exit status 2 and no traceback."""
    assert cli.run(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("gongzheng: ")
    assert sentence in told
    assert len(told.strip().splitlines()) == 1


def test_every_command_has_help(capsys: Capture) -> None:
    """--help works for each, whatever else is installed."""
    for name in ("worker", "serve", "migrate", "openapi", "asyncapi", "doctor", "token", "keygen", "settings"):
        assert cli.run([name, "--help"]) == 0
        assert "Usage:" in capsys.readouterr().out
    assert cli.run(["--help"]) == 0


@pytest.mark.req("X-06")
def test_a_token_made_here_is_believed_by_a_service_with_the_public_file(tmp_path: Path, capsys: Capture) -> None:
    """Keygen writes a private file for us alone and a public one for the services."""
    private, public = tmp_path / "private.json", tmp_path / "jwks.json"
    assert cli.run(["keygen", "token", "--private", str(private), "--public", str(public)]) == 0
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert '"d"' not in public.read_text(encoding="utf-8")
    words = ["--issuer", "https://i.example", "--subject", "u1", "--role", "cases.intake", "--service", "cases"]
    assert cli.run(["token", "--key", str(private), *words]) == 0
    token = capsys.readouterr().out.strip()
    settings = HttpSettings(issuer="https://i.example", jwks=str(public), throttle_key="x" * 16)
    actor = TokenVerifier("cases", settings, SystemClock()).actor(f"Bearer {token}")
    assert (actor.subject, actor.roles) == ("u1", frozenset({"cases.intake"}))
    assert cli.run(["keygen", "token", "--private", str(private), "--public", str(public)]) == 2
    assert "never overwritten" in capsys.readouterr().err


@pytest.mark.req("X-06")
def test_no_token_is_made_that_every_service_would_refuse(tmp_path: Path, capsys: Capture) -> None:
    """The forbidden pairs hold for demonstrations too."""
    private = tmp_path / "private.json"
    cli.run(["keygen", "token", "--private", str(private), "--public", str(tmp_path / "jwks.json")])
    words = ["--issuer", "i", "--subject", "u", "--service", "cases", "--role", "cases.decider"]
    assert cli.run(["token", "--key", str(private), *words, "--role", "fees.accountant"]) == 2
    assert "APL 67" in capsys.readouterr().err


def test_doctor_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """A half-configured service is one of the findings."""
    monkeypatch.setenv("CASES_DATABASE_URL", "sqlite:////nowhere/at/all.db")
    assert cli.run(["doctor"]) == 1
    assert "CASES_PUBLIC_URL is not set" in capsys.readouterr().out


@pytest.mark.req("X-03")
def test_the_asyncapi_document_covers_every_event_with_sender_and_receivers() -> None:
    """Every type is a message of its channel; whoever follows the stream receives it; references resolve."""
    document = asyncapi_document(registry())
    short = {type_.removeprefix("cn.gongzheng.") for type_ in registry().types()}
    assert set(document["components"]["messages"]) == short
    assert {name for channel in document["channels"].values() for name in channel["messages"]} == short
    assert "fees.receive.cases.case" in document["operations"]
    for name in document["channels"]:
        producer, stream = name.split(".")
        assert f"{producer}.send.{stream}" in document["operations"]
        for consumer in TOPOLOGY.followers(producer, stream):
            assert f"{consumer}.receive.{name}" in document["operations"]
    for reference in _references(document):
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [r for inner in value.values() for r in _references(inner)]
    return [r for inner in value for r in _references(inner)] if isinstance(value, list) else []


@pytest.mark.req("X-03")
def test_the_yaml_says_the_same_as_the_json(tmp_path: Path) -> None:
    """The document is written without a YAML library and read with one."""
    file = tmp_path / "asyncapi.yaml"
    assert cli.run(["asyncapi", "--out", str(file)]) == 0
    document = json.loads(json.dumps(asyncapi_document(registry())))
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == document
    assert yaml.safe_load(to_yaml({"a": [], "b": [[1, {"c": None}], "是: x"], "d": {}})) == {
        "a": [],
        "b": [[1, {"c": None}], "是: x"],
        "d": {},
    }
