"""`make up` and `make down` where Docker is a fake: what is written, and what is said when it cannot go on."""

import json
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.compose_files import SERVICES, Files, FilesError
from gongzheng.cli import run
from gongzheng.http.tokens import TokenRefused, TokenVerifier
from gongzheng.messaging.keys import read_trusted
from gongzheng.messaging.topology import FOLLOWS, TOPOLOGY
from gongzheng.settings import HttpSettings
from tests.support.common import free_port

ROOT = Path(__file__).resolve().parents[2]
DOCKER = """#!{python}
import json, os, sys
words = sys.argv[1:]
with open(os.environ["FAKE_LOG"], "a") as log:
    log.write(" ".join(words) + "\\n")
answers = json.loads(os.environ["FAKE_ANSWERS"])
for start, (status, output) in answers.items():
    if " ".join(words).startswith(start):
        sys.stdout.write(output)
        sys.exit(status)
"""
WORK = ("compose build", "compose up", "compose exec")
NO_VOLUME = {"volume inspect": (1, "")}


class Machine:
    """A checkout with nothing but what `make up` reads, and a `docker` that notes what it is told."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self._bin, self.log = folder / "checkout", folder / "bin", folder / "log"
        (self.checkout / "deploy").mkdir(parents=True)
        for name in ("docker-compose.yml", "deploy/compose.py", "deploy/compose_files.py"):
            shutil.copy(ROOT / name, self.checkout / name)
        self._bin.mkdir()
        self.log.touch()
        self.files = Files(self.checkout)
        self.ports = {"PORT": str(free_port()), "MAIL_PORT": str(free_port())}
        self.answers: dict[str, tuple[int, str]] = dict(NO_VOLUME)

    def install_docker(self) -> None:
        """Put the fake where programs are found."""
        program = self._bin / "docker"
        program.write_text(DOCKER.format(python=sys.executable), encoding="utf-8")
        program.chmod(0o755)

    def make(self, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """What the Makefile runs."""
        return subprocess.run(
            [sys.executable, "-m", "deploy.compose", target],
            cwd=self.checkout,
            env={
                "PATH": str(self._bin),
                "HOME": str(self.checkout),
                "FAKE_LOG": str(self.log),
                "FAKE_ANSWERS": json.dumps(self.answers),
                **self.ports,
                **environment,
            },
            check=False,
            capture_output=True,
            text=True,
        )

    def all_healthy(self) -> None:
        """From now on the engine reports every container as healthy."""
        names = [*SERVICES, *(f"{name}-worker" for name in SERVICES), "proxy", "postgres", "rabbitmq", "mail"]
        rows = [
            {"Labels": f"com.docker.compose.service={name},x=y", "Status": "Up 5 seconds (healthy)"} for name in names
        ]
        self.answers["ps "] = (0, "\n".join(json.dumps(row) for row in rows))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with Docker."""
    made = Machine(tmp_path)
    made.install_docker()
    return made


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that was said; nothing else, and no success."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("gongzheng: ")
    return lines[0]


def test_up_builds_starts_waits_and_says_where_to_look(machine: Machine) -> None:
    """In this order, with the client that is there."""
    machine.all_healthy()
    done = machine.make("up")
    assert done.returncode == 0, done.stderr
    assert f"http://127.0.0.1:{machine.ports['PORT']}" in done.stdout
    build, start, declare = (line for line in machine.log.read_text().splitlines() if line.startswith(WORK))
    assert build == "compose build"
    assert start == "compose up --detach --remove-orphans"
    assert declare.startswith("compose exec -T rabbitmq rabbitmqctl -q import_definitions ")


def test_a_second_up_overwrites_nothing(machine: Machine) -> None:
    """Secrets are made once; whatever an operator changed in .env stays."""
    machine.all_healthy()
    assert machine.make("up").returncode == 0
    changed = machine.files.env.read_text().replace("MAIL_SENDER=no-reply@", "MAIL_SENDER=office@")
    machine.files.env.write_text(changed)
    issuer = (machine.files.generated / "issuer.json").read_bytes()
    definitions = (machine.files.generated / "rabbitmq" / "definitions.json").read_bytes()

    assert machine.make("up").returncode == 0

    assert machine.files.env.read_text() == changed
    assert (machine.files.generated / "issuer.json").read_bytes() == issuer
    assert (machine.files.generated / "rabbitmq" / "definitions.json").read_bytes() == definitions


def test_a_new_versions_new_secret_is_added_to_an_old_env(machine: Machine) -> None:
    """Everything that stood there stays as it was."""
    machine.files.write(machine.ports)
    before = machine.files.env.read_text()
    kept = "".join(line for line in before.splitlines(keepends=True) if not line.startswith("FEES_VAULT_KEY="))
    machine.files.env.write_text(kept.rstrip("\n"))

    machine.files.write({})

    after = machine.files.env.read_text()
    assert after.startswith(kept)
    assert set(machine.files.settings()) == {line.partition("=")[0] for line in before.splitlines()}


@pytest.mark.req("X-06")
def test_secrets_are_for_their_owner_only_and_no_two_are_the_same(machine: Machine) -> None:
    """What containers of other users mount is readable; it holds no private key."""
    machine.files.write({})
    for path in (machine.files.env, machine.files.generated / "issuer.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(machine.files.generated.stat().st_mode) == 0o700
    settings = machine.files.settings()
    secrets = [value for name, value in settings.items() if name.endswith(("PASSWORD", "KEY", "KEYS"))]
    assert len(secrets) == len(set(secrets)) == 4 * len(SERVICES) + 5
    assert all(len(secret) >= 43 for secret in secrets)
    mounted = [*machine.files.generated.glob("public/*"), *machine.files.generated.glob("rabbitmq/*")]
    for path in mounted:
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        assert not any(secret in path.read_text() for secret in secrets), path
        assert '"d":' not in path.read_text(), path


@pytest.mark.req("X-06")
def test_the_broker_gets_four_users_and_the_table(machine: Machine) -> None:
    """Each with the password of its service, none with a tag."""
    machine.files.write({})
    definitions = json.loads((machine.files.generated / "rabbitmq" / "definitions.json").read_text())
    assert {user["name"]: user["tags"] for user in definitions["users"]} == {name: [] for name in SERVICES}
    assert TOPOLOGY.differences(definitions) == []
    permissions = [{k: v for k, v in entry.items() if k != "vhost"} for entry in definitions["permissions"]]
    assert permissions == TOPOLOGY.permissions()


@pytest.mark.req("X-02", "X-06")
@pytest.mark.parametrize("consumer", SERVICES)
def test_a_feed_token_opens_the_feeds_of_those_who_are_followed(machine: Machine, consumer: str) -> None:
    """One token, an audience for each producer, and no role but that of reading feeds."""
    machine.files.write({})
    token = (machine.files.generated / "feeds" / consumer / "token").read_text()
    followed = {producer for producer, _ in FOLLOWS[consumer]}
    for producer in SERVICES:
        jwks = (machine.files.generated / "public" / "jwks.json").read_text()
        settings = HttpSettings(issuer=machine.files.settings()["ISSUER"], jwks=jwks, throttle_key="x" * 16)
        verifier = TokenVerifier(producer, settings)
        if producer in followed:
            assert verifier.actor(f"Bearer {token}").roles == {"system.feed"}
        else:
            with pytest.raises(TokenRefused):
                verifier.actor(f"Bearer {token}")


def test_a_signing_key_is_changed_together_with_its_id(machine: Machine) -> None:
    """Then both keys are trusted: events that the old one signed may still be on their way."""
    machine.files.write(machine.ports)
    before = machine.files.env.read_text()
    old = machine.files.settings()["CASES_SIGNING_KEY"]
    changed = before.replace(f"CASES_SIGNING_KEY={old}", f"CASES_SIGNING_KEY={old[::-1]}")
    machine.files.env.write_text(changed)
    assert "give it another CASES_SIGNING_KEY_ID" in sentence(machine.make("files"))

    machine.files.env.write_text(changed.replace("CASES_SIGNING_KEY_ID=1", "CASES_SIGNING_KEY_ID=2"))
    assert machine.make("files").returncode == 0
    path = machine.files.generated / "public" / "trusted-keys.json"
    trusted = read_trusted(path.read_text())
    assert [key.key_id for key in trusted["https://gongzheng.example/cases"]] == ["1", "2"]
    assert [key.key_id for key in trusted["https://gongzheng.example/fees"]] == ["1"]

    named = ["--source", "https://gongzheng.example/cases", "--key-id", "1", "--at", "2026-11-01T00:00:00Z"]
    assert run(["keys", "retire", str(path), *named]) == 0
    assert machine.make("files").returncode == 0
    retired, current = read_trusted(path.read_text())["https://gongzheng.example/cases"]
    assert (str(retired.not_after), current.not_after) == ("2026-11-01 00:00:00+00:00", None), "stays retired"


def test_tokens_of_a_provider_are_left_to_the_provider(machine: Machine) -> None:
    """With another issuer no feed token is minted, and one that lies there is kept."""
    machine.files.write({})
    own = machine.files.env.read_text().replace(
        "JWKS=/run/gongzheng/public/jwks.json", "JWKS=https://login.example/jwks"
    )
    machine.files.env.write_text(own)
    token = machine.files.generated / "feeds" / "fees" / "token"
    token.write_text("of the provider")

    machine.files.write({})

    assert token.read_text() == "of the provider"
    assert not machine.files.issues_tokens()


def test_without_docker_it_says_so(tmp_path: Path) -> None:
    """And where to get it."""
    assert "Docker is not installed on this machine" in sentence(Machine(tmp_path).make("up"))


def test_without_an_engine_it_says_so(machine: Machine) -> None:
    """The client alone is not enough."""
    machine.answers["info"] = (1, "")
    assert "no Docker engine answers" in sentence(machine.make("up"))
    assert not machine.files.env.exists()


def test_without_compose_it_says_so(machine: Machine) -> None:
    """Neither as a plugin nor as a program of its own."""
    machine.answers["compose version"] = (1, "")
    assert "docker-compose-plugin" in sentence(machine.make("up"))


@pytest.mark.parametrize("name", ["PORT", "MAIL_PORT"])
def test_a_taken_port_is_told_before_anything_is_built(machine: Machine, name: str) -> None:
    """With the name of the variable to change."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(machine.ports[name])))
        other.listen()
        told = sentence(machine.make("up"))
    assert f"port {machine.ports[name]} of 127.0.0.1 is taken: change {name} in .env" in told
    assert "build" not in machine.log.read_text()


def test_a_port_that_our_own_proxy_holds_is_not_taken(machine: Machine) -> None:
    """A second `make up` while everything runs is the usual upgrade."""
    machine.all_healthy()
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", int(machine.ports["PORT"])))
        proxy.listen()
        assert machine.make("up").returncode == 0


def test_another_port_than_the_one_in_env_is_refused(machine: Machine) -> None:
    """The services were told their address; a silent change would give out wrong ones."""
    machine.files.write(machine.ports)
    assert "PORT=9 was asked for, but .env says" in sentence(machine.make("up", PORT="9"))


def test_data_without_its_secrets_is_not_started(machine: Machine) -> None:
    """New passwords would not open the old database, and a new key none of its sealed rows."""
    machine.answers["volume inspect"] = (0, "")
    told = sentence(machine.make("up"))
    assert "there is no .env here, but the data of an earlier start (volume gongzheng_postgres-data)" in told
    assert not machine.files.env.exists()


def test_a_failing_build_ends_it(machine: Machine) -> None:
    """Its own words stand above ours."""
    machine.answers["compose build"] = (17, "")
    assert "build` failed: see the lines above" in sentence(machine.make("up"))
    assert " up " not in machine.log.read_text()


def test_down_without_an_up_says_so(machine: Machine) -> None:
    """Instead of a list of missing variables."""
    assert "there is no .env here" in sentence(machine.make("down"))


def test_down_stops_what_up_started_and_keeps_the_data(machine: Machine) -> None:
    """No volume is named."""
    machine.files.write(machine.ports)
    assert machine.make("down").returncode == 0
    assert machine.log.read_text().splitlines()[-1] == "compose down"


def test_the_shells_own_variables_do_not_go_before_env(machine: Machine) -> None:
    """Compose lets the shell win over .env; a forgotten export must not change a password."""
    machine.files.write(machine.ports)
    seen = machine.checkout / "seen"
    program = machine._bin / "docker"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$CASES_DB_PASSWORD" > {seen}\n')
    assert machine.make("down", CASES_DB_PASSWORD="of the shell").returncode == 0
    assert seen.read_text() == machine.files.settings()["CASES_DB_PASSWORD"]


@pytest.mark.req("X-01", "X-12")
def test_the_number_of_partitions_stands_in_env_and_reaches_the_broker(machine: Machine) -> None:
    """The queues are declared before a worker that was told of them starts; what is no number is told in a sentence."""
    machine.files.write({})
    text = machine.files.env.read_text()
    assert "FEES_PARTITIONS=1\n" in text
    machine.files.env.write_text(text.replace("FEES_PARTITIONS=1\n", "FEES_PARTITIONS=3\n"))
    machine.files.write({})

    definitions = json.loads((machine.files.generated / "rabbitmq" / "definitions.json").read_text())
    assert TOPOLOGY.with_partitions("fees", 3).differences(definitions) == []
    machine.files.env.write_text(text.replace("FEES_PARTITIONS=1\n", "FEES_PARTITIONS=many\n"))
    with pytest.raises(FilesError, match="FEES_PARTITIONS must be a number from 1 to 64"):
        machine.files.write({})
