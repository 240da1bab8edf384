"""A private RabbitMQ node on free ports, with its own name, cookie, data, log and port mapper (epmd)."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tests.support.common import (
    MissingServer,
    ServerFailed,
    as_unprivileged,
    end,
    free_port,
    private_folder,
    wait_until,
)

_CONFIG = """
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {http}
management.rates_mode = none
log.file = false
log.console = true
log.console.level = warning
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 64000000
"""
_PLUGINS = "[rabbitmq_management,rabbitmq_consistent_hash_exchange]."
_PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server")


def program(name: str) -> str:
    """The path of one of RabbitMQ's scripts: those of the distribution itself, not Debian's wrapper for systemd.

    Raises:
        MissingServer: when RabbitMQ is not installed.
    """
    for place in _PLACES:
        script = Path(place).with_name(name)
        if script.exists():
            return str(script)
    found = shutil.which(name)
    if found is None:
        raise MissingServer("RabbitMQ is not installed on this machine: apt-get install rabbitmq-server.")
    return found


class RabbitServer:
    """One node in a temporary folder; a context manager, and startable, killable and restartable by name."""

    def __init__(self) -> None:
        self._server = program("rabbitmq-server")
        epmd = shutil.which("epmd")
        if epmd is None:
            raise MissingServer("Erlang's epmd is not installed on this machine: apt-get install erlang-base.")
        self._epmd_program = epmd
        self._folder = private_folder("rabbitmq")
        self._log = self._folder / "log"
        self._names = count(1)
        self._node: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self.port, self.http_port, self._epmd_port = free_port(), free_port(), free_port()
        self.user, self.password = "guest", "guest"  # RabbitMQ lets guest in from the loopback interface only
        (self._folder / "enabled_plugins").write_text(_PLUGINS)
        (self._folder / "rabbitmq.conf").write_text(_CONFIG.format(amqp=self.port, http=self.http_port))
        (self._folder / "none").touch()
        self._env = self._environment()

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(folder),  # the cookie lives here, so no other node can be mistaken for this one
            "RABBITMQ_NODENAME": f"gz{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            # Makes the script give way to the Erlang machine: the child we hold is the node itself.
            "RUNNING_UNDER_SYSTEMD": "1",
        }

    def start(self) -> Self:
        """Start and wait until it takes commands (5 to 15 s)."""
        return self.launch().await_ready()

    def launch(self) -> Self:
        """Start and do not wait. The node ends with the thread that called this, so that no run leaves one behind."""
        with self._log.open("ab") as log:
            if self._epmd is None or self._epmd.poll() is not None:
                words = [self._epmd_program, "-port", str(self._epmd_port), "-address", "127.0.0.1"]
                self._epmd = self._spawn(words, log.fileno())
            self._node = self._spawn([self._server], log.fileno())
        return self

    def await_ready(self) -> Self:
        """Wait until it takes commands."""
        if self._node is None:
            raise ServerFailed("RabbitMQ was not launched")
        wait_until(self._answers, seconds=120, what="RabbitMQ", alive=self._node, log=self._log)
        return self

    def _spawn(self, words: list[str], log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            as_unprivileged(words, dies_with_us=True),
            env=self._env,
            cwd=self._folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )

    def _answers(self) -> bool:
        try:
            self.api("GET", "/health/checks/local-alarms")
            self.api("GET", "/health/checks/virtual-hosts")
        except (OSError, urllib.error.HTTPError):
            return False
        return True

    def stop(self) -> None:
        """End the node in good order; queues and messages stay on disk."""
        end(self._node, signal.SIGTERM, 30)

    def kill(self) -> None:
        """End the node as a crash would."""
        if self._node is not None and self._node.poll() is None:
            self._node.kill()
            self._node.wait()

    def restart(self) -> None:
        """Stop and start on the same ports with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the node and its port mapper and remove the folder; nothing is kept, so nothing is written down first."""
        self.kill()
        end(self._epmd, signal.SIGTERM, 5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def url(self, vhost: str = "/", user: str | None = None, password: str | None = None) -> str:
        """The address of one virtual host, as the services' settings take it."""
        return f"amqp://{user or self.user}:{password or self.password}@127.0.0.1:{self.port}/{quote(vhost, safe='')}"

    def create_vhost(self) -> str:
        """A fresh, empty virtual host; returns its name."""
        name = f"t{next(self._names)}-{secrets.token_hex(3)}"
        self.api("PUT", f"/vhosts/{name}", {})
        self.api("PUT", f"/permissions/{name}/{self.user}", {"configure": ".*", "write": ".*", "read": ".*"})
        return name

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host with everything in it."""
        self.api("DELETE", f"/vhosts/{name}")

    def ctl(self, *words: str) -> str:
        """Run one rabbitmqctl command against this node (2 s or more: it starts an Erlang machine of its own)."""
        command = as_unprivileged([program("rabbitmqctl"), *words])
        done = subprocess.run(command, check=True, env=self._env, cwd=self._folder, capture_output=True, timeout=60)
        return done.stdout.decode()

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of the management interface; returns the parsed answer, None when it has no body."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http_port}/api{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode(),
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 as above
            text = answer.read()
        return json.loads(text) if text.strip() else None
