"""The data folder of the one-process mode: four databases, files, and keys that were made here and nowhere else."""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SEED_BYTES = 32


class FolderInUse(Exception):
    """Another process runs the suite on this data folder."""


def base64url(raw: bytes) -> str:
    """Base64url without padding, as keys are written everywhere in the suite."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of a base64url text without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class DataFolder:
    """Where the one-process mode keeps everything; deleting it starts over."""

    root: Path

    def prepare(self) -> "DataFolder":
        """Make the folder, readable by its owner only: it holds keys and people's data."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / "keys").mkdir(exist_ok=True, mode=0o700)
        return self

    def hold(self) -> IO[bytes]:
        """Take the folder for this process until the file returned is closed; a killed process lets go of it.

        Raises:
            FolderInUse: when another process holds it. Two relays on one SQLite file would both believe they lead.
        """
        file = (self.root / "suite.lock").open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise FolderInUse(f"another process runs the suite on {self.root}.") from None
        return file

    def database_url(self, service: str) -> str:
        """The SQLite address of a service's own database."""
        return f"sqlite:///{self.root.resolve() / service}.db"

    def files(self, service: str) -> Path:
        """The folder of a service's files."""
        return self.root / "files" / service

    def seed(self, name: str) -> str:
        """The Ed25519 seed called ``name`` (base64url), made on first use and kept."""
        return self.secret(name, lambda: base64url(secrets.token_bytes(SEED_BYTES)))

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """The secret called ``name``: what ``make`` gave the first time, ever since."""
        path = self.root / "keys" / f"{name}.key"
        if not path.exists():
            # Written whole under another name first: a kill in between must not leave half a key.
            draft = path.with_suffix(".new")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(make())
            draft.rename(path)
        return path.read_text(encoding="ascii")


def public_half(seed: str) -> str:
    """The public key (base64url) that belongs to an Ed25519 seed (base64url)."""
    key = Ed25519PrivateKey.from_private_bytes(from_base64url(seed))
    return base64url(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
