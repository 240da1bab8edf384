"""``gongzheng serve SERVICE`` and ``gongzheng worker SERVICE``: the two kinds of process of a service."""

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

THREADS = 4
PORT_MAX = 65_535


@click.command()
@click.argument("service")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True, help="Threads per process.")
def serve(service: str, bind: str, workers: int, threads: int) -> None:
    """Serve the API and pages of SERVICE with gunicorn; this process becomes gunicorn."""
    from gongzheng.cli import load_service, service_entry  # noqa: PLC0415 the command line imports the commands

    load_service(service)  # a missing setting is told here, in one sentence, and not by each worker
    module = service_entry(service).module
    if workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=f"gongzheng-{service}-metrics-")
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:gongzheng.gunicorn_settings",
        "--bind",
        bind,
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        f"{module}:wsgi()",
    ]
    os.execv(sys.executable, command)  # noqa: S606 no shell, and every part is ours or checked


@click.command()
@click.argument("service")
@click.option(
    "--only",
    type=click.Choice(["relay", "consumer", "timers"]),
    multiple=True,
    help="Run only this part; may be given several times.",
)
@click.option(
    "--heartbeat",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Touch this file every few seconds while every part is at work, for a supervisor that looks at its age.",
)
@click.option(
    "--metrics",
    default=None,
    metavar="ADDRESS:PORT",
    help="Serve /metrics, /health/live and /health/ready of this process here; by default as the settings say.",
)
def worker(service: str, only: tuple[str, ...], heartbeat: Path | None, metrics: str | None) -> int:
    """Run what SERVICE does beside its API: publish, consume, retry, timers, sealing of the audit trail."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands
    from gongzheng.observability.logging import configure_logging  # noqa: PLC0415 only a process configures logging
    from gongzheng.runtime import worker_of  # noqa: PLC0415 brings the broker's client

    loaded = load_service(service)
    configure_logging(loaded.settings.log_level)
    running = worker_of(loaded, only=only)
    _http_of(loaded, running, metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.request_stop())
    running.start()
    return running.wait(heartbeat=heartbeat)


def _http_of(service: Any, running: Any, where: str | None) -> None:
    """Serve the worker's metrics and health, where the option or the settings say so, until the process ends.

    Raises:
        click.UsageError: when the address is malformed or taken.
    """
    settings = service.settings
    bind, port = settings.worker_http_bind, settings.worker_http_port
    if where is not None:
        bind, _, text = where.rpartition(":")
        if not bind or not text.isdigit() or not 0 < int(text) <= PORT_MAX:
            raise click.UsageError(f"--metrics takes ADDRESS:PORT, such as 127.0.0.1:9100, not {where!r}.")
        port = int(text)
    if not port:
        return
    from gongzheng.runtime import worker_http  # noqa: PLC0415 brings the broker's client

    try:
        worker_http(service, running, bind, port)
    except (OSError, OverflowError) as error:
        raise click.UsageError(f"{bind}:{port}: {getattr(error, 'strerror', None) or error}.") from None


COMMANDS = (serve, worker)
