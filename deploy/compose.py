"""`make up` and `make down`: the containers of one machine, with secrets made here and kept in `.env`.

Runs in the environment that deploy/setup.py makes, because keys are made with the suite's own libraries.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from gongzheng.http.tokens import generate_token_key, public_jwks
from gongzheng.messaging.topology import TOPOLOGY
from gongzheng_embedded.folder import base64url, public_half

ROOT = Path(__file__).resolve().parent.parent
ENV = ROOT / ".env"
GENERATED = ROOT / "deploy" / "generated"
SERVICES = ("cases", "fees", "oversight", "notifications")
SOURCE = "https://gongzheng.example"
HEALTHY_S = 600
SECRET_BYTES = 32


class ComposeError(Exception):
    """What stands in the way, in one sentence."""


def main(argv: list[str] | None = None) -> int:
    """Bring the containers up, or down; 0 when that is done."""
    parser = argparse.ArgumentParser(description="Containers of one machine.")
    parser.add_argument("target", choices=["up", "down", "files"])
    target = parser.parse_args(argv).target
    try:
        if target == "files":
            write_files()
            return 0
        compose = compose_command()
        if target == "down":
            return subprocess.run([*compose, "down"], cwd=ROOT, check=False).returncode
        write_files()
        up(compose)
    except ComposeError as error:
        print(f"gongzheng: {error}", file=sys.stderr)
        return 1
    return 0


def up(compose: list[str]) -> None:
    """Build, start, wait, and say where to look."""
    for words in (["build"], ["up", "--detach"]):
        if subprocess.run([*compose, *words], cwd=ROOT, check=False).returncode:
            raise ComposeError(f"`{' '.join([*compose, *words])}` failed: see the lines above.")
    settings = read_env()
    address = f"http://127.0.0.1:{settings['PORT']}"
    waiting = wait_healthy(address)
    if waiting:
        raise ComposeError(f"not ready after {HEALTHY_S} s: {', '.join(waiting)}; `{' '.join(compose)} logs` says why.")
    print(f"Gongzheng 公正 is ready: {address} leads to the four services, mail is at http://127.0.0.1:8025;")
    print("a token for trying out: `.venv/bin/gongzheng token --key deploy/generated/issuer.json --issuer", end=" ")
    print(f"{settings['ISSUER']} --subject me --role auditor --service cases`.")


def wait_healthy(address: str) -> list[str]:
    """The services that are not ready through the proxy in time; [] when all are."""
    waiting = list(SERVICES)
    give_up_at = time.monotonic() + HEALTHY_S
    while waiting and time.monotonic() < give_up_at:
        waiting = [name for name in waiting if not answers(f"{address}/{name}/health/ready")]
        time.sleep(1)
    return waiting


def answers(url: str) -> bool:
    """Whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 our own loopback address
            return bool(answer.status == 200)  # noqa: PLR2004 OK
    except OSError:
        return False


def compose_command() -> list[str]:
    """Docker compose v2 where it is there, docker-compose where it is not.

    Raises:
        ComposeError: when there is neither, or no engine answers.
    """
    if not shutil.which("docker"):
        raise ComposeError("Docker is not installed on this machine: see https://docs.docker.com/engine/install/.")
    if subprocess.run(["docker", "info"], check=False, capture_output=True).returncode:
        raise ComposeError("no Docker engine answers: start it, or let your user talk to it (group docker).")
    files = ["-f", "docker-compose.yml"]
    extra = os.environ.get("COMPOSE_OVERRIDE")
    if extra:
        files += ["-f", extra]
    if subprocess.run(["docker", "compose", "version"], check=False, capture_output=True).returncode == 0:
        return ["docker", "compose", *files]
    if shutil.which("docker-compose"):
        return ["docker-compose", *files]
    raise ComposeError("docker compose is missing: install the docker-compose-plugin of your distribution.")


def write_files() -> None:
    """Write `.env` and what the containers read, where they are not there yet; nothing is ever overwritten."""
    GENERATED.mkdir(mode=0o700, exist_ok=True)
    if not ENV.exists():
        write_private(ENV, "".join(f"{name}={value}\n" for name, value in fresh_settings().items()))
    settings = read_env()
    # Containers run as other users: what they mount must be readable to all of them. The folder above is not.
    for name in ("public", "rabbitmq"):
        (GENERATED / name).mkdir(mode=0o755, exist_ok=True)
    if not (GENERATED / "issuer.json").exists():
        key = generate_token_key("compose")
        write_private(GENERATED / "issuer.json", json.dumps(key.as_dict(private=True)))
        (GENERATED / "public" / "jwks.json").write_text(public_jwks(key), encoding="utf-8")
    keys = {f"{SOURCE}/{name}": {"1": public_half(settings[f"{name.upper()}_SIGNING_KEY"])} for name in SERVICES}
    (GENERATED / "public" / "trusted-keys.json").write_text(json.dumps(keys, indent=1), encoding="utf-8")
    (GENERATED / "rabbitmq" / "definitions.json").write_text(definitions(settings), encoding="utf-8")


def write_private(path: Path, text: str) -> None:
    """A file for its owner only; refuses to replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def fresh_settings() -> dict[str, str]:
    """Every variable that docker-compose.yml needs, secrets made at random."""
    port = os.environ.get("PORT", "8080")
    settings = {
        "COMPOSE_PROJECT_NAME": "gongzheng",
        "PORT": port,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SOURCE": SOURCE,
        "ISSUER": "gongzheng-compose",
        "JWKS": "/run/gongzheng/jwks.json",
        "SMTP_URL": "smtp://mail:1025",
        "MAIL_SENDER": "no-reply@gongzheng.example",
        "WEBHOOK_ALLOWED_NETWORKS": "",
        "OVERSIGHT_ORGANISATION_ID": "oversight-office",
        "POSTGRES_PASSWORD": secret(),
    }
    for name in SERVICES:
        for kind in ("DB_PASSWORD", "AMQP_PASSWORD", "SIGNING_KEY", "THROTTLE_KEY"):
            settings[f"{name.upper()}_{kind}"] = secret()
    settings["OVERSIGHT_MASTER_KEYS"] = f"first:{secret()}"
    settings["OVERSIGHT_CODE_KEY"] = secret()
    settings["NOTIFICATIONS_SEALING_KEYS"] = f"first:{secret()}"
    return settings


def secret() -> str:
    """32 random bytes, base64url: letters that need no quoting in a file or an address."""
    return base64url(secrets.token_bytes(SECRET_BYTES))


def read_env() -> dict[str, str]:
    """`.env` as docker compose reads it."""
    lines = ENV.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def definitions(settings: dict[str, str]) -> str:
    """RabbitMQ's definitions file: the suite's table of exchanges, queues, bindings and rights, and four users."""
    users = [
        {
            "name": name,
            "password_hash": password_hash(settings[f"{name.upper()}_AMQP_PASSWORD"]),
            "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": [],
        }
        for name in SERVICES
    ]
    return json.dumps(TOPOLOGY.definitions(users=users), indent=1)


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it: base64 of a 4-byte salt and SHA-256 of salt and password."""
    # The salt follows from the password, so that writing the file again changes nothing.
    salt = hashlib.sha256(f"salt:{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    sys.exit(main())
