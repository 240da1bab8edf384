"""The suite in containers, brought up by `make up` in a copy of this checkout, under a project name of its own."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, Self

import waitress
from joserfc.jwk import OKPKey

from deploy.compose import compose_command
from deploy.compose_files import SERVICES, Files
from gongzheng.http.tokens import audience_of, mint
from gongzheng_embedded.people import Person
from gongzheng_embedded.receiver import WebhookReceiver
from tests.support.common import free_port

ROOT = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).parent / "inside"
BACK_S = 300.0  # a busy machine that migrates and starts a service again
POLL_S = 0.5
TOKEN_TTL_S = 3600
# The engine takes its networks from these. A subscriber on the engine's own machine is refused unless they are named.
PRIVATE_NETWORKS = "172.16.0.0/12,192.168.0.0/16,10.0.0.0/8"


class ContainerSuite:
    """Twelve containers, and a webhook receiver on the engine's machine; a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gongzheng-containers-"))
        self.files = Files(self.folder)
        self.project = f"gongzheng-try-{secrets.token_hex(3)}"
        self.hooks = WebhookReceiver()
        self._hook_server: Any = None
        self._mails: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        copy_checkout(ROOT, self.folder)
        ports = {"PORT": str(free_port()), "MAIL_PORT": str(free_port())}
        self.files.write({"COMPOSE_PROJECT_NAME": self.project} | ports)
        # As an operator does: what stands in .env is changed there.
        lines = self.files.env.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not line.startswith("WEBHOOK_ALLOWED_NETWORKS=")]
        kept += [f"WEBHOOK_ALLOWED_NETWORKS={PRIVATE_NETWORKS}", "TAG=try"]
        self.files.env.write_text("\n".join(kept) + "\n", encoding="utf-8")
        self.settings = self.files.settings()
        try:
            self.make("up")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove containers, networks, volumes and the copy; GONGZHENG_KEEP leaves them to be looked at."""
        if self._hook_server is not None:
            self._hook_server.close()
        if os.environ.get("GONGZHENG_KEEP"):
            sys.stderr.write(f"kept: project {self.project} in {self.folder}\n")
            return
        words = [*compose_command(), "down", "--volumes", "--timeout", "5"]
        subprocess.run(words, cwd=self.folder, env={**os.environ, **self.settings}, check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- as an operator ------------------------------------------------------------------------

    def make(self, target: str, **environment: str) -> str:
        """What `make up` and `make down` run; its output.

        Raises:
            AssertionError: with the output, when it failed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "deploy.compose", target],
            cwd=self.folder,
            env={**_without(os.environ, self.settings), **environment},
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise AssertionError(f"make {target}:\n{done.stdout[-4000:]}")
        return done.stdout

    # --- what the story needs ------------------------------------------------------------------

    @property
    def bases(self) -> Mapping[str, str]:
        """The address of each service, through the proxy."""
        return {name: f"http://127.0.0.1:{self.settings['PORT']}/{name}" for name in SERVICES}

    def listen(self) -> str:
        """Let the webhook receiver listen where containers can reach it as the network is now; its address."""
        self._hook_server = waitress.create_server(self.hooks, host=self._gateway(), port=0, threads=4)
        threading.Thread(target=self._hook_server.run, name="hooks", daemon=True).start()
        return f"http://{self._gateway()}:{self._hook_server.effective_port}/"

    def mint(self, person: Person) -> str:
        """A person's access token, of the issuer that `make up` made."""
        key = OKPKey.import_key(json.loads((self.files.generated / "issuer.json").read_text(encoding="utf-8")))
        return mint(
            key,
            issuer=self.settings["ISSUER"],
            audience=[audience_of(service) for service in person.services],
            subject=person.subject,
            name=person.name_zh,
            roles=person.roles,
            organisation_id=person.organisation_id,
            agent=person.machine,
            ttl_s=TOKEN_TTL_S,
        )

    def mailbox(self) -> list[dict[str, Any]]:
        """What the mail catcher caught so far, with texts."""
        page = f"http://127.0.0.1:{self.settings['MAIL_PORT']}/messages"
        for summary in _read(page):
            if summary["id"] not in self._mails:
                self._mails[summary["id"]] = _read(f"{page}/{summary['id']}")
        return list(self._mails.values())

    def query(self, service: str, sql: LiteralString) -> list[tuple[Any, ...]]:
        """Look into a service's own database, where the API does not say enough (outboxes, inboxes)."""
        wrapped = f"SELECT coalesce(json_agg(rows), '[]') FROM ({sql}) AS rows"  # noqa: S608 literals of the tests
        told = self.execute("postgres", ["psql", "-U", "postgres", "-d", service, "-qAtX", "-c", wrapped])
        return [tuple(row.values()) for row in json.loads(told)]

    # --- the engine ----------------------------------------------------------------------------

    def container(self, service: str) -> str:
        """The id of a service's container, running or not."""
        ours = ["--filter", f"label=com.docker.compose.project={self.project}"]
        found = docker("ps", "-aq", *ours, "--filter", f"label=com.docker.compose.service={service}").split()
        assert len(found) == 1, f"{service}: {found}"
        return found[0]

    def state(self, service: str) -> dict[str, Any]:
        """What the engine knows of a container."""
        found: dict[str, Any] = json.loads(docker("inspect", self.container(service)))[0]
        return found

    def execute(self, service: str, words: Sequence[str], *, user: str = "", **environment: str) -> str:
        """Run something inside a container; its output.

        Raises:
            AssertionError: with what it said, when it failed.
        """
        options = [option for name, value in environment.items() for option in ("-e", f"{name}={value}")]
        options += ["-u", user] if user else []
        return docker("exec", *options, self.container(service), *words)

    def inside(self, service: str, script: str, *arguments: str) -> str:
        """Run one of the scripts of the folder `inside` in a container; its output."""
        text = (INSIDE / script).read_text(encoding="utf-8")
        return docker("exec", "-i", self.container(service), "python", "-", *arguments, stdin=text)

    def crash(self, service: str) -> None:
        """End every process of a container at once, as a crash would, and leave the rest to the engine.

        Not `docker kill`: the engine takes that for the operator's wish and leaves the container down.
        """
        before = self.state(service)["RestartCount"]
        # Ends by the death of its own container.
        subprocess.run(
            ["docker", "exec", self.container(service), "sh", "-c", "kill -9 -1"], check=False, capture_output=True
        )
        self._wait(service, lambda state: state["RestartCount"] > before, "come back")

    def wait_healthy(self, service: str) -> None:
        """Wait until a container is well."""
        self._wait(service, lambda state: state["State"].get("Health", {}).get("Status") == "healthy", "healthy")

    def _wait(self, service: str, reached: Any, what: str) -> None:
        give_up_at = time.monotonic() + BACK_S
        while not reached(self.state(service)):
            if time.monotonic() > give_up_at:
                said = docker("logs", "--tail", "30", self.container(service))
                raise AssertionError(f"{service} is not {what}:\n{said}")
            time.sleep(POLL_S)

    def _gateway(self) -> str:
        network = json.loads(docker("network", "inspect", f"{self.project}_outside"))[0]
        return str(network["IPAM"]["Config"][0]["Gateway"])


def docker(*words: str, stdin: str | None = None) -> str:
    """One call of the engine's client; its output.

    Raises:
        AssertionError: with what it said, when it failed.
    """
    done = subprocess.run(["docker", *words], check=False, capture_output=True, text=True, input=stdin)
    if done.returncode:
        raise AssertionError(f"docker {' '.join(words[:4])}: {done.stderr.strip()}")
    return done.stdout


def copy_checkout(source: Path, target: Path) -> None:
    """Copy what is or could be committed: no .env, no generated keys, no environment of this machine."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def _without(environment: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in names}


def _read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 our own loopback address
        return json.loads(answer.read())
