"""``gongzheng doctor``: what is missing on this machine, each in one sentence that says how to get it."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from gongzheng.db.connect import ensure_connected
from gongzheng.db.migrate import MigrationError, pending
from gongzheng.runtime import Service
from gongzheng.settings import SettingsError

PYTHON_MIN = (3, 11)
CONNECT_TIMEOUT_S = 3
_PROGRAMS = {
    "postgres": ("PostgreSQL", "apt-get install postgresql"),
    "rabbitmq-server": ("RabbitMQ", "apt-get install rabbitmq-server"),
}
_DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


@click.command()
@click.option("--service", "services", multiple=True, help="A service to look at; by default all that are configured.")
def doctor(services: tuple[str, ...]) -> int:
    """Say what is missing, each in one sentence; exit status 1 when something is."""
    from gongzheng.cli import service_names  # noqa: PLC0415 the command line imports the commands

    findings = [*_machine(), *(f for name in services or _configured(service_names()) for f in _service(name))]
    for finding in findings:
        click.echo(f"- {finding}")
    if not findings:
        click.echo("Nothing is missing.")
    return 1 if findings else 0


def _configured(names: list[str]) -> list[str]:
    return [name for name in names if f"{name.upper()}_DATABASE_URL" in os.environ]


def _machine() -> Iterator[str]:
    if sys.version_info < PYTHON_MIN:
        yield f"Python {PYTHON_MIN[0]}.{PYTHON_MIN[1]} or newer is needed; this is {sys.version.split()[0]}."
    for program, (name, how) in _PROGRAMS.items():
        if not (shutil.which(program) or (program == "postgres" and _DEBIAN_POSTGRES.is_dir())):
            yield f"{name} is not installed here, which only the full tests and the real mode need: {how}."


def _service(name: str) -> Iterator[str]:
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands

    try:
        service = load_service(name)
    except SettingsError as error:
        yield str(error)
        return
    for check in (_database, _migrations, _broker, _files):
        finding = check(service)
        if finding:
            yield f"{name}: {finding}"


def _database(service: Service) -> str | None:
    try:
        ensure_connected(service.database)
    except Exception as error:  # noqa: BLE001 a driver raises what it likes; the person needs the sentence
        return f"the database cannot be reached ({type(error).__name__}); check {service.name.upper()}_DATABASE_URL."
    return None


def _migrations(service: Service) -> str | None:
    if _database(service):
        return None
    try:
        waiting = pending(service.database, service.migrations)
    except MigrationError as error:
        return str(error)
    return f"{len(waiting)} migrations are waiting; run `gongzheng migrate {service.name}`." if waiting else None


def _broker(service: Service) -> str | None:
    if not service.settings.amqp_url:
        return None
    parts = urlsplit(service.settings.amqp_url)
    try:
        with socket.create_connection((parts.hostname, parts.port or 5672), timeout=CONNECT_TIMEOUT_S):
            return None
    except OSError as error:
        return f"the broker at {parts.hostname} cannot be reached ({error.strerror or error})."


def _files(service: Service) -> str | None:
    folder = service.settings.files_dir
    if folder and not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written; make it and give it to this user."
    return None


COMMANDS = (doctor,)
