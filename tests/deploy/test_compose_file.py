"""docker-compose.yml as it is read, without an engine: who runs there, with which rights, and what lies open."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose import services
from deploy.compose_files import SERVICES, Files
from gongzheng.commands.settings import settings_class
from gongzheng.messaging.topology import FOLLOWS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ISSUER = ROOT / "deploy" / "compose.issuer.yml"
OF_OTHERS = {"postgres", "rabbitmq"}
OUTSIDE = {"proxy", "mail", "notifications-worker"}
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(:?[-?][^}]*)?\}")
_SECRET = re.compile(r"PASSWORD|KEY|TOKEN|SECRET")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file, with its anchors resolved."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """What `make up` writes, in a folder of its own."""
    (tmp_path / "deploy").mkdir()
    made = Files(tmp_path)
    made.write({})
    return made


@pytest.mark.req("X-06")
@pytest.mark.parametrize("file", [COMPOSE, ISSUER], ids=lambda path: path.name)
def test_the_file_is_one_of_the_compose_specification(file: Path) -> None:
    """As docker compose v2 reads it."""
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_docker_compose_itself_accepts_the_file(files: Files) -> None:
    """Where a client is installed; an engine is not needed for it. Elsewhere the schema has the last word."""
    clients = [words for words in (["docker", "compose"], ["docker-compose"]) if _works(words)]
    for words in clients:
        for added in ([], ["-f", str(ISSUER)]):
            arguments = ["-f", str(COMPOSE), *added, "--env-file", str(files.env), "config", "-q"]
            done = subprocess.run([*words, *arguments], check=False, capture_output=True, text=True, cwd=ROOT)
            assert done.returncode == 0, done.stderr


def _works(words: list[str]) -> bool:
    if not shutil.which(words[0]):
        return False
    return subprocess.run([*words, "version"], check=False, capture_output=True).returncode == 0


@pytest.mark.req("X-12")
def test_an_api_and_a_worker_of_each_service_stand_behind_one_proxy(compose: dict[str, Any]) -> None:
    """With one database server, one broker and a mail catcher; and `make up` waits for exactly these."""
    expected = {*SERVICES, *(f"{name}-worker" for name in SERVICES), "proxy", "postgres", "rabbitmq", "mail"}
    assert set(compose["services"]) == expected
    assert set(services()) == expected


def test_everything_says_when_it_is_healthy_comes_back_and_keeps_short_logs(compose: dict[str, Any]) -> None:
    """A container that died is started again, and what it says never fills the disk."""
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name
        assert service["logging"]["options"].keys() >= {"max-size", "max-file"}, name


def test_nothing_begins_before_what_it_needs_is_healthy(compose: dict[str, Any]) -> None:
    """Every dependency is waited for."""
    for name, service in compose["services"].items():
        waits = service.get("depends_on", {})
        assert all(how == {"condition": "service_healthy"} for how in waits.values()), name
    for name in SERVICES:
        assert set(compose["services"][name]["depends_on"]) == OF_OTHERS
        assert name in compose["services"][f"{name}-worker"]["depends_on"]


@pytest.mark.req("X-06")
def test_only_the_proxy_and_the_mail_page_are_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    """Whoever wants more says so with LISTEN; databases, broker and services have no port outside at all."""
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {
        "proxy": ["${LISTEN:-127.0.0.1}:${PORT:?run make up}:8080"],
        "mail": ["127.0.0.1:${MAIL_PORT:?run make up}:8025"],
    }
    assert compose["networks"]["inside"] == {"internal": True}
    assert {name for name, service in compose["services"].items() if "outside" in service["networks"]} == OUTSIDE
    assert not any("network_mode" in service or "privileged" in service for service in compose["services"].values())


def test_the_way_out_to_an_identity_provider_is_for_the_apis_alone() -> None:
    """They fetch its keys; nothing else is changed by the file that opens it."""
    added = yaml.safe_load(ISSUER.read_text(encoding="utf-8"))
    assert added == {"services": {name: {"networks": ["inside", "outside"]} for name in SERVICES}}


@pytest.mark.req("X-06")
def test_no_secret_stands_in_the_file_or_has_a_default() -> None:
    """Each comes from .env, and without it nothing starts."""
    text = COMPOSE.read_text(encoding="utf-8")
    variables = {(found[1], found[2]) for found in _VARIABLE.finditer(text)}
    assert {name for name, rest in variables if rest != ":?run make up"} == {
        "LISTEN",
        "TAG",
        "WEBHOOK_ALLOWED_NETWORKS",
    }
    for line in text.splitlines():
        name, _, value = line.strip().partition(": ")
        if _SECRET.search(name) and name.isupper() and not name.endswith(("_FILE", "TRUSTED_KEYS")):
            assert _VARIABLE.fullmatch(value), line


@pytest.mark.req("X-06")
def test_our_containers_hold_no_rights_and_write_nowhere_but_their_data(compose: dict[str, Any]) -> None:
    """No capability, no way to gain one, a root file system that cannot be written, an end that can be waited for."""
    for name in set(compose["services"]) - OF_OTHERS:
        service = compose["services"][name]
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert service["init"] is True, name
        assert service["stop_grace_period"] == "40s", name
    for service in compose["services"].values():
        assert service["security_opt"] == ["no-new-privileges:true"]
    for dockerfile, stages in (("deploy/Dockerfile", ("mail", "service")), ("deploy/proxy/Dockerfile", ("",))):
        for stage in stages:
            assert _user(ROOT / dockerfile, stage) not in {"", "root", "0"}


def _user(dockerfile: Path, stage: str) -> str:
    """The user that a stage (by default the last) ends with, looked for in the stages below it as well."""
    users: dict[str, str] = {}
    below = {"": ""}
    current = ""
    for line in dockerfile.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            current = words[3] if len(words) > 3 else ""
            below[current] = words[1]
        elif words[:1] == ["USER"]:
            users[current] = words[1]
    while stage not in users and stage in below and below[stage] != stage:
        stage = below[stage]
    return users.get(stage, "")


@pytest.mark.req("X-06")
def test_each_service_is_told_its_own_settings_and_nobody_elses(compose: dict[str, Any]) -> None:
    """Its own database and broker user, every setting known to it, every required one there."""
    for name in SERVICES:
        prefix = f"{name.upper()}_"
        for container in (name, f"{name}-worker"):
            environment = compose["services"][container]["environment"]
            table = {variable: default for variable, default, _ in settings_class(name).table(prefix)}
            assert environment.keys() <= table.keys(), container
            assert environment.keys() >= {variable for variable, default in table.items() if default == "(required)"}
            assert environment[f"{prefix}DATABASE_URL"].startswith(f"postgresql://{name}:")
            assert environment[f"{prefix}DATABASE_URL"].endswith(f"@postgres:5432/{name}")
            assert environment[f"{prefix}AMQP_URL"].startswith(f"amqp://{name}:")


@pytest.mark.req("X-02")
def test_each_service_may_ask_the_feeds_of_those_it_follows(compose: dict[str, Any]) -> None:
    """For events that went missing on the way."""
    for name in SERVICES:
        environment = compose["services"][f"{name}-worker"]["environment"]
        feeds = json.loads(environment[f"{name.upper()}_FEEDS"])
        assert feeds == {producer: f"http://{producer}:8000" for producer in {p for p, _ in FOLLOWS[name]}}
        assert environment[f"{name.upper()}_FEED_TOKEN_FILE"] == "/run/gongzheng/feeds/token"
        assert f"./deploy/generated/feeds/{name}:/run/gongzheng/feeds:ro" in compose["services"][name]["volumes"]
