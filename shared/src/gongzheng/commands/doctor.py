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
from gongzheng.messaging.drift import drift_by_looking, drift_by_management
from gongzheng.messaging.failures import Outage
from gongzheng.messaging.flow import OUTBOX_AGE_S_MAX, flow_report
from gongzheng.messaging.topology import TOPOLOGY
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
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option(
    "--management",
    default=None,
    metavar="URL",
    help="The broker's management interface, http(s)://user:password@host:15672, to compare everything with the table;"
    " by default <SERVICE>_MANAGEMENT_URL. Without it only what the service's own user can see.",
)
def doctor(services: tuple[str, ...], management: str | None) -> int:
    """Say what is missing, does not flow or differs at the broker, each in one sentence; exit status 1 if anything.

    Looks at this machine and at the services named, by default at all that are configured in the environment.
    """
    from gongzheng.cli import service_names  # noqa: PLC0415 the command line imports the commands

    wanted = services or _configured(service_names())
    findings = [*_machine(), *(finding for name in wanted for finding in _service(name, management))]
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


def _service(name: str, management: str | None) -> Iterator[str]:
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
    yield from (f"{name}: {finding}" for finding in (*_flow(service), *_drift(service, management)))


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


def _flow(service: Service) -> Iterator[str]:
    """What does not flow, as ``/health/flow`` has it."""
    if _database(service) or _migrations(service):
        return
    settings = service.settings
    report = flow_report(service.mechanism, settings.flow_silence_s, settings.expect_events)
    if report["outbox_age_s"] > OUTBOX_AGE_S_MAX:
        yield f"events have waited for the broker for {report['outbox_age_s']} s; is the worker's relay running?"
    if report["parked_events"]:
        yield (
            f"{report['parked_events']} events wait in parked lanes, the oldest for {report['parked_age_s']} s; see"
            f" `gongzheng lanes list {service.name}`."
        )
    for stream in report["silent_streams"]:
        yield f"no event of {stream} for longer than {service.name.upper()}_EXPECT_EVENTS allows."


def _drift(service: Service, management: str | None) -> Iterator[str]:
    """What the broker has otherwise than the table."""
    settings = service.settings
    if not settings.amqp_url or _broker(service):
        return
    topology = TOPOLOGY.with_partitions(service.name, settings.partitions)
    where = management or settings.management_url
    try:
        if where:
            yield from (f"{text}." for text in drift_by_management(where, settings.amqp_url, service.name, topology))
        else:
            yield from (f"{text}." for text in drift_by_looking(settings.amqp_url, service.name, topology))
    except (OSError, ValueError, KeyError, Outage) as error:
        yield f"the broker's topology cannot be compared ({error})."


def _files(service: Service) -> str | None:
    folder = service.settings.files_dir
    if folder and not os.access(folder, os.W_OK):
        return f"the folder {folder} cannot be written; make it and give it to this user."
    return None


COMMANDS = (doctor,)
