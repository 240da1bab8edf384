"""Small disks that can be full: a file system in memory for each service's database, where we may mount."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gongzheng_embedded.people import SERVICES
from tests.support.common import private_folder, unprivileged
from tests.support.postgres import PostgresServer

SIZE = 1 << 30  # more than an hour's work writes; memory is taken only for what is written
TRIES = 20


class Disks:
    """A context manager. ``tablespaces`` (service → name) is empty where nothing may be mounted."""

    def __init__(self, postgres: PostgresServer) -> None:
        self._postgres = postgres
        self._folders: dict[str, Path] = {}
        self._full: set[str] = set()
        self._stack = ExitStack()
        self.tablespaces: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        made = {service: self._mount() for service in SERVICES}
        self._folders = {service: folder for service, folder in made.items() if folder is not None}
        self.tablespaces = {name: self._postgres.create_tablespace(folder) for name, folder in self._folders.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def can_be_full(self) -> bool:
        """Whether there are such disks."""
        return bool(self._folders)

    @property
    def is_any_full(self) -> bool:
        """Whether one of them is full now; PostgreSQL cannot recover on it then."""
        return bool(self._full)

    def set_full(self, service: str, *, full: bool) -> None:
        """From now on a service's database finds no space for another page, or finds it again."""
        folder = self._folders[service]
        (self._full.add if full else self._full.discard)(service)
        for _ in range(TRIES):
            # A file system in memory can shrink to what it holds; somebody may write between our look and that.
            space = os.statvfs(folder)
            used = (space.f_blocks - space.f_bfree) * space.f_frsize
            if _run("mount", "-o", f"remount,size={used if full else SIZE}", str(folder)):
                return

    def _mount(self) -> Path | None:
        folder = private_folder("disk")
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        user = unprivileged()
        if user is None or not _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)):
            return None
        # The server, which still has files open, ends after us.
        self._stack.callback(_run, "umount", "--lazy", str(folder))
        os.chown(folder, user.pw_uid, user.pw_gid)
        return folder


def _run(*words: str) -> bool:
    return shutil.which(words[0]) is not None and not subprocess.run(words, check=False, capture_output=True).returncode
