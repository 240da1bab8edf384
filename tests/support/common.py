"""What the private servers share: free ports, an unprivileged user, children that do not outlive us."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_PORTS = (10_000, 32_000)
_given: set[int] = set()
_chance = random.SystemRandom()  # whatever a test run seeds: several run at once


class MissingServer(RuntimeError):
    """A program that the tests start is not on this machine; the text says which and how to get it."""


class ServerFailed(RuntimeError):
    """A private server did not come up; the text ends with the last lines of its log."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free and given to nobody else here.

    It lies below those that the system gives to outgoing connections: a server that is down would find such a port
    taken when it comes back.
    """
    while True:
        port = _chance.randrange(*_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def private_folder(name: str) -> Path:
    """A fresh folder in the temporary directory; owned by the unprivileged user when we are root."""
    folder = Path(tempfile.mkdtemp(prefix=f"gongzheng-{name}-"))
    user = unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def unprivileged() -> pwd.struct_passwd | None:
    """The user that a server runs as: None (ourselves) unless we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise MissingServer("root may not run PostgreSQL and this machine has no user named nobody: make one with useradd.")


def as_unprivileged(words: Sequence[str], *, dies_with_us: bool = False) -> list[str]:
    """The command with what drops root's rights and, where setpriv is there, ends it when this process ends."""
    user = unprivileged()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if user is None:
            return list(words)
        runuser = shutil.which("runuser")
        if runuser is None:
            raise MissingServer("root cannot start PostgreSQL without setpriv: apt-get install util-linux.")
        return [runuser, "-u", user.pw_name, "--", *words]
    prefix = [setpriv]
    if user is not None:
        prefix += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if dies_with_us:
        # A test run that is killed must not leave servers behind.
        prefix += ["--pdeathsig", "SIGTERM"]
    return [*prefix, *words] if len(prefix) > 1 else list(words)


def wait_until(
    ready: Callable[[], bool], *, seconds: float, what: str, alive: subprocess.Popen[bytes], log: Path
) -> None:
    """Poll until ready.

    Raises:
        ServerFailed: when the program ended or the time is over.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if alive.poll() is not None:
            raise ServerFailed(f"{what} ended with status {alive.returncode}:\n{tail(log)}")
        if ready():
            return
        time.sleep(0.05)
    raise ServerFailed(f"{what} was not ready in {seconds:.0f} s:\n{tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, or nothing."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def end(process: subprocess.Popen[bytes] | None, gently: signal.Signals, seconds: float) -> None:
    """Ask a child to end, and make it after a while."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(gently)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
