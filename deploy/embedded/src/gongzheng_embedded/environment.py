"""The environment of each service, made from one description of a deployment.

The one-process mode and the tests of the real mode both come through here, so a service is told the same things under
the same names wherever it runs.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gongzheng_embedded.folder import DataFolder, public_half
from gongzheng_embedded.people import SERVICES

OVERSIGHT_ORGANISATION = "oversight-office"  # the body that runs oversight in the demonstration


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Where everything is; ``brokers`` (service → address) is empty in the one-process mode."""

    folder: DataFolder
    databases: Mapping[str, str]
    public_urls: Mapping[str, str]
    issuer: str
    jwks: str
    mail_host: str
    mail_port: int
    brokers: Mapping[str, str] = field(default_factory=dict)
    embedded: bool = False

    def environment(self, service: str) -> dict[str, str]:
        """The variables of one service, with its prefix."""
        values: dict[str, Any] = {
            "DATABASE_URL": self.databases[service],
            "PUBLIC_URL": self.public_urls[service],
            "SOURCE": self.source(service),
            "ISSUER": self.issuer,
            "JWKS": self.jwks,
            "THROTTLE_KEY": self.folder.seed(f"{service}-throttle"),
            "SIGNING_KEY": self.folder.seed(f"{service}-events"),
            "TRUSTED_KEYS": str(self.trusted_keys_file()),
            "FILES_DIR": str(self.folder.files(service).resolve()),
            "EMBEDDED": str(self.embedded).lower(),
        }
        if service in self.brokers:
            values["AMQP_URL"] = self.brokers[service]
        values |= self._own(service)
        return {f"{service.upper()}_{name}": str(value) for name, value in values.items()}

    def source(self, service: str) -> str:
        """The CloudEvents source of a service's events: stable, whatever address it is reached under."""
        return f"https://gongzheng.example/{service}"

    def trusted_keys_file(self) -> Path:
        """The producers' public keys, as a file."""
        keys = {self.source(name): {"1": public_half(self.folder.seed(f"{name}-events"))} for name in SERVICES}
        path = (self.folder.root / "trusted-keys.json").resolve()
        text = json.dumps(keys, indent=1)
        # Services that run already may be reading it.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        return path

    def _own(self, service: str) -> dict[str, Any]:
        match service:
            case "oversight":
                return {
                    "ORGANISATION_ID": OVERSIGHT_ORGANISATION,
                    "MASTER_KEYS": f"first:{self.folder.seed('oversight-master')}",
                    "CODE_KEY": self.folder.seed("oversight-codes"),
                }
            case "cases":
                return {"CLOCK_EVERY_S": 2}  # whoever watches the demonstration should not wait for a minute
            case "notifications":
                return {
                    "SMTP_URL": f"smtp://{self.mail_host}:{self.mail_port}",
                    "MAIL_SENDER": "no-reply@gongzheng.example",
                    "SEALING_KEYS": f"first:{self.folder.seed('notifications-sealing')}",
                    # The demonstration's receiver listens on this machine; a real one is refused private networks.
                    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
                }
            case _:
                return {}


@contextmanager
def environ(values: Mapping[str, str]) -> Iterator[None]:
    """The process environment with these variables; as it was before when left."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
