"""Files by their SHA-256 in a folder: written once, never altered, never removed (APL 46, 47).

A file becomes visible under its name only when all its bytes are on the disk, so that a process that dies leaves at
most a nameless remainder in ``incoming``.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from cases.domain.errors import Unknown
from cases.handlers.ports import StoredFile

CHUNK_BYTES = 262_144
READ_ONLY = 0o440
_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """The store below one folder, which several processes may share."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def store(self, stream: BinaryIO) -> StoredFile:
        """Take in a stream in pieces; the same bytes are kept once."""
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=self._incoming, delete=False) as incoming:
            path = Path(incoming.name)
            try:
                while piece := stream.read(CHUNK_BYTES):
                    digest.update(piece)
                    size += len(piece)
                    incoming.write(piece)
                incoming.flush()
                os.fsync(incoming.fileno())
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        self._keep(path, digest.hexdigest())
        return StoredFile(sha256=digest.hexdigest(), size_bytes=size)

    def open(self, sha256: str) -> BinaryIO:
        """The bytes of a stored file.

        Raises:
            Unknown: when there is no such file.
        """
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Where a stored file lies, for reading only.

        Raises:
            Unknown: when there is no such file.
        """
        path = self._path(sha256)
        if not path.is_file():
            raise Unknown.thing("文件", "file")
        return path

    def _keep(self, incoming: Path, sha256: str) -> None:
        target = self._path(sha256)
        if target.exists():
            incoming.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.chmod(READ_ONLY)
        incoming.replace(target)
        for folder in (target.parent, target.parent.parent):
            _sync(folder)

    def _path(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise Unknown.thing("文件", "file")
        return self._root / sha256[:2] / sha256[2:4] / sha256


def _sync(folder: Path) -> None:
    """The name of a file is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
