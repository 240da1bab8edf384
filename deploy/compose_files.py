"""What the containers are told: `.env`, written once, and deploy/generated/, derived from it and the suite's tables."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from joserfc.jwk import OKPKey

from gongzheng.http.tokens import audience_of, generate_token_key, mint, public_jwks
from gongzheng.messaging.keys import TrustedKeys, keys_of, read_trusted, with_key, write_trusted
from gongzheng.messaging.topology import FOLLOWS, TOPOLOGY
from gongzheng.settings import PARTITIONS_MAX
from gongzheng_embedded.folder import base64url, public_half

SERVICES = ("cases", "fees", "oversight", "notifications")
SOURCE = "https://gongzheng.example"
ISSUER = "gongzheng-compose"
JWKS = "/run/gongzheng/public/jwks.json"
SECRET_BYTES = 32
FEED_TOKEN_DAYS = 366  # of the try-out's issuer only, and renewed whenever `make up` runs


class FilesError(Exception):
    """What contradicts what, in one sentence."""


class Files:
    """The files of one checkout."""

    def __init__(self, root: Path) -> None:
        self.env = root / ".env"
        self.generated = root / "deploy" / "generated"

    def write(self, environment: Mapping[str, str]) -> None:
        """Write what is missing; a value that stands in `.env` and a key are never overwritten.

        ``environment`` may name PORT, MAIL_PORT and COMPOSE_PROJECT_NAME for the first time.
        """
        self._complete_env(environment)
        settings = self.settings()
        self.generated.mkdir(mode=0o700, exist_ok=True)
        # Containers run as other users: what they mount must be readable to all of them. The folder above is not.
        for name in ("public", "rabbitmq", "feeds"):
            (self.generated / name).mkdir(mode=0o755, exist_ok=True)
        if not self._issuer.exists():
            key = generate_token_key("compose")
            write_private(self._issuer, json.dumps(key.as_dict(private=True)))
        replace(self.generated / "public" / "jwks.json", public_jwks(self._issuer_key()))
        self._trust_signing_keys(settings)
        replace(self.generated / "rabbitmq" / "definitions.json", definitions(settings))
        for name in SERVICES:
            (self.generated / "feeds" / name).mkdir(mode=0o755, exist_ok=True)
            if self.issues_tokens():
                replace(self.generated / "feeds" / name / "token", self._feed_token(name))

    def settings(self) -> dict[str, str]:
        """`.env` as docker compose reads it."""
        if not self.env.exists():
            return {}
        lines = self.env.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def issues_tokens(self) -> bool:
        """Whether the services believe the key that lies here, and not an identity provider."""
        return self.settings()["JWKS"] == JWKS

    @property
    def _issuer(self) -> Path:
        return self.generated / "issuer.json"

    def _issuer_key(self) -> OKPKey:
        return OKPKey.import_key(json.loads(self._issuer.read_text(encoding="utf-8")))

    def _complete_env(self, environment: Mapping[str, str]) -> None:
        """Add the variables that are not there: all of them the first time, a new version's new ones later."""
        there = self.settings()
        missing = {name: value for name, value in fresh_settings(environment).items() if name not in there}
        if not missing:
            return
        lines = "".join(f"{name}={value}\n" for name, value in missing.items())
        if not self.env.exists():
            write_private(self.env, lines)
            return
        text = self.env.read_text(encoding="utf-8")
        with self.env.open("a", encoding="utf-8") as file:
            file.write(lines if text.endswith("\n") or not text else f"\n{lines}")

    def _trust_signing_keys(self, settings: Mapping[str, str]) -> None:
        """Publish each service's signing key under its id; those of before stay, for events that they signed.

        Raises:
            FilesError: when a key was changed and its id was not.
        """
        path = self.generated / "public" / "trusted-keys.json"
        trusted: TrustedKeys = read_trusted(path.read_text(encoding="utf-8")) if path.exists() else {}
        for name in SERVICES:
            variable, source = f"{name.upper()}_SIGNING_KEY", f"{settings['SOURCE']}/{name}"
            (key,) = keys_of({settings[f"{variable}_ID"]: public_half(settings[variable])})
            there = {known.key_id: known.raw for known in trusted.get(source, ())}
            if key.key_id not in there:
                trusted = with_key(trusted, source, key)
            elif there[key.key_id] != key.raw:
                raise FilesError(f"{variable} was changed: give it another {variable}_ID in .env as well.")
        replace(path, write_trusted(trusted))

    def _feed_token(self, consumer: str) -> str:
        """One token for all feeds that a service may ask: `aud` is a list, in which each producer finds itself."""
        producers = sorted({producer for producer, _ in FOLLOWS[consumer]})
        return mint(
            self._issuer_key(),
            issuer=self.settings()["ISSUER"],
            audience=[audience_of(producer) for producer in producers],
            subject=f"feed-reader-{consumer}",
            roles=["system.feed"],
            agent=True,
            ttl_s=FEED_TOKEN_DAYS * 86_400,
        )


def fresh_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Every variable that docker-compose.yml needs, secrets made at random."""
    port = environment.get("PORT", "8080")
    settings = {
        "COMPOSE_PROJECT_NAME": environment.get("COMPOSE_PROJECT_NAME", "gongzheng"),
        "PORT": port,
        "MAIL_PORT": environment.get("MAIL_PORT", "8025"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SOURCE": SOURCE,
        "ISSUER": ISSUER,
        "JWKS": JWKS,
        "SMTP_URL": "smtp://mail:1025",
        "MAIL_SENDER": "no-reply@gongzheng.example",
        "WEBHOOK_ALLOWED_NETWORKS": "",
        "OVERSIGHT_ORGANISATION_ID": "oversight-office",
        "POSTGRES_PASSWORD": secret(),
    }
    for name in SERVICES:
        for kind in ("DB_PASSWORD", "AMQP_PASSWORD", "SIGNING_KEY", "THROTTLE_KEY"):
            settings[f"{name.upper()}_{kind}"] = secret()
        settings[f"{name.upper()}_SIGNING_KEY_ID"] = "1"
        settings[f"{name.upper()}_PARTITIONS"] = "1"
    settings["FEES_VAULT_KEY"] = secret()
    settings["OVERSIGHT_MASTER_KEYS"] = f"first:{secret()}"
    settings["OVERSIGHT_CODE_KEY"] = secret()
    settings["NOTIFICATIONS_SEALING_KEYS"] = f"first:{secret()}"
    return settings


def secret() -> str:
    """32 random bytes, base64url: letters that need no quoting in a file or an address."""
    return base64url(secrets.token_bytes(SECRET_BYTES))


def write_private(path: Path, text: str) -> None:
    """A file for its owner only; refuses to replace one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def replace(path: Path, text: str) -> None:
    """A file that containers read, whole at every moment; left alone when nothing changed."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)  # whatever the umask
    draft.replace(path)


def definitions(settings: Mapping[str, str]) -> str:
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
    topology = TOPOLOGY
    for name in SERVICES:
        topology = topology.with_partitions(name, _partitions(settings, name))
    return json.dumps(topology.definitions(users=users), indent=1)


def _partitions(settings: Mapping[str, str], service: str) -> int:
    name = f"{service.upper()}_PARTITIONS"
    if not settings[name].isdigit() or not 1 <= int(settings[name]) <= PARTITIONS_MAX:
        raise FilesError(f"{name} must be a number from 1 to {PARTITIONS_MAX}.")
    return int(settings[name])


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it: base64 of a 4-byte salt and SHA-256 of salt and password."""
    # The salt follows from the password, so that writing the file again changes nothing.
    salt = hashlib.sha256(f"salt:{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
