"""Who may do what in the containers: at the broker, in the databases, on the machine."""

import json
import subprocess

import pytest

from deploy.compose_files import SERVICES
from gongzheng.messaging.topology import TOPOLOGY
from tests.containers.engine import ContainerSuite, docker

OURS = (*SERVICES, *(f"{name}-worker" for name in SERVICES), "mail", "proxy")
OUTSIDE = {"proxy", "mail", "notifications-worker"}
ALLOWED = {"write own exchange", "read own queue"}
REFUSED = "403"  # ACCESS_REFUSED


@pytest.mark.req("X-06")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_only_its_exchange_and_reads_only_its_queue(suite: ContainerSuite, service: str) -> None:
    """Tried from inside its own container, with the address it was given."""
    other = "fees" if service == "cases" else "cases"
    found = json.loads(suite.inside(f"{service}-worker", "broker_rights.py", service, other))
    assert {what for what, answer in found.items() if answer == "allowed"} == ALLOWED
    assert {answer for what, answer in found.items() if what not in ALLOWED} == {REFUSED}


@pytest.mark.req("X-06")
def test_the_broker_has_four_users_and_what_the_table_says(suite: ContainerSuite) -> None:
    """No guest, no administrator; exchanges, queues, bindings and rights as in the suite's table."""
    exported = json.loads(suite.execute("rabbitmq", ["rabbitmqctl", "-q", "export_definitions", "-"]))
    assert {user["name"]: user["tags"] for user in exported["users"]} == {name: [] for name in SERVICES}
    rights = [{key: entry[key] for key in ("user", "configure", "write", "read")} for entry in exported["permissions"]]
    assert sorted(rights, key=lambda entry: entry["user"]) == TOPOLOGY.permissions()
    assert TOPOLOGY.differences(exported) == []


@pytest.mark.req("X-06")
@pytest.mark.parametrize("service", SERVICES)
def test_a_database_role_enters_its_own_database_and_no_other(suite: ContainerSuite, service: str) -> None:
    """Nor the ones that every cluster has."""
    password = suite.settings[f"{service.upper()}_DB_PASSWORD"]

    def enter(database: str) -> str:
        words = ["psql", "-h", "127.0.0.1", "-U", service, "-d", database, "-qAtX", "-c", "SELECT current_user"]
        return suite.execute("postgres", words, PGPASSWORD=password).strip()

    assert enter(service) == service
    for other in {*SERVICES, "postgres", "template1"} - {service}:
        with pytest.raises(AssertionError, match="permission denied for database"):
            enter(other)


@pytest.mark.req("X-06")
def test_nothing_runs_as_root_and_our_containers_write_nowhere_but_their_data(suite: ContainerSuite) -> None:
    """The servers of others drop their rights themselves; ours never had any."""
    for name in OURS:
        assert "0" not in users_of(suite, name), name
        with pytest.raises(AssertionError, match="Read-only file system"):
            suite.execute(name, ["sh", "-c", "echo > /opt/written || echo > /srv/written"])
    for name, program in (("postgres", "postgres"), ("rabbitmq", "beam.smp")):
        assert "0" not in users_of(suite, name, program), name


def users_of(suite: ContainerSuite, name: str, program: str = "") -> set[str]:
    """The user ids of a container's processes, or of one program's."""
    lines = [line.split() for line in docker("top", suite.container(name), "-eo", "pid,uid,comm").splitlines()[1:]]
    found = {uid for _, uid, comm, *_ in lines if program in {"", comm}}
    assert found, name
    return found


@pytest.mark.req("X-02", "X-06")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_ask_the_feeds_of_those_it_follows_and_of_nobody_else(
    suite: ContainerSuite, service: str
) -> None:
    """With the token that `make up` minted: it is good for the producers that the table names."""
    found = json.loads(suite.inside(f"{service}-worker", "feeds.py", service))
    followed = {producer for producer, _ in TOPOLOGY.follows[service]}
    assert {producer for producer, status in found.items() if status == 200} == followed
    assert {status for producer, status in found.items() if producer not in followed} <= {401}


@pytest.mark.req("X-06")
def test_from_outside_only_the_proxy_and_the_mail_page_can_be_reached(suite: ContainerSuite) -> None:
    """On the loopback interface; and only who must gets from the inner network to the outer one."""
    published = {
        name: [(end["HostIp"], port) for port, ends in state["NetworkSettings"]["Ports"].items() for end in ends or ()]
        for name in (*OURS, "postgres", "rabbitmq")
        for state in [suite.state(name)]
    }
    assert {name: ports for name, ports in published.items() if ports} == {
        "proxy": [("127.0.0.1", "8080/tcp")],
        "mail": [("127.0.0.1", "8025/tcp")],
    }
    address = suite.state("mail")["NetworkSettings"]["Networks"][f"{suite.project}_outside"]["IPAddress"]
    reached = {name: suite.inside(name, "reach.py", address, "8025") for name in OURS if name not in OUTSIDE}
    assert reached == dict.fromkeys(reached, "no")
    assert suite.inside("notifications-worker", "reach.py", address, "8025") == "yes"


def test_no_secret_is_baked_into_an_image(suite: ContainerSuite) -> None:
    """Neither in its environment nor in the words of a layer."""
    secrets = [value for name, value in suite.settings.items() if name.endswith(("PASSWORD", "KEY", "KEYS"))]
    assert len(secrets) > len(SERVICES) * 4
    for name in OURS:
        image = suite.state(name)["Image"]
        told = docker("inspect", image) + docker("history", "--no-trunc", image)
        assert not any(secret.rpartition(":")[2] in told for secret in secrets), name


def test_the_page_behind_the_proxy_answers_and_unknown_paths_do_not(suite: ContainerSuite) -> None:
    """Seen as a person's browser or curl sees it."""
    base = f"http://127.0.0.1:{suite.settings['PORT']}"

    def status(path: str) -> str:
        words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{base}{path}"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    good = ["/", "/proxy.css", "/health", *(f"/{name}/docs" for name in SERVICES)]
    assert {path: status(path) for path in good} == dict.fromkeys(good, "200")
    hidden = ["/nowhere", *(f"/{name}/metrics" for name in SERVICES)]
    assert {path: status(path) for path in hidden} == dict.fromkeys(hidden, "404")
