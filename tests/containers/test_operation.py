"""What an operator does with the containers: up again, down and up, a look at lanes, a backup and its restoration."""

import subprocess
from pathlib import Path

import pytest

from deploy.compose import services
from deploy.compose_files import SERVICES
from gongzheng_embedded.people import demonstration_people
from gongzheng_embedded.story.client import Client
from tests.containers.engine import ContainerSuite, docker

CODE = "11990199MB0A100900"
DEPARTMENT = f"""\
format = 1

[[organisation]]
credit_code = "{CODE}"
name_zh = "明州市备份局"
name_en = "Mingzhou City Administration for Backups"
document_prefix = "明备"
level = "city"
region_code = "990100"

[[organisation.qualification]]
kind = "own"
law = ["APL 17"]
fields = ["market_regulation"]
valid_from = 2018-11-01
granted_by_zh = "明州市机构编制委员会"
granted_by_en = "Mingzhou City Establishment Committee"
"""


def fingerprint(suite: ContainerSuite) -> dict[str, object]:
    """What must not change by itself: secrets and keys, and what each service recorded."""
    found: dict[str, object] = {
        name: suite.query(name, "SELECT count(*) AS n, max(event_id) AS last FROM outbox") for name in SERVICES
    }
    for path in (suite.files.env, suite.files.generated / "issuer.json"):
        found[path.name] = path.read_bytes()
    return found


@pytest.mark.req("X-12")
def test_up_again_changes_nothing(suite: ContainerSuite) -> None:
    """The same containers run on; no secret is made anew."""
    before, started = fingerprint(suite), {name: suite.container(name) for name in services()}
    assert "is ready" in suite.make("up")
    assert fingerprint(suite) == before
    assert {name: suite.container(name) for name in services()} == started


@pytest.mark.req("X-12")
def test_down_and_up_keeps_everything(suite: ContainerSuite) -> None:
    """Containers go, volumes stay."""
    before = fingerprint(suite)
    suite.make("down")
    assert docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={suite.project}") == ""
    assert "is ready" in suite.make("up")
    assert fingerprint(suite) == before


def test_an_operator_looks_at_the_lanes_and_at_the_audit_trail(suite: ContainerSuite) -> None:
    """With the commands that docs/operations.md names, inside the container."""
    for name in SERVICES:
        assert suite.execute(name, ["gongzheng", "lanes", "list", name]).strip() == f"{name}: nothing waits."
        assert suite.execute(name, ["gongzheng", "audit", "check", name])


@pytest.mark.req("X-12")
def test_a_service_is_restored_from_its_dump(suite: ContainerSuite, tmp_path: Path) -> None:
    """As docs/operations.md says; what was recorded after the dump is gone, what was before is back."""
    registrar = next(person for person in demonstration_people() if "cases.registrar" in person.roles)
    client = Client(bases=suite.bases, mint=suite.mint, run="backup")

    def listed() -> set[str]:
        return {row["id"] for row in client.get("cases", "/organisations", who=registrar)["items"]}

    before = listed()
    postgres = suite.container("postgres")
    with (tmp_path / "cases.dump").open("wb") as dump:
        subprocess.run(
            ["docker", "exec", postgres, "pg_dump", "-U", "postgres", "-Fc", "cases"], check=True, stdout=dump
        )
    fields = {"file": ("organisations.toml", DEPARTMENT, "application/toml")}
    loaded = client.send("POST", "cases", "/organisation-files", who=registrar, fields=fields, key="backup")
    assert loaded.status in (200, 201), loaded.body
    assert listed() == before | {CODE}

    docker("stop", "--time", "40", suite.container("cases"), suite.container("cases-worker"))
    restore = ["pg_restore", "-U", "postgres", "--clean", "--if-exists", "--exit-on-error", "-d", "cases"]
    with (tmp_path / "cases.dump").open("rb") as dumped:
        subprocess.run(["docker", "exec", "-i", postgres, *restore], check=True, stdin=dumped)
    docker("start", suite.container("cases"), suite.container("cases-worker"))

    suite.wait_healthy("cases")
    suite.wait_healthy("cases-worker")
    assert listed() == before
