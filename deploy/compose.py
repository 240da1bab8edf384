"""`make up` and `make down`: the containers of one machine, with secrets made here and kept in `.env`.

`python -m deploy.compose up` in the environment that deploy/setup.py makes, because keys are made with the suite's own
libraries. What is written stands in deploy/compose_files.py.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.compose_files import Files, FilesError

ROOT = Path(__file__).resolve().parent.parent
HEALTHY_S = 600  # a small machine that also builds for others needs minutes until the last of twelve is well
POLL_S = 1.0
DEFINITIONS = "/gongzheng/definitions/definitions.json"  # inside the broker's container


class ComposeError(Exception):
    """What stands in the way, in one sentence."""


def main(argv: list[str] | None = None) -> int:
    """Bring the containers up, or down; 0 when that is done."""
    parser = argparse.ArgumentParser(description="Containers of one machine.")
    parser.add_argument("target", choices=["up", "down", "files"], help="files: only renew what `up` writes.")
    target = parser.parse_args(argv).target
    files = Files(ROOT)
    try:
        if target == "files":
            files.write(os.environ)
        elif target == "up":
            up(files)
        else:
            down(files)
    except (ComposeError, FilesError) as error:
        print(f"gongzheng: {error}", file=sys.stderr)
        return 1
    return 0


def up(files: Files) -> None:
    """Write what is missing, build, start, wait, and say where to look."""
    compose = compose_command()
    refuse_other_secrets(files)
    files.write(os.environ)
    settings = files.settings()
    refuse_other_port(settings)
    refuse_taken_ports(settings)
    # The broker reads its definitions when it starts; one that was running must hear of a new version's queues as well.
    declare = ["exec", "-T", "rabbitmq", "rabbitmqctl", "-q", "import_definitions", DEFINITIONS]
    steps: tuple[list[str], ...] = (["build"], ["up", "--detach", "--remove-orphans"], declare)
    for words in steps:
        if run([*compose, *words], settings):
            raise ComposeError(f"`{' '.join([*compose, *words])}` failed: see the lines above.")
    waiting = wait_healthy(settings["COMPOSE_PROJECT_NAME"], HEALTHY_S)
    if waiting:
        raise ComposeError(f"not healthy after {HEALTHY_S} s: {', '.join(waiting)}; `docker logs` of these says why.")
    print(f"Gongzheng 公正 is ready: {settings['PUBLIC_URL']} leads to the four services,", end=" ")
    print(f"caught mail is at http://127.0.0.1:{settings['MAIL_PORT']}.")
    if files.issues_tokens():
        options = f"--key deploy/generated/issuer.json --issuer {settings['ISSUER']} --subject me --role auditor"
        print(f"A token for trying out: .venv/bin/gongzheng token {options} --service cases")


def down(files: Files) -> None:
    """Stop the containers; the data stays."""
    compose = compose_command()
    if not files.env.exists():
        raise ComposeError("there is no .env here, so nothing was started from this folder.")
    if run([*compose, "down"], files.settings()):
        raise ComposeError(f"`{' '.join([*compose, 'down'])}` failed: see the lines above.")


# --- what stands in the way --------------------------------------------------------------------


def compose_command() -> list[str]:
    """Docker compose v2 where it is there, docker-compose where it is not; both read COMPOSE_FILE for further files.

    Raises:
        ComposeError: when there is neither, or no engine answers.
    """
    if not shutil.which("docker"):
        raise ComposeError("Docker is not installed on this machine: see https://docs.docker.com/engine/install/.")
    if not succeeds("docker", "info"):
        raise ComposeError("no Docker engine answers: start it, or let your user talk to it (group docker).")
    if succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise ComposeError("docker compose is missing: install your distribution's docker-compose-plugin.")


def refuse_other_secrets(files: Files) -> None:
    """New secrets would not open an old database: .env belongs to the data.

    Raises:
        ComposeError: when the data is there and .env is not.
    """
    if files.env.exists():
        return
    project = os.environ.get("COMPOSE_PROJECT_NAME", "gongzheng")
    volume = f"{project}_postgres-data"
    if succeeds("docker", "volume", "inspect", volume):
        raise ComposeError(
            f"there is no .env here, but the data of an earlier start (volume {volume}): put back the .env that belongs"
            f" to it, set COMPOSE_PROJECT_NAME to another name, or delete that data with `docker volume rm`."
        )


def refuse_other_port(settings: Mapping[str, str]) -> None:
    """PORT is asked for once; later it stands in .env, together with the address that services believe to have.

    Raises:
        ComposeError: when another one is asked for.
    """
    asked = os.environ.get("PORT", settings["PORT"])
    if asked != settings["PORT"]:
        raise ComposeError(
            f"PORT={asked} was asked for, but .env says {settings['PORT']} and is never overwritten: "
            "change PORT and PUBLIC_URL there."
        )


def refuse_taken_ports(settings: Mapping[str, str]) -> None:
    """Told before a build of minutes, not after it.

    Raises:
        ComposeError: when somebody else listens on one of our ports.
    """
    for name, service, host in (
        ("PORT", "proxy", settings.get("LISTEN", "127.0.0.1")),
        ("MAIL_PORT", "mail", "127.0.0.1"),
    ):
        port = int(settings[name])
        if is_taken(host, port) and service not in running(settings["COMPOSE_PROJECT_NAME"]):
            raise ComposeError(f"port {port} of {host} is taken: change {name} in .env, or end who listens there.")


def is_taken(host: str, port: int) -> bool:
    """Whether nobody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            # Anything else, such as a low port, is the engine's business: it has other rights than we.
            return error.errno == errno.EADDRINUSE
    return False


# --- the engine --------------------------------------------------------------------------------


def run(words: list[str], settings: Mapping[str, str]) -> int:
    """Run compose; its words stay on the screen. What stands in .env goes before what the shell happens to hold."""
    return subprocess.run(words, cwd=ROOT, check=False, env={**os.environ, **settings}).returncode


def succeeds(*words: str) -> bool:
    """Whether a command ends well; it is not shown."""
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


def running(project: str) -> dict[str, str]:
    """Service → state of health of the project's containers, such as "healthy" or "starting"."""
    ours = f"label=com.docker.compose.project={project}"
    listed = subprocess.run(
        ["docker", "ps", "--no-trunc", "--filter", ours, "--format", "{{json .}}"],
        check=False,
        capture_output=True,
        text=True,
    )
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    return {_service(row["Labels"]): _health(row["Status"]) for row in rows}


def _service(labels: str) -> str:
    pairs = (pair.partition("=") for pair in labels.split(","))
    return next(value for name, _, value in pairs if name == "com.docker.compose.service")


def _health(status: str) -> str:
    """From "Up 5 seconds (healthy)"."""
    for word in ("unhealthy", "healthy", "starting"):
        if word in status:
            return word
    return status.lower()


def wait_healthy(project: str, patience_s: float) -> list[str]:
    """What is not healthy when patience ends, with its state; [] when all are."""
    expected = services()
    give_up_at = time.monotonic() + patience_s
    while True:
        found = running(project)
        waiting = [f"{name} ({found.get(name, 'not running')})" for name in expected if found.get(name) != "healthy"]
        if not waiting or time.monotonic() > give_up_at:
            return waiting
        time.sleep(POLL_S)


def services() -> list[str]:
    """The services that docker-compose.yml names: what stands indented by two below `services:`."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    below = text.split("\nservices:\n", 1)[1].split("\nnetworks:\n", 1)[0]
    return [line.strip(" :") for line in below.splitlines() if line.startswith("  ") and line[2:3].isalpha()]


if __name__ == "__main__":
    sys.exit(main())
