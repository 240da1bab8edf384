"""What the machine is, and what its processes use: read from /proc where there is one."""

import os
import platform
import resource
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # fields of /proc/*/stat behind the name, see proc(5)


def description(postgres: PostgresServer, rabbit: RabbitServer) -> dict[str, Any]:
    """Cores, memory and versions; nothing that names the machine."""
    with psycopg.connect(postgres.url("postgres")) as connection:
        server = connection.info.server_version
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": f"{server // 10_000}.{server % 10_000}",
        "rabbitmq": rabbit.api("GET", "/overview")["rabbitmq_version"],
        "psycopg": version("psycopg"),
        "pika": version("pika"),
        "peewee": version("peewee"),
    }


def peak_mib() -> float:
    """The most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


class CpuMeter:
    """CPU seconds of groups of processes, each with all of its descendants, from one moment to another."""

    def __init__(self, groups: Mapping[str, Iterable[int]]) -> None:
        self._groups = {name: set(pids) for name, pids in groups.items()}
        self._first = self._read()

    def seconds(self) -> dict[str, float]:
        """Used since the beginning, by group; processes that ended meanwhile are not counted."""
        now = self._read()
        used = dict.fromkeys(self._groups, 0.0)
        for pid, (name, spent) in now.items():
            used[name] += spent - self._first.get(pid, (name, 0.0))[1]
        return used

    def _read(self) -> dict[int, tuple[str, float]]:
        stats = {int(path.name): fields for path in _PROC.glob("[0-9]*") if (fields := _stat(path)) is not None}
        found: dict[int, tuple[str, float]] = {}
        for pid, fields in stats.items():
            for name, roots in self._groups.items():
                if _descends(pid, roots, stats):
                    found[pid] = (name, (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS_PER_S)
        return found


def _stat(path: Path) -> list[str] | None:
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _descends(pid: int, roots: set[int], stats: Mapping[int, list[str]]) -> bool:
    while pid in stats:
        if pid in roots:
            return True
        pid = int(stats[pid][_PARENT])
    return False
