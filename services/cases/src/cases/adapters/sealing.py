"""Seals dossiers: a bundle in a file of its own that vanishes when it has been read."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from gongzheng.audit.bundle import BundleSigner, write_bundle


class BundleSealer:
    """Makes signed bundles with the service's key; large ones never lie in memory whole."""

    def __init__(self, signer: BundleSigner) -> None:
        self._signer = signer

    def seal(self, files: Mapping[str, bytes | Path], manifest: Mapping[str, Any]) -> BinaryIO:
        """The bundle, open for reading; its bytes are gone when it is closed."""
        with tempfile.TemporaryDirectory(prefix="dossier-") as folder:
            path = Path(folder) / "dossier.zip"
            write_bundle(path, files, self._signer, manifest)
            return path.open("rb")  # POSIX keeps the bytes until the last reader closes them
