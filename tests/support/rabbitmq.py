"""Private RabbitMQ on free ports, with names, cookie, data, logs and port mapper (epmd) of its own: node or cluster."""

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from base64 import b64encode
from contextlib import suppress
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
    unprivileged,
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
# Blank nodes that know one another's names become one cluster by themselves, in whatever order they start.
# Without "balanced" every queue would be led by the node at which it was declared.
_CLUSTER_CONFIG = """
cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = ignore
queue_leader_locator = balanced
"""
_PLUGINS = "[rabbitmq_management,rabbitmq_consistent_hash_exchange]."
_PLACES = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/rabbitmq/sbin/rabbitmq-server")
# One scheduler each, which sleeps when it has nothing to do: several nodes share the cores of one machine.
_MODEST = "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"
NODES = 3


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


class PortMapper:
    """Erlang's epmd on a port of its own, where the nodes of one broker find one another."""

    def __init__(self) -> None:
        found = shutil.which("epmd")
        if found is None:
            raise MissingServer("Erlang's epmd is not installed on this machine: apt-get install erlang-base.")
        self._program, self.port = found, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it unless it runs; it ends with the thread that called this."""
        if self._process is None or self._process.poll() is not None:
            words = [self._program, "-port", str(self.port), "-address", "127.0.0.1"]
            self._process = subprocess.Popen(
                as_unprivileged(words, dies_with_us=True),
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def close(self) -> None:
        """End it."""
        end(self._process, signal.SIGTERM, 5)


class Broker(ABC):
    """What a node and a cluster have in common: virtual hosts, and addresses as the services' settings take them."""

    user = password = "guest"  # RabbitMQ lets guest in from the loopback interface only

    def __init__(self) -> None:
        self._names = count(1)

    @abstractmethod
    def url(self, vhost: str = "/", user: str | None = None, password: str | None = None) -> str:
        """The address of one virtual host; of a cluster the addresses of all nodes, joined by commas."""

    @abstractmethod
    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of the management interface; returns the parsed answer, None when it has no body."""

    def create_vhost(self) -> str:
        """A fresh, empty virtual host; returns its name."""
        name = f"t{next(self._names)}-{secrets.token_hex(3)}"
        self.api("PUT", f"/vhosts/{name}", {})
        self.api("PUT", f"/permissions/{name}/{self.user}", {"configure": ".*", "write": ".*", "read": ".*"})
        return name

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host with everything in it."""
        self.api("DELETE", f"/vhosts/{name}")


class RabbitServer(Broker):
    """One node in a temporary folder; a context manager, and startable, killable and restartable by name.

    The arguments are for the nodes of a cluster: the mapper and the cookie that they share, further configuration and
    further arguments of the Erlang machine.
    """

    def __init__(
        self,
        *,
        mapper: PortMapper | None = None,
        cookie: str | None = None,
        port: int | None = None,
        config: str = "",
        machine: str = "",
    ) -> None:
        super().__init__()
        self._server = program("rabbitmq-server")
        self._owns_mapper, self._mapper = mapper is None, mapper or PortMapper()
        self._folder = private_folder("rabbitmq")
        self.log_file = self._folder / "log"
        self._node: subprocess.Popen[bytes] | None = None
        self.port, self.http_port = port or free_port(), free_port()
        self.name = node_name(self.port)
        (self._folder / "enabled_plugins").write_text(_PLUGINS)
        (self._folder / "rabbitmq.conf").write_text(_CONFIG.format(amqp=self.port, http=self.http_port) + config)
        (self._folder / "none").touch()
        if cookie is not None:
            self._write_cookie(cookie, unprivileged())
        self._env = self._environment(machine)

    def _write_cookie(self, cookie: str, owner: pwd.struct_passwd | None) -> None:
        file = self._folder / ".erlang.cookie"
        file.write_text(cookie)
        file.chmod(0o400)
        if owner is not None:
            os.chown(file, owner.pw_uid, owner.pw_gid)

    def _environment(self, machine: str) -> dict[str, str]:
        folder = self._folder
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(folder),  # the cookie lives here, so no other node can be mistaken for this one
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{127,0,0,1}} {machine}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._mapper.port),
            # Makes the script give way to the Erlang machine: the child we hold is the node itself.
            "RUNNING_UNDER_SYSTEMD": "1",
        }

    def start(self) -> Self:
        """Start and wait until it takes commands (5 to 15 s)."""
        return self.launch().await_ready()

    def launch(self) -> Self:
        """Start and do not wait. The node ends with the thread that called this, so that no run leaves one behind."""
        self._mapper.start()
        with self.log_file.open("ab") as log:
            self._node = subprocess.Popen(
                as_unprivileged([self._server], dies_with_us=True),
                env=self._env,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        return self

    def await_ready(self) -> Self:
        """Wait until it takes commands."""
        if self._node is None:
            raise ServerFailed("RabbitMQ was not launched")
        wait_until(self.answers, seconds=240, what="RabbitMQ", alive=self._node, log=self.log_file)
        return self

    @property
    def is_running(self) -> bool:
        """Whether its process is there, ready or not."""
        return self._node is not None and self._node.poll() is None

    def answers(self) -> bool:
        """Whether it takes commands."""
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

    def signal(self, number: signal.Signals) -> None:
        """Let it stand still (SIGSTOP) or go on (SIGCONT)."""
        if self._node is not None and self._node.poll() is None:
            self._node.send_signal(number)

    def restart(self) -> None:
        """Stop and start on the same ports with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the node and its port mapper and remove the folder; nothing is kept, so nothing is written down first."""
        self.kill()
        if self._owns_mapper:
            self._mapper.close()
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

    def ctl(self, *words: str) -> str:
        """Run one rabbitmqctl command against this node (2 s or more: it starts an Erlang machine of its own)."""
        command = as_unprivileged([program("rabbitmqctl"), *words])
        done = subprocess.run(command, check=True, env=self._env, cwd=self._folder, capture_output=True, timeout=60)
        return done.stdout.decode()

    def api(self, method: str, path: str, body: object = None, *, timeout_s: float = 15) -> Any:
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
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 as above
            text = answer.read()
        return json.loads(text) if text.strip() else None


class RabbitCluster(Broker):
    """Several nodes that are one broker; a context manager. ``nodes`` can be killed and started again one by one."""

    def __init__(self, size: int = NODES) -> None:
        super().__init__()
        self._mapper, cookie = PortMapper(), secrets.token_hex(12).upper()
        ports = [free_port() for _ in range(size)]
        peers = "".join(
            f"cluster_formation.classic_config.nodes.{n} = {node_name(port)}\n" for n, port in enumerate(ports, 1)
        )
        self.nodes = [
            RabbitServer(mapper=self._mapper, cookie=cookie, port=p, config=_CLUSTER_CONFIG + peers, machine=_MODEST)
            for p in ports
        ]

    def __enter__(self) -> Self:
        for node in self.nodes:
            node.launch()
        return self.await_ready()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def await_ready(self) -> Self:
        """Wait until all nodes take commands and each sees all others."""
        for node in self.nodes:
            node.await_ready()
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            if all(self._sees_all(node) for node in self.nodes):
                return self
            time.sleep(0.1)
        raise ServerFailed("the nodes of RabbitMQ did not become one cluster")

    def _sees_all(self, node: RabbitServer) -> bool:
        with suppress(OSError, urllib.error.HTTPError):
            return sum(bool(seen["running"]) for seen in node.api("GET", "/nodes")) == len(self.nodes)
        return False

    def close(self) -> None:
        """End all nodes and remove their folders."""
        for node in self.nodes:
            node.close()
        self._mapper.close()

    def url(self, vhost: str = "/", user: str | None = None, password: str | None = None) -> str:
        """The addresses of all nodes, joined by commas."""
        return ",".join(node.url(vhost, user, password) for node in self.nodes)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """One call of the management interface, at the first node that answers."""
        *others, last = [node for node in self.nodes if node.is_running] or self.nodes
        for node in others:
            with suppress(urllib.error.URLError, TimeoutError, ConnectionError):
                return node.api(method, path, body)
        return last.api(method, path, body)

    def create_vhost(self) -> str:
        """A fresh, empty virtual host that is up on every node; returns its name."""
        name = super().create_vhost()
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            states = self.api("GET", f"/vhosts/{name}").get("cluster_state", {})
            down = [node.name for node in self.nodes if states.get(node.name) != "running"]
            if not down:
                return name
            # A node that has just joined may have missed it.
            for node in down:
                with suppress(urllib.error.HTTPError):
                    self.api("POST", f"/vhosts/{name}/start/{node}")
            time.sleep(0.1)
        raise ServerFailed(f"the virtual host {name} did not start on every node")

    def leader_of(self, queue: str, vhost: str) -> RabbitServer | None:
        """The node that leads a quorum queue now; None while there is no leader."""
        leader = self.api("GET", f"/queues/{quote(vhost, safe='')}/{queue}").get("leader")
        return next((node for node in self.nodes if node.name == leader), None)


def node_name(port: int) -> str:
    """What a node is called among its like."""
    return f"gz{port}@localhost"
