"""Programs that the benchmarks start, with their output kept for when they fail, ended together with their children."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
_READY_S = 60.0
_END_S = 30.0


def run(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """A program to its end.

    Raises:
        RuntimeError: when it failed, with the last lines that it wrote.
    """
    done = subprocess.run(words, env=os.environ | environment, cwd=ROOT, check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{words} failed: {(done.stdout + done.stderr)[-3000:].decode(errors='replace')}")


@contextmanager
def running(
    words: Sequence[str], environment: Mapping[str, str], ready: Callable[[], bool] = lambda: True
) -> Iterator[int]:
    """A program that is ready; gives its process id.

    Raises:
        RuntimeError: when it ended or was not ready in time, with the last lines that it wrote.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            words, env=os.environ | environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        try:
            deadline = time.monotonic() + _READY_S
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{words} did not start: {log.read()[-3000:].decode(errors='replace')}")
                time.sleep(0.1)
            yield process.pid
        finally:
            _end(process)


class Enqueuers:
    """Several processes that enqueue: each says that it is ready, waits for the start, and ends when it is done."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], count: int) -> None:
        self._processes = [
            subprocess.Popen(
                words,
                env=os.environ | environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
            for _ in range(count)
        ]

    def await_ready(self) -> None:
        """Block until each has enqueued its first one."""
        for process in self._processes:
            said = process.stdout.readline() if process.stdout else b""
            if said != b"ready\n":
                raise RuntimeError(f"{process.args!r} did not start")

    def start(self) -> None:
        """Let all begin."""
        for process in self._processes:
            if process.stdin:
                process.stdin.write(b"\n")
                process.stdin.flush()

    def check(self) -> None:
        """Raise when one of them failed."""
        if any(process.poll() not in (None, 0) for process in self._processes):
            raise RuntimeError("an enqueuing process failed; what it wrote stands above")

    def close(self) -> None:
        """End those that are still at work."""
        for process in self._processes:
            _end(process)
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process and its children: asked first, then made to."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
