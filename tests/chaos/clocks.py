"""Clocks that jump: each process gets a wall clock of its own, preloaded, that is off by what a file says.

Only what the wall clock says is false; waiting times, which the monotonic clock measures, stay as they are.
"""

import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
MISSING = "there is no C compiler on this machine: apt-get install gcc libc6-dev"


class Clocks:
    """One clock for each process of each service, right until told otherwise; their files lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._library = _compiled(self._folder)

    @property
    def can_jump(self) -> bool:
        """Whether the clocks could be made; without them :meth:`jump` has no effect."""
        return self._library is not None

    def environment(self, service: str, kind: str) -> Mapping[str, str]:
        """The variables with which a process reads its own clock."""
        if self._library is None:
            return {}
        self.jump(service, kind, 0)
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(self._file(service, kind))}

    def jump(self, service: str, kind: str, offset_s: int) -> None:
        """Set a clock off by so many seconds, at once."""
        file = self._file(service, kind)
        # Written in place: the processes have it mapped.
        with file.open("r+b" if file.exists() else "wb") as offset:
            offset.write(struct.pack("=q", offset_s))

    def _file(self, service: str, kind: str) -> Path:
        return self._folder / f"{service}-{kind}.clock"


def _compiled(folder: Path) -> Path | None:
    compiler, library = shutil.which("cc"), folder / "clock.so"
    if compiler is None:
        return None
    words = [compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(words, check=False, capture_output=True)
    return None if done.returncode else library
